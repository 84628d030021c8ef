/* SPDX-License-Identifier: GPL-2.0 */
/* The site table for user space: names, meanings, evidence. */
#ifndef HARNESS_SITES_H
#define HARNESS_SITES_H

#include <linux/types.h>
#include <stdbool.h>

#include "base/side.h"
#include "bpf/shared.h"
#include "tracer/attach.h"

/* How a number is known, the strongest evidence first. */
enum evidence {
	EVIDENCE_EXACT,		/* counted at the copy, by the function's result */
	EVIDENCE_DERIVED,	/* the difference of exact numbers */
	EVIDENCE_SELF_REPORTED, /* the program's own counter */
	EVIDENCE_KERNEL_FLAG,	/* the completion's COPIED flag, which is not bytes */
	EVIDENCE_UPPER_BOUND,
	EVIDENCE_UNAVAILABLE,
};

#define GROUP_ID(group, ...) GROUP_##group,
/* Groups of sites and extras that are counted together or not at all (bpf/sites.h). */
enum group {
	GROUPS(GROUP_ID) GROUP_COUNT,
	GROUP_NONE = GROUP_COUNT
};
#undef GROUP_ID

struct site_info {
	const char *name;
	const char *function; /* the kernel function that copies; "memcpy" for the program's own */
	const char *meaning;
	bool cpu_copy;	/* counts in copies per byte */
	bool part;	/* part of what its side's calls returned: counts in the residual */
	enum side side; /* the side that is charged */
	enum group group;
	enum evidence evidence[ATTACH_COUNT]; /* by attach method */
};

extern const struct site_info sites[SITE_COUNT];

/*
 * Payload that left the sender's socket, retransmits included, or was dropped before it left. If
 * another device than the route's sent all of it, it left there.
 */
__u64 tally__departed(const struct tally *tally);

/* The word used in JSON and in the table; never NULL. */
const char *evidence__name(enum evidence evidence);

#endif
