/* SPDX-License-Identifier: GPL-2.0 */
/* What --by makes a row of, besides a process and a connection. */
#ifndef HARNESS_WATCH_GROUP_H
#define HARNESS_WATCH_GROUP_H

#include "host/container.h"
#include "tracer/tracer.h"
#include "watch/watch_options.h"

struct watch_group {
	bool known;	       /* false: the process has ended, or there is no connection */
	char name[CGROUP_MAX]; /* a path, an address, or a container in words */
	struct container container;
};

/* Whether rows of one group are added up. */
bool watch_by__groups(enum watch_by by);
/* Whether the group is found in /proc. */
bool watch_by__is_of_process(enum watch_by by);
/* Finds the group of a row. */
void watch_group__of(enum watch_by by, const struct row *row, struct watch_group *group);

/* Pure: the address of the peer; an IPv4 address in IPv6 is IPv4. "": there is no connection. */
void row__peer(const struct row *row, char *text, size_t size);

#endif
