/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of watch: its state, and how it prints. */
#ifndef HARNESS_WATCH_PARTS_H
#define HARNESS_WATCH_PARTS_H

#include <stdio.h>

#include "tracer/rows.h"
#include "watch/baseline.h"
#include "watch/child.h"
#include "watch/watch.h"
#include "watch/watch_accounts.h"
#include "watch/watch_target.h"
#include "watch/watch_view.h"

struct watch {
	const struct watch_options *options;
	struct tracer *tracer;
	struct rows *rows;
	struct known known;
	struct child child;
	struct watch_target target;
	int signal_fd;
	FILE *stream;
	struct watch_accounts accounts;
	struct watch_view *view; /* NULL: none */
	struct account session;	 /* with a view: the sum of all intervals */
	double start, last;
	double left_since; /* when the command ended and left processes behind; 0: it did not */
	bool reported_left;
	unsigned long intervals;
	bool valid;
	struct baseline baseline;
	struct rulings rulings;
	size_t unmet;	   /* numbers of --expect and --baseline not met */
	FILE *report_file; /* of --report; NULL: none */
};

/* The time in seconds (CLOCK_MONOTONIC). */
double watch__now(void);

/* Updates `known`, for the rows that are asked for. */
void watch__learn(struct watch *watch);

/*
 * In watch_ready.c. Checks --ready-fd before a program is loaded: 0, or -EBADF with a line on
 * stderr.
 */
int watch__check_ready(const struct watch *watch);
/* Reports that counting began, on stderr and on --ready-fd, which it closes. */
void watch__report_ready(struct watch *watch);
/* Reports that the command has ended and left `count` processes behind. */
void watch__report_left(const struct watch *watch, size_t count);

/*
 * In watch_judge.c. Checks and opens the files and names of --expect, --baseline and --report: 0 or
 * -EINVAL.
 */
int watch__open_judge(struct watch *watch);
/* Judges the last report. 0 or a negative errno, with a line on stderr. */
int watch__judge(struct watch *watch, const struct report *report);
void watch__close_judge(struct watch *watch);

/* In watch_report.c. Whether a live view is shown. */
bool watch__has_view(const struct watch *watch);
/* Prints the first line of a JSON stream. 0 or a negative errno, with a line on stderr. */
int watch__print_start(struct watch *watch);
/* Prints the accounts' counts since the last report. 0 or a negative errno. */
int watch__print(struct watch *watch, bool last);

#endif
