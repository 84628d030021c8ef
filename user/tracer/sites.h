/* SPDX-License-Identifier: GPL-2.0 */
/* The site table as the user program reads it: names, meanings, evidence. */
#ifndef HARNESS_SITES_H
#define HARNESS_SITES_H

#include <linux/types.h>
#include <stdbool.h>

#include "base/side.h"
#include "bpf/shared.h"
#include "tracer/attach.h"

/* How a number is known. The order is from strongest to weakest. */
enum evidence {
	EVIDENCE_EXACT,		/* counted at the copy, by its result */
	EVIDENCE_DERIVED,	/* by difference, from exact parts */
	EVIDENCE_SELF_REPORTED, /* the program's own counter */
	EVIDENCE_KERNEL_FLAG,	/* the completion's COPIED bit, which is not bytes */
	EVIDENCE_UPPER_BOUND,
	EVIDENCE_UNAVAILABLE,
};

#define GROUP_ID(group, ...) GROUP_##group,
/* What stands or falls together: sites, and numbers beside them (bpf/sites.h). */
enum group {
	GROUPS(GROUP_ID) GROUP_COUNT,
	GROUP_NONE = GROUP_COUNT
};
#undef GROUP_ID

struct site_info {
	const char *name;
	const char *function; /* the kernel function that does it; "memcpy" of the program itself */
	const char *meaning;
	bool cpu_copy;	/* counts in copies per byte */
	bool part;	/* of what the calls of its side returned: counts in the residual */
	enum side side; /* the ledger it stands in */
	enum group group;
	enum evidence evidence[ATTACH_COUNT]; /* by the attach method that counts it */
};

extern const struct site_info sites[SITE_COUNT];

/*
 * Payload that was seen to leave the sender's socket, retransmits included, or to be dropped before
 * it could. Where a device below sends on all of it instead of the route's device, it left there.
 */
__u64 tally__departed(const struct tally *tally);

/* The word used in JSON and in the table; never NULL. */
const char *evidence__name(enum evidence evidence);

#endif
