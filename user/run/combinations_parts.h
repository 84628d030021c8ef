/* SPDX-License-Identifier: GPL-2.0 */
/* Inside of combinations: the data that its table and its conclusions share. */
#ifndef HARNESS_COMBINATIONS_PARTS_H
#define HARNESS_COMBINATIONS_PARTS_H

#include <jansson.h>
#include <stdio.h>

#include "output/screen.h"
#include "run/options.h"

struct printer {
	FILE *stream;
	const struct screen *screen;
	const struct options *options;
	const json_t *runs;
	const json_t *rows;			/* of the summary */
	bool intervals, counts_differ, invalid; /* columns that only some sessions have */
	size_t fewest; /* the least number of valid runs of a combination */
};

struct setting {
	size_t message_bytes;
	unsigned int threads;
};

/* A combination's row of the summary; NULL: it was not run. */
const json_t *row__find(const struct printer *printer, const char *transport,
			struct setting setting);
/* "median" or "count" of a row's quantity; 0: it has none. */
double estimate__number(const json_t *row, const char *quantity, const char *key);
/* Calls `each` for every size of every thread count, in the order of the lists. */
void printer__walk(const struct printer *printer, void *context,
		   void (*each)(void *context, const struct printer *printer,
				struct setting setting));

/* In conclusions.c: prints how many times as fast the fastest transport of each setting was. */
void conclusions__print(const struct printer *printer);
/* The confidence of the intervals, one by one or all together: "; in brackets the 95% interval". */
void conclusions__append_confidence(const struct printer *printer, char *text, size_t size);

#endif
