/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ledger of one run: what the sides reported and what the kernel counted, brought together and
 * checked. Pure: no system calls, so that every rule here is tested without root.
 */
#ifndef HARNESS_LEDGER_H
#define HARNESS_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traffic/runner.h"
#include "tracer/sites.h"
#include "tracer/causes.h"
#include "tracer/tracer.h"

struct site_value {
	enum evidence evidence; /* EVIDENCE_UNAVAILABLE: the rest means nothing: null, never 0 */
	uint64_t bytes;
	uint64_t calls;
};

/* A number that may be unknown. */
struct maybe {
	bool known;
	double value;
};

struct switches {
	bool known;
	uint64_t voluntary;
	uint64_t involuntary;
	bool blocked_known;		  /* the kernel tells what a thread was doing */
	uint64_t blocked_in[DOING_COUNT]; /* the voluntary ones, by what the thread was doing */
};

#define REASONS_MAX 16

struct ledger {
	/* what was asked: set by the caller */
	const char *path;    /* outlives the ledger */
	size_t combination;  /* of transport, size and threads, in the order of the lists */
	unsigned int repeat; /* from 1 */
	size_t sequence;     /* from 1, in the order the runs were made */
	unsigned int traced; /* enum trace bits */
	char uncounted[160]; /* why the path has copies that no probe counts; empty: it has not */
	/* the same, from the run's specification */
	const char *transport; /* static */
	enum run_mode mode;
	size_t message_bytes;
	unsigned int threads;
	unsigned int cores; /* that either side may run on; 0: unknown */
	bool verify;
	bool pinned;
	int cpu[SIDE_COUNT]; /* if pinned */
	/* what the sides say */
	struct run_result result;
	double throughput_gbps;	 /* payload received * 8 / seconds / 1e9 */
	struct maybe plain_gbps; /* the same of the twin without probes, set by the caller */
	double latency_mean_us;	 /* mean time of one message on one connection; of an answer, as
				    timed */
	/* what the kernel says */
	struct site_value site[SITE_COUNT];
	struct causes causes; /* of deferred_copy and tap_copy; owned */
	bool retransmit_known;
	uint64_t retransmit_bytes, retransmit_segments;
	struct maybe pin_attempted; /* bytes, __zerocopy_sg_from_iter */
	/*
	 * Bytes that tcp_collapse had copied within the receive queue before they were received. It
	 * may have done so twice, and what was collapsed is in no site: a lower bound of one.
	 */
	struct maybe collapsed;
	struct switches switches[SIDE_COUNT];
	/* what follows */
	struct maybe copies_per_byte;
	enum evidence copies_evidence;	   /* the weakest of its parts */
	struct maybe residual[SIDE_COUNT]; /* bytes, signed */
	/*
	 * With RUN_RR, of the requests, which are no payload and in no site: what the receiver sent
	 * less what the kernel took from it, and what the sender received less what it was given.
	 */
	struct maybe request_residual[SIDE_COUNT];
	bool valid;
	char *reasons[REASONS_MAX]; /* why it is invalid; owned strings */
	size_t reason_count;
	size_t missed_count; /* of those reasons, how many are events the probes missed, or follow
				from it */
	unsigned int tries;  /* how often the run was made until no event was missed, or no more */
	char *notes[REASONS_MAX]; /* plain sentences about surprises, computed; owned strings */
	size_t note_count;
};

/* What was counted of one side. */
struct side_counts {
	struct tally tally;
	struct causes causes;
};

/* What ledger__compose needs of the tracer, as data, so that it needs no tracer. */
struct observed {
	enum evidence evidence[SITE_COUNT];
	struct side_counts counts[SIDE_COUNT]; /* causes are taken over (moved) by the ledger */
	unsigned long long lost;	       /* events that could not be counted */
	bool switches_known;
	bool activities_known;
	bool retransmit_known;
	bool departures_known;
	bool pin_attempted_known;
	const struct probe_status *probes;
	size_t probe_count;
};

/*
 * Fills in everything but what the caller sets, and judges. observed may be NULL: nothing was
 * traced. Moves the causes out of observed.
 */
void ledger__compose(struct ledger *ledger, const struct run_spec *spec,
		     const struct run_result *result, struct observed *observed);
void ledger__free(struct ledger *ledger);

/* Adds a plain sentence. */
void ledger__note(struct ledger *ledger, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Why a site has no number, from the probes that were refused: "skb_copy_ubufs: not permitted". */
void probes__why(const struct probe_status *probes, size_t count, enum site site, char *text,
		 size_t size);
/* The same for context switches. */
void probes__why_no_switches(const struct probe_status *probes, size_t count, char *text,
			     size_t size);

#endif
