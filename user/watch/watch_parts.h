/* SPDX-License-Identifier: GPL-2.0 */
/* Inside of watch: its state, and how it prints. */
#ifndef HARNESS_WATCH_PARTS_H
#define HARNESS_WATCH_PARTS_H

#include <stdio.h>
#include <sys/ioctl.h>

#include "tracer/rows.h"
#include "watch/child.h"
#include "watch/watch.h"
#include "watch/watch_accounts.h"
#include "watch/watch_target.h"

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
	double start, last;
	unsigned long intervals;
	bool valid;
	size_t unmet; /* numbers that break --expect */
};

/* Seconds of CLOCK_MONOTONIC. */
double watch__now(void);

/*
 * In watch_ready.c. Checks --ready-fd before anything is loaded: 0, or -EBADF with a line on
 * stderr.
 */
int watch__check_ready(const struct watch *watch);
/* The count has begun: a line on stderr and on --ready-fd, which it closes. */
void watch__say_ready(struct watch *watch);

/* In watch_report.c. Whether this is a view that renews itself, and the terminal's size. */
bool watch__view_size(const struct watch *watch, struct winsize *size);
/* Prints what was counted since the last time. 0 or a negative errno. */
int watch__print(struct watch *watch, bool last);

#endif
