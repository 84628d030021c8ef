// SPDX-License-Identifier: GPL-2.0
/* Values in buckets: the precision of quantiles, merged or in parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/histogram.h"

static struct histogram *fresh(void)
{
	struct histogram *histogram = calloc(1, sizeof(*histogram));

	assert_non_null(histogram);
	return histogram;
}

static void test_empty(void **state)
{
	struct histogram *histogram = fresh();

	(void)state;
	assert_int_equal(histogram__quantile(histogram, 500), 0);
	assert_int_equal(histogram__quantile(histogram, 1000), 0);
	free(histogram);
}

/* Each value is found again, at most 1/128 larger and never smaller. */
static void test_each_value(void **state)
{
	struct histogram *histogram = fresh();

	(void)state;
	for (int bit = 0; bit < 64; bit++) {
		for (int64_t near = -1; near <= 1; near++) {
			uint64_t value = (1ull << bit) + near, found;

			memset(histogram, 0, sizeof(*histogram));
			histogram__record(histogram, value);
			assert_true(histogram__quantile(histogram, 500) == value);
			/* without using the maximum */
			histogram->max = UINT64_MAX;
			found = histogram__quantile(histogram, 500);
			assert_true(found >= value);
			assert_true(found - value <= value / 128);
		}
	}
	memset(histogram, 0, sizeof(*histogram));
	histogram__record(histogram, UINT64_MAX);
	assert_true(histogram__quantile(histogram, 1) == UINT64_MAX);
	free(histogram);
}

/* 1 to 1000000: the value of each rank is the rank. */
static void test_quantiles(void **state)
{
	static const unsigned int thousandths[] = {1, 500, 900, 990, 999, 1000};
	struct histogram *histogram = fresh();

	(void)state;
	/* in another order: 5 is a primitive root of the prime 1000003, so each number comes once
	 */
	for (uint64_t i = 1, value = 7; i <= 1000002; i++, value = value * 5 % 1000003)
		if (value <= 1000000)
			histogram__record(histogram, value);
	for (size_t i = 0; i < sizeof(thousandths) / sizeof(thousandths[0]); i++) {
		uint64_t right = thousandths[i] * 1000ull;
		uint64_t found = histogram__quantile(histogram, thousandths[i]);

		assert_in_range(found, right, right + right / 128);
	}
	assert_int_equal(histogram->count, 1000000);
	assert_int_equal(histogram->sum, 500000500000);
	assert_int_equal(histogram->max, 1000000);
	free(histogram);
}

/* The rank is rounded up: of ten values the 99th percentile is the largest. */
static void test_few_values(void **state)
{
	struct histogram *histogram = fresh();

	(void)state;
	for (uint64_t value = 1; value <= 10; value++)
		histogram__record(histogram, value);
	assert_int_equal(histogram__quantile(histogram, 500), 5);
	assert_int_equal(histogram__quantile(histogram, 501), 6);
	assert_int_equal(histogram__quantile(histogram, 900), 9);
	assert_int_equal(histogram__quantile(histogram, 990), 10);
	assert_int_equal(histogram__quantile(histogram, 1000), 10);
	free(histogram);
}

static void assert_same(const struct histogram *a, const struct histogram *b)
{
	assert_memory_equal(a, b, sizeof(*a));
}

static void test_merge_and_parts(void **state)
{
	struct histogram *all = fresh(), *merged = fresh(), *sent = fresh();
	struct histogram *one[2] = {fresh(), fresh()};
	struct histogram_part part;
	unsigned int parts = 0;

	(void)state;
	for (uint64_t i = 0, value = 1; i < 2000; i++, value = value * 6364136223846793005 + 1) {
		histogram__record(all, value >> (i % 20 + 30));
		histogram__record(one[i % 2], value >> (i % 20 + 30));
	}
	histogram__merge(merged, one[0]);
	histogram__merge(merged, one[1]);
	assert_same(merged, all);
	for (unsigned int i = 0; i < HISTOGRAM_PARTS; i++) {
		if (!histogram__take_part(all, i, &part))
			continue;
		histogram__add_part(sent, &part);
		parts++;
	}
	assert_same(sent, all);
	assert_true(parts > 1 && parts < HISTOGRAM_PARTS);
	free(all);
	free(merged);
	free(sent);
	free(one[0]);
	free(one[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),		cmocka_unit_test(test_each_value),
		cmocka_unit_test(test_quantiles),	cmocka_unit_test(test_few_values),
		cmocka_unit_test(test_merge_and_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
