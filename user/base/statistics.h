/* SPDX-License-Identifier: GPL-2.0 */
/* Estimates from repeated measurements. Pure; no distribution is assumed. */
#ifndef HARNESS_STATISTICS_H
#define HARNESS_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

#define CONFIDENCE 0.95

struct estimate {
	size_t count;
	double median; /* valid if count > 0 */
	/*
	 * Two of the numbers themselves, between which the true median lies with at least the
	 * confidence asked for. Fewer than six numbers can give none.
	 */
	bool bounded;
	double low, high;
	double coverage; /* the confidence that interval really has */
};

/* Sorts `values`. */
struct estimate statistics__estimate(double *values, size_t count);
/* With another confidence than CONFIDENCE, below 1. */
struct estimate statistics__estimate_at(double *values, size_t count, double confidence);

/*
 * The confidence that each of so many comparisons needs for all of them together to be right with
 * CONFIDENCE (Bonferroni, as they share their runs).
 */
double statistics__family(size_t comparisons);
/* How many values it takes before there is an interval at all. */
size_t statistics__fewest(double confidence);

/* Half of the interval in units of the median; infinite when there is none. */
double estimate__width(const struct estimate *estimate);

#endif
