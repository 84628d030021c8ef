/* SPDX-License-Identifier: GPL-2.0 */
/* What --by makes one row of, beside a process and a connection. */
#ifndef HARNESS_WATCH_GROUP_H
#define HARNESS_WATCH_GROUP_H

#include "host/container.h"
#include "tracer/tracer.h"
#include "watch/watch_options.h"

struct watch_group {
	bool known;	       /* false: the process was gone, or there is no connection */
	char name[CGROUP_MAX]; /* a path, an address, a container in words */
	struct container container;
};

/* Rows of the kernel that are of one group become one. */
bool watch_by__groups(enum watch_by by);
/* The group is looked up in /proc. */
bool watch_by__is_of_process(enum watch_by by);
/* The group of a row of the kernel. */
void watch_group__of(enum watch_by by, const struct row *row, struct watch_group *group);

/* Pure: the address of the other end; an IPv4 address in IPv6 is IPv4. "": there is no connection.
 */
void row__peer(const struct row *row, char *text, size_t size);

#endif
