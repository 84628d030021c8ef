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
	BY_NOTHING, /* all that is watched in one row */
	BY_PROCESS,
	BY_SOCKET,
	BY_PEER,
	BY_CGROUP,
	BY_CONTAINER,
	BY_COUNT
};

extern const char *const watch_by_names[BY_COUNT]; /* NULL: of nothing */

struct watch_options {
	char **command; /* NULL-terminated, or NULL */
	pid_t pid[PIDS_MAX];
	size_t pid_count;
	const char *comm;   /* every process of this name */
	bool no_children;   /* leave out those that exist already */
	const char *cgroup; /* a directory */
	bool all;
	enum watch_by by;
	struct row_filter filter;
	double seconds;	     /* 0: no end */
	double interval;     /* 0: once, at the end */
	unsigned long count; /* intervals; 0: no end */
	bool time;	     /* of the copies */
	double advise_above; /* %: advice on a smaller share of the bytes is left out */
	const char *output;  /* a file for the ledger; NULL: a standard stream */
	int ready_fd;	     /* gets a line when the count begins; 0: none */
	bool exit_with_command;
	struct expectations expect;
	const char *baseline; /* a file; NULL: none */
	double tolerance;     /* % of the payload */
	const char *report;   /* a file for what --expect and --baseline found; NULL: none */
	bool junit;	      /* the form of it: JUnit's, or TAP */
	struct common_options common;
	unsigned int rows;
};

/* As options__parse(): 0, 1 when nothing is left to do, or -EINVAL with one line on stderr. */
int watch_options__parse(int argc, char **argv, struct watch_options *options);

/* Whether the ledger is judged, so that it has one row. */
bool watch_options__judges(const struct watch_options *options);

/* Whether the kernel counts each connection apart. */
bool watch_options__by_socket(const struct watch_options *options);

extern const struct argp watch_argp;
/* As options__choices(). */
void watch_options__choices(int key, const char *begun, struct choices *choices);

#endif
