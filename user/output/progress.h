/* SPDX-License-Identifier: GPL-2.0 */
/* One line on a terminal that shows what is running; nothing where stderr is not a terminal. */
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
	double run_s; /* the shortest time of a run, in seconds; used until a pace is known; 0:
			 unknown */
};

void progress__open(struct progress *progress, FILE *stream);
/* Replaces the line. */
void progress__show(const struct progress *progress, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Starts measuring the pace; `done` runs are done already. */
void progress__start(struct progress *progress, size_t done);
/*
 * ", 3 min left", by the pace so far or, before the first run has ended, by run_s; empty while both
 * are unknown. Returns text.
 */
const char *progress__left(const struct progress *progress, size_t done, size_t total,
			   char text[static TEXT_NUMBER]);
/* Clears the line, so that other text can be written. */
void progress__clear(const struct progress *progress);

#endif
