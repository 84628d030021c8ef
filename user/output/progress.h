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
	double run_s; /* that a run takes at least, for want of a pace; 0: not known */
};

void progress__open(struct progress *progress, FILE *stream);
/* Replaces the line. */
void progress__show(const struct progress *progress, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* From here on the pace is measured; so much is done already. */
void progress__start(struct progress *progress, size_t done);
/*
 * ", 3 min left", at the pace so far and, before the first run has ended, by run_s; empty while
 * both are unknown. Returns text.
 */
const char *progress__left(const struct progress *progress, size_t done, size_t total,
			   char text[static TEXT_NUMBER]);
/* Leaves an empty line for what is written next. */
void progress__clear(const struct progress *progress);

#endif
