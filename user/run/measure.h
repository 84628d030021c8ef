/* SPDX-License-Identifier: GPL-2.0 */
/* Measures one run, with the runner and the tracer. */
#ifndef HARNESS_MEASURE_H
#define HARNESS_MEASURE_H

#include <stdbool.h>

#include "ledger/run_ledger.h"
#include "run/options.h"
#include "net/path.h"
#include "output/results.h"
#include "traffic/runner.h"
#include "tracer/tracer.h"

/*
 * The events that one probe missed in the runs that count; unknown if one of the runs has no count.
 */
struct misses {
	bool seen, unknown;
	unsigned long long events;
};

struct measure {
	const struct options *options; /* borrowed */
	const struct path *path;       /* likewise */
	int cancel_fd;		       /* becomes readable when no more runs are wanted */
	struct tracer *tracer;	       /* NULL: nothing is attached */
	struct rows *rows;	       /* likewise */
	double attach_seconds; /* seconds that the last attaching took: open, load, attach; 0: never
				  attached */
	/* Called, if set, before a run is done again: for progress. */
	void (*again)(void *context, const struct run_spec *spec, unsigned int try);
	void *context;
	bool proving;	     /* attach what proves the copies, too (proof_run.h) */
	unsigned int proved; /* a bit (1 << site) for each site whose copies were proved */
	bool by_kprobes;     /* other programs were skipped repeatedly, and no attach method was
				requested */
	/*
	 * their last state, with the events missed in the runs that count; owned, with their
	 * reasons
	 */
	struct probe_status *probes;
	size_t probe_count;
	struct misses *missed; /* of each probe; owned; NULL: no such run yet */
};

/* All return 0 or a negative errno, with one line on stderr. */

/*
 * Attaches the probes of the options, or detaches everything: a probe has a cost even while nothing
 * is counted, so a baseline run must have none.
 */
int measure__attach(struct measure *measure);
void measure__detach(struct measure *measure);
void measure__close(struct measure *measure);

/*
 * The probes, attached or no longer, with the events missed in all runs that count. Borrowed until
 * the next call of one of these functions.
 */
const struct probe_status *measure__probes(const struct measure *measure, size_t *count);

struct run_spec measure__spec(const struct measure *measure, const struct transport *transport,
			      size_t message_bytes, unsigned int threads);

/* Whether the session was interrupted. */
bool measure__cancelled(const struct measure *measure);

/*
 * In measure_count.c: one run from start to stop, counted if a tracer is attached. On success the
 * causes in counts are the caller's to free with side_counts__free(); `lost` is the number of
 * events that could not be counted.
 */
int measure__count(struct measure *measure, const struct run_spec *spec, struct run_result *result,
		   struct side_counts counts[SIDE_COUNT], unsigned long long *lost);

/* Warms up: the same traffic for a while, not counted. */
int measure__warm_up(struct measure *measure, const struct run_spec *spec);

/*
 * Makes the run and composes its ledger. The caller has set the requested values in the ledger.
 * -ECANCELED: interrupted.
 */
int measure__run(struct measure *measure, const struct run_spec *spec, struct run_ledger *ledger);

/*
 * Checks a transport's own count of memcpy against a uprobe. check->error has a negative errno if
 * that is impossible.
 */
int measure__watch_memcpy(struct measure *measure);
void measure__unwatch_memcpy(struct measure *measure);
/*
 * A short run by this transport, for a check. The causes in counts are the caller's to free with
 * side_counts__free(). `result` may be NULL.
 */
int measure__short_run(struct measure *measure, const struct transport *transport,
		       struct side_counts counts[SIDE_COUNT], struct run_result *result);
void side_counts__free(struct side_counts counts[SIDE_COUNT]);
int measure__check_memcpy(struct measure *measure, const struct transport *transport,
			  struct memcpy_check *check);

#endif
