/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's functions that took received bytes without a copy to user memory. */
#ifndef HARNESS_READERS_H
#define HARNESS_READERS_H

#include <stddef.h>

#include "tracer/sites.h"
#include "tracer/symbols.h"

struct reader {
	enum cause_kind kind;	     /* CAUSE_READ: receive_read has the bytes; CAUSE_UNCOVERED */
	char function[SYMBOL_PLACE]; /* "nvme_tcp_recv_skb [nvme_tcp]" */
	unsigned long long bytes;
	unsigned long long calls;
};

struct readers {
	struct reader *reader; /* owned; free with readers__free() */
	size_t count;
};

/* Adds bytes to a reader, which it makes if new. 0 or -ENOMEM. */
int readers__add(struct readers *readers, enum cause_kind kind, const char *function,
		 const struct counter *counter);
int readers__merge(struct readers *readers, const struct readers *other);
/* Sorts by bytes, the biggest first. */
void readers__sort(struct readers *readers);
void readers__free(struct readers *readers);

#endif
