/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can be known on this kernel with the probes that attached, as data, so that a ledger needs
 * no tracer.
 */
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
	bool whole; /* the ledger is of the whole watch, not of an interval; set by the caller */
	bool received, completions, not_covered, retransmits, pin_attempts, switches, activities;
	const struct probe_status *probes; /* the tracer's */
	size_t probe_count;
	double advise_above;	 /* a share; advice on fewer bytes is left out; set by the caller */
	unsigned long long lost; /* events that could not be counted; set by the caller */
};

/* Fills in everything but what the caller sets, with the missed counts of this moment. */
void known__learn(struct known *known, struct tracer *tracer);
/* Nothing is known: a run without probes. */
void known__nothing(struct known *known);

bool probe__missed(const struct probe_status *probe);

/* Why a site has no number, from the probes that were refused: "skb_copy_ubufs: not permitted". */
void probes__why(const struct probe_status *probes, size_t count, enum site site, char *text,
		 size_t size);
/* The same for context switches. */
void probes__why_no_switches(const struct probe_status *probes, size_t count, char *text,
			     size_t size);

#endif
