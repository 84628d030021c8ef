/* SPDX-License-Identifier: GPL-2.0 */
/* --port and --peer: the connections that are counted. */
#ifndef HARNESS_ROW_FILTER_H
#define HARNESS_ROW_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/number.h"
#include "tracer/tracer.h"

struct row_filter {
	struct number_list ports; /* ports of either end; empty: every port */
	uint8_t peer[16];	  /* IPv6; an IPv4 address is mapped */
	unsigned int peer_bits;	  /* bits of `peer` that count; 0: every peer */
};

/* Parses "192.0.2.1", "10.0.0.0/8", "2001:db8::/32". 0 or -EINVAL with one line on stderr. */
int row_filter__parse_peer(struct row_filter *filter, const char *text);
bool row_filter__asks(const struct row_filter *filter);
/* Whether a row is a connection that is asked for. */
bool row_filter__passes(const struct row_filter *filter, const struct row *row);

#endif
