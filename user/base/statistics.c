// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <stdlib.h>

#include "base/statistics.h"

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* How likely it is that `k` of `n` numbers fall below their true median. */
static double binomial(size_t n, size_t k)
{
	return exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0) - n * M_LN2);
}

/*
 * The interval from the k-th smallest to the k-th largest number misses the median only when fewer
 * than k numbers fall on one side of it (the sign test). The largest such k that keeps the
 * confidence gives the narrowest interval.
 */
static void estimate__bound(struct estimate *estimate, const double *sorted, double confidence)
{
	size_t n = estimate->count;
	double missed = 0;

	for (size_t k = 1; 2 * k <= n; k++) {
		missed += 2 * binomial(n, k - 1);
		if (1 - missed < confidence)
			break;
		estimate->bounded = true;
		estimate->low = sorted[k - 1];
		estimate->high = sorted[n - k];
		estimate->coverage = 1 - missed;
	}
}

struct estimate statistics__estimate(double *values, size_t count)
{
	return statistics__estimate_at(values, count, CONFIDENCE);
}

double statistics__family(size_t comparisons)
{
	return 1 - (1 - CONFIDENCE) / (comparisons ?: 1);
}

size_t statistics__fewest(double confidence)
{
	size_t count = 2;

	while (1 - 2 * binomial(count, 0) < confidence)
		count++;
	return count;
}

struct estimate statistics__estimate_at(double *values, size_t count, double confidence)
{
	struct estimate estimate = {.count = count};

	if (!count)
		return estimate;
	qsort(values, count, sizeof(*values), compare);
	estimate.median = (values[(count - 1) / 2] + values[count / 2]) / 2;
	estimate__bound(&estimate, values, confidence);
	return estimate;
}

double estimate__width(const struct estimate *estimate)
{
	if (!estimate->bounded)
		return INFINITY;
	if (estimate->high == estimate->low)
		return 0;
	return (estimate->high - estimate->low) / 2 / fabs(estimate->median);
}
