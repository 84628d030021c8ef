/* SPDX-License-Identifier: GPL-2.0 */
/* The ledger of one run, with its options and what the two sides report. Pure. */
#ifndef HARNESS_RUN_LEDGER_H
#define HARNESS_RUN_LEDGER_H

#include "ledger/ledger.h"
#include "traffic/runner.h"

/* TCP's own count of a side, and that of the probes: two independent numbers. */
struct witness {
	bool tcp_known, counted_known;
	uint64_t tcp_bytes;
	uint64_t counted_bytes; /* sum of the sites that are part of the side */
};

struct run_ledger {
	struct ledger ledger;
	/* set by the caller: the options */
	const char *path;      /* borrowed; it outlives the ledger */
	size_t combination;    /* of transport, size and threads, in order of the lists */
	unsigned int repeat;   /* from 1 */
	size_t sequence;       /* from 1, in the order of the runs */
	unsigned int traced;   /* enum trace bits */
	struct xdp_copies xdp; /* of the path */
	/* set from the run_spec */
	const char *transport; /* static */
	enum run_mode mode;
	size_t message_bytes;
	unsigned int threads;
	unsigned int cores; /* CPUs that either side may run on; 0: unknown */
	bool verify;
	bool pinned;
	int cpu[SIDE_COUNT]; /* if pinned */
	/* what the two sides report */
	struct run_result result;
	double throughput_gbps;	    /* payload received * 8 / seconds / 1e9 */
	struct maybe baseline_gbps; /* the throughput of the baseline run, set by the caller */
	double latency_mean_us; /* mean time of a message on a connection; with RUN_RR, of an answer
				 */
	/* computed */
	struct witness witness[SIDE_COUNT];
	/*
	 * With RUN_RR, for requests, which are no payload and in no site: bytes that the receiver
	 * sent less the bytes that the kernel took, and bytes that the sender received less the
	 * bytes that it was given.
	 */
	struct maybe request_residual[SIDE_COUNT];
	unsigned int tries; /* runs made, until one missed no event or none was left */
};

/* What was counted of one side. */
struct side_counts {
	struct tally tally;
	struct times times; /* if time is traced */
	struct causes causes;
};

/* What the tracer counted in a run. */
struct observed {
	struct known known;
	struct side_counts counts[SIDE_COUNT];
};

/*
 * Sets all that the caller does not, and judges. `observed` may be NULL: nothing was traced. Its
 * causes are moved out of it.
 */
void run_ledger__compose(struct run_ledger *run, const struct run_spec *spec,
			 const struct run_result *result, struct observed *observed);
void run_ledger__free(struct run_ledger *run);

/* Whether both numbers are known and equal, or known and different. */
bool witness__agrees(const struct witness *witness);
bool witness__disagrees(const struct witness *witness);

/* In run_notes.c: adds the notes that only a run has. */
void run_ledger__add_notes(struct run_ledger *run);

#endif
