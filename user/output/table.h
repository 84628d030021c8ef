/* SPDX-License-Identifier: GPL-2.0 */
/* The results on a screen: the answer, the byte counters of the runs, sentences, what to do next.
 */
#ifndef HARNESS_TABLE_H
#define HARNESS_TABLE_H

#include <stdio.h>

#include "output/answer.h"
#include "output/results.h"
#include "output/screen.h"

struct view {
	struct screen screen;
	struct asked asked;
	size_t run_total, runs_done; /* run_total: at least so many were asked for; 0: unknown */
	size_t runs_earlier;	     /* of runs_done, those of earlier sessions */
	const char *kept;	     /* the directory of --out; NULL: nothing is kept */
};

/* 0, or -EIO when the stream would not take it. */
int table__print(FILE *stream, const struct view *view, const struct results *results);

/* Its last part: what to do next. */
void table__print_next(FILE *stream, const struct view *view, const struct results *results);

#endif
