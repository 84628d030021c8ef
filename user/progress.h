/* SPDX-License-Identifier: GPL-2.0 */
/* One line on a terminal that says what is running; nothing where stderr is not a terminal. */
#ifndef HARNESS_PROGRESS_H
#define HARNESS_PROGRESS_H

#include <stdbool.h>
#include <stdio.h>

struct progress {
	FILE *stream; /* NULL: show nothing */
};

void progress__open(struct progress *progress, FILE *stream);
/* Replaces the line. */
void progress__show(const struct progress *progress, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Leaves an empty line for whoever writes next. */
void progress__clear(const struct progress *progress);

#endif
