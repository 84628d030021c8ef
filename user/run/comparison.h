/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many times as much one transport moved as another, or took: the median of their ratios,
 * repeat by repeat, and its interval. Made from the runs' JSON. Pure.
 */
#ifndef HARNESS_COMPARISON_H
#define HARNESS_COMPARISON_H

#include <jansson.h>

#include "base/statistics.h"

enum compared {
	COMPARED_THROUGHPUT, /* Gbit/s */
	COMPARED_CPU,	     /* seconds a GiB, of both sides */
	COMPARED_COPIES,     /* per byte */
};

/* What the two compared transports have in common. */
struct comparison {
	const char *transport, *with; /* borrowed */
	enum compared by;
	size_t message_bytes;
	unsigned int threads;
	bool name_threads; /* several numbers of threads are compared */
};

/*
 * The ratio of valid runs with the same repeat; but for copies, of baseline runs where there are
 * any. count 0: no repeat has both, or no memory.
 */
struct estimate comparison__ratio(const struct comparison *comparison, const json_t *runs,
				  double confidence);
/* Of the first transport alone, likewise, with 95%. */
struct estimate comparison__value(const struct comparison *comparison, const json_t *runs);

/*
 * "one_copy moved 1.73 (1.36 to 2.19) times as much as two_copy at 64 KiB"; no end of line.
 * ": undecided" follows where the interval holds 1.
 */
void comparison__describe(const struct comparison *comparison, const struct estimate *ratio,
			  char *text, size_t size);

#endif
