/* SPDX-License-Identifier: GPL-2.0 */
/* The command line of `harness watch`. */
#ifndef HARNESS_WATCH_OPTIONS_H
#define HARNESS_WATCH_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

#include "tracer/tracer.h"

enum watch_by {
	BY_NOTHING, /* all that is watched in one row */
	BY_PROCESS,
	BY_SOCKET,
};

struct watch_options {
	char **command; /* NULL-terminated, or NULL */
	pid_t pid;
	const char *cgroup; /* a directory */
	bool all;
	enum watch_by by;
	double seconds;	     /* 0: no end */
	double interval;     /* 0: once, at the end */
	unsigned long count; /* intervals; 0: no end */
	bool time;	     /* of the copies */
	bool json, verbose;
	const char *output; /* a file for the results; NULL: standard output */
	enum attach attach;
	const char *without, *btf_path;
	unsigned int map_entries, rows; /* 0: the default */
};

/* 0 go on, 1 all was said (--help), -EINVAL with one line on stderr. */
int watch_options__parse(int argc, char **argv, struct watch_options *options);

#endif
