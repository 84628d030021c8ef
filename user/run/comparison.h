/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One transport compared with another: the median of the ratios of what they moved or took, repeat
 * by repeat, and its interval. Made from the runs' JSON. Pure.
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
/* The value of the first transport alone, from the same runs, with 95%. */
struct estimate comparison__value(const struct comparison *comparison, const json_t *runs);

/*
 * "one_copy was 1.73 (1.36 to 2.19) times as fast as two_copy at 64 KiB", without an end of line.
 * ": undecided" follows where the interval includes 1.
 */
void comparison__describe(const struct comparison *comparison, const struct estimate *ratio,
			  char *text, size_t size);

#endif
