/* SPDX-License-Identifier: GPL-2.0 */
/* One line on a terminal that says what is running; nothing where stderr is not a terminal. */
#ifndef HARNESS_PROGRESS_H
#define HARNESS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/text.h"

struct progress {
	FILE *stream; /* NULL: show nothing */
	uint64_t start_ns;
	size_t done;  /* at the start */
	double run_s; /* seconds that a run takes at least; used until a pace is known; 0: unknown
		       */
};

void progress__open(struct progress *progress, FILE *stream);
/* Replaces the line. */
void progress__show(const struct progress *progress, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Starts measuring the pace, with so many runs done already. */
void progress__start(struct progress *progress, size_t done);
/*
 * ", 3 min left", at the pace so far and, before the first run has ended, by run_s; empty while
 * both are unknown. Returns text.
 */
const char *progress__left(const struct progress *progress, size_t done, size_t total,
			   char text[static TEXT_NUMBER]);
/* Clears the line, for what is written next. */
void progress__clear(const struct progress *progress);

#endif
