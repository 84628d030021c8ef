// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/statistics.h"

static struct estimate estimate_up_to(size_t count)
{
	double values[100];

	/* 1 to count, not sorted */
	for (size_t i = 0; i < count; i++)
		values[i] = (i * 37) % count + 1;
	return statistics__estimate(values, count);
}

static void test_median(void **state)
{
	(void)state;
	assert_true(estimate_up_to(1).median == 1);
	assert_true(estimate_up_to(4).median == 2.5);
	assert_true(estimate_up_to(9).median == 5);
	assert_int_equal(statistics__estimate(NULL, 0).count, 0);
}

/* Compared with the table of the sign test in textbooks. */
static void test_interval(void **state)
{
	static const struct {
		size_t count;
		double low, high, coverage;
	} known[] = {
		{6, 1, 6, 0.96875},    {8, 1, 8, 0.9921875},   {9, 2, 8, 0.9609375},
		{10, 2, 9, 0.9785156}, {20, 6, 15, 0.9586105}, {30, 10, 21, 0.9572261},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct estimate estimate = estimate_up_to(known[i].count);

		assert_true(estimate.bounded);
		assert_true(estimate.low == known[i].low);
		assert_true(estimate.high == known[i].high);
		assert_true(fabs(estimate.coverage - known[i].coverage) < 1e-6);
	}
}

static void test_too_few(void **state)
{
	(void)state;
	for (size_t count = 1; count < 6; count++) {
		struct estimate estimate = estimate_up_to(count);

		assert_false(estimate.bounded);
		assert_true(isinf(estimate__width(&estimate)));
	}
}

/* As fewest_repeats() and family_confidence() in analysis/stats.py. */
static void test_family(void **state)
{
	static const struct {
		size_t comparisons, fewest;
	} known[] = {{0, 6}, {1, 6},   {2, 7},	  {4, 8},   {6, 8},
		     {7, 9}, {96, 12}, {102, 12}, {103, 13}};
	double values[9];
	struct estimate estimate;

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_int_equal(statistics__fewest(statistics__family(known[i].comparisons)),
				 known[i].fewest);
	/* the second to the eighth of nine are enough for 95%, not for two comparisons */
	for (size_t i = 0; i < 9; i++)
		values[i] = i + 1;
	estimate = statistics__estimate_at(values, 9, statistics__family(2));
	assert_true(estimate.low == 1 && estimate.high == 9);
}

static void test_width(void **state)
{
	struct estimate estimate = estimate_up_to(6);
	double same[6] = {};

	(void)state;
	assert_true(fabs(estimate__width(&estimate) - 2.5 / 3.5) < 1e-12);
	/* equal values: no division by 0 */
	estimate = statistics__estimate(same, 6);
	assert_true(estimate__width(&estimate) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_median),	cmocka_unit_test(test_interval),
		cmocka_unit_test(test_too_few), cmocka_unit_test(test_family),
		cmocka_unit_test(test_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
