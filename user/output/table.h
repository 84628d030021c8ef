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
	size_t run_total, runs_done; /* run_total: the least number of requested runs; 0: unknown */
	size_t runs_earlier;	     /* those of runs_done that earlier sessions made */
	const char *kept;	     /* the directory of --out; NULL: nothing is kept */
};

/* 0, or -EIO when writing to the stream failed. */
int table__print(FILE *stream, const struct view *view, const struct results *results);

/* The last part of the output: what to do next. */
void table__print_next(FILE *stream, const struct view *view, const struct results *results);

#endif
