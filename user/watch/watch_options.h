/* SPDX-License-Identifier: GPL-2.0 */
/* The command line of `harness watch`. */
#ifndef HARNESS_WATCH_OPTIONS_H
#define HARNESS_WATCH_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

#include "output/common_options.h"
#include "watch/expectation.h"
#include "watch/row_filter.h"

#define PIDS_MAX 64

enum watch_by {
	BY_NOTHING, /* one row for all */
	BY_PROCESS,
	BY_SOCKET,
	BY_PEER,
	BY_CGROUP,
	BY_CONTAINER,
	BY_COUNT
};

extern const char *const watch_by_names[BY_COUNT]; /* NULL for BY_NOTHING */

struct watch_options {
	char **command; /* NULL-terminated, or NULL */
	pid_t pid[PIDS_MAX];
	size_t pid_count;
	const char *comm;   /* each process of this name */
	bool no_children;   /* do not follow children that already run */
	const char *cgroup; /* the control group's directory */
	bool all;
	enum watch_by by;
	struct row_filter filter;
	double seconds;	     /* 0: until a signal or the end of the target */
	double interval;     /* 0: one report, at the end */
	unsigned long count; /* intervals; 0: no limit */
	bool time;	     /* time the copies */
	double advise_above; /* %, of the bytes: no advice below it */
	const char *output;  /* a file for the ledger; NULL: a standard stream */
	int ready_fd;	     /* gets a line when counting begins; 0: none */
	bool exit_with_command;
	struct expectations expect;
	const char *baseline; /* a file; NULL: none */
	double tolerance;     /* % of the payload */
	const char *report;   /* a file for the results of --expect and --baseline; NULL: none */
	bool junit;	      /* JUnit XML; false: TAP */
	struct common_options common;
	unsigned int rows;
};

/* As options__parse(): 0, 1 if --help or the like is done, or -EINVAL with one line on stderr. */
int watch_options__parse(int argc, char **argv, struct watch_options *options);

/* Whether the ledger is judged, and so has one row. */
bool watch_options__judges(const struct watch_options *options);

/* Whether BPF programs count each connection separately. */
bool watch_options__by_socket(const struct watch_options *options);

extern const struct argp watch_argp;
/* As options__choices(). */
void watch_options__choices(int key, const char *prefix, struct choices *choices);

#endif
