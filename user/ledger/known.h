/* SPDX-License-Identifier: GPL-2.0 */
/* What is known on this kernel with the probes that attached, as data: a ledger needs no tracer. */
#ifndef HARNESS_KNOWN_H
#define HARNESS_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "tracer/sites.h"
#include "tracer/tracer.h"

struct known {
	enum evidence evidence[SITE_COUNT];
	bool io_uring;		/* what passes through it is seen */
	bool timed[SITE_COUNT]; /* nanoseconds of these copies are counted */
	bool time;		/* and were asked for; the caller sets it */
	bool sequences;		/* what was sent is compared with the sockets' own numbers */
	bool rings;		/* what taps' rings take is counted */
	bool departures;	/* what left a device, or was dropped before, is counted */
	bool whole; /* of all that was watched, not of an interval; the caller sets it */
	bool received, completions, not_covered, retransmits, pin_attempts, switches, activities;
	const struct probe_status *probes; /* the tracer's */
	size_t probe_count;
	unsigned long long lost; /* events that could not be counted; the caller sets it */
};

/* Everything but what the caller sets; the missed counts as they are now. */
void known__learn(struct known *known, struct tracer *tracer);
/* Of a kernel, or a run, without any probe. */
void known__nothing(struct known *known);

bool probe__missed(const struct probe_status *probe);

/* Why a site has no number, from the probes that were refused: "skb_copy_ubufs: not permitted". */
void probes__why(const struct probe_status *probes, size_t count, enum site site, char *text,
		 size_t size);
/* The same for context switches. */
void probes__why_no_switches(const struct probe_status *probes, size_t count, char *text,
			     size_t size);

#endif
