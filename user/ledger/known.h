/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can be known on this kernel with the probes that attached: plain data, so a ledger needs no
 * tracer.
 */
#ifndef HARNESS_KNOWN_H
#define HARNESS_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "tracer/sites.h"
#include "tracer/tracer.h"

struct known {
	enum evidence evidence[SITE_COUNT];
	bool io_uring;		/* sends inside io_uring are seen */
	bool timed[SITE_COUNT]; /* the copies of a site are timed */
	bool time;		/* time was asked for; set by the caller */
	bool sequences;		/* sent bytes are compared with sequence numbers */
	bool rings;		/* copies into taps' rings are counted */
	bool departures;	/* bytes that left, or were dropped before, are counted */
	bool own_sockets; /* of a run, which has only TCP sockets of its own; set by the caller */
	bool whole;	  /* the ledger is of a whole watch, not an interval; set by the caller */
	bool received, completions, not_covered, retransmits, pin_attempts, switches, activities;
	const struct probe_status *probes; /* the tracer's */
	size_t probe_count;
	double advise_above;	 /* a share of the bytes below which there is no advice; set by the
				    caller */
	unsigned long long lost; /* events that could not be counted; set by the caller */
};

/* Sets all that the caller does not, with the current missed counts. */
void known__learn(struct known *known, struct tracer *tracer);
/* Sets that nothing is known, for a run without probes. */
void known__nothing(struct known *known);

bool probe__missed(const struct probe_status *probe);

/*
 * Why a site has no number, from the probes that were refused, as "skb_copy_ubufs: not permitted".
 */
void probes__why(const struct probe_status *probes, size_t count, enum site site, char *text,
		 size_t size);
/* As probes__why(), for context switches. */
void probes__why_no_switches(const struct probe_status *probes, size_t count, char *text,
			     size_t size);

#endif
