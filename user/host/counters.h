/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The CPU's own counters of a process (perf_event_open(2), inherited by the threads that it starts,
 * with user and kernel separate), and the kernel's accounts of it (getrusage(2), clock_gettime(2),
 * /proc). A counter that a machine lacks is unknown, with its reason.
 */
#ifndef HARNESS_COUNTERS_H
#define HARNESS_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

enum counter_id {
	COUNTER_CYCLES,
	COUNTER_INSTRUCTIONS,
	COUNTER_CACHE_REFERENCES,
	COUNTER_CACHE_MISSES,
	COUNTER_L1D_LOAD_MISSES,
	COUNTER_LLC_LOAD_MISSES,
	COUNTER_DTLB_LOAD_MISSES,
	COUNTER_BRANCH_MISSES,
	COUNTER_TASK_CLOCK,
	COUNTER_CONTEXT_SWITCHES,
	COUNTER_MIGRATIONS,
	COUNTER_PAGE_FAULTS,
	COUNTERS
};

/* The mode of the CPU. Counters of the kernel's own events have only the first. */
enum counter_mode {
	MODE_USER,
	MODE_ALL = MODE_USER,
	MODE_KERNEL,
	COUNTER_MODES
};

struct reading {
	int error;	     /* negative errno: the rest means nothing */
	uint64_t value;	     /* as counted */
	uint64_t enabled_ns; /* how long it was enabled, over all threads */
	uint64_t running_ns; /* how long it counted: less when the CPU has too few counters for all
				at once */
};

struct readings {
	struct reading reading[COUNTERS][COUNTER_MODES];
};

/* The key in JSON: "cycles", "task_clock_ns". */
const char *counter__name(enum counter_id id);
/* Whether user and kernel have separate counts. */
bool counter__is_split(enum counter_id id);

/* Pure: scaled to the whole time; false when unknown. */
bool reading__scaled(const struct reading *reading, double *value);
/* The sum of both modes. */
bool readings__total(const struct readings *readings, enum counter_id id, double *value);
/* Why it is not known, as a code and in words: static; NULL when it is known. */
const char *reading__code(const struct reading *reading);
const char *reading__why(const struct reading *reading);

struct counters {
	int fd[COUNTERS][COUNTER_MODES]; /* or a negative errno */
	int64_t accounted[COUNTERS]; /* at the start, then the difference since; or a negative errno
				      */
};

/* Counters of the calling process and of every thread that it starts later. They do not run yet. */
void counters__open(struct counters *counters);
void counters__start(struct counters *counters);
void counters__stop(struct counters *counters);
void counters__read(const struct counters *counters, struct readings *readings);

#endif
