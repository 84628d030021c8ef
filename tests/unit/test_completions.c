// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "traffic/completions.h"

static void add(struct completions *completions, unsigned int count)
{
	while (count--)
		completions__add(completions);
}

static void test_in_order(void **state)
{
	struct completions c = {};

	(void)state;
	add(&c, 10);
	assert_int_equal(completions__finish(&c, 0, 0), 1);
	assert_int_equal(completions__finish(&c, 1, 8), 8);
	assert_int_equal(c.finished, 9);
	assert_int_equal(completions__in_flight(&c), 1);
	assert_int_equal(completions__finish(&c, 9, 9), 1);
	assert_int_equal(completions__in_flight(&c), 0);
}

static void test_out_of_order(void **state)
{
	struct completions c = {};

	(void)state;
	add(&c, 10);
	assert_int_equal(completions__finish(&c, 7, 9), 3);
	assert_int_equal(c.finished, 0);
	assert_int_equal(completions__finish(&c, 1, 4), 4);
	assert_int_equal(c.finished, 0);
	assert_int_equal(completions__finish(&c, 0, 0), 1);
	assert_int_equal(c.finished, 5);
	assert_int_equal(completions__finish(&c, 5, 6), 2);
	assert_int_equal(c.finished, 10);
}

/* Ranges that must be refused, with nothing changed. */
static void test_not_in_flight(void **state)
{
	static const uint32_t ranges[][2] = {
		{0, 0}, /* complete, below the window */
		{2, 2}, /* complete, in the window */
		{1, 3}, /* one of them complete */
		{0, 1}, /* one of them complete */
		{5, 5}, /* never sent */
		{4, 5}, /* one of them never sent */
		{4, 3}, /* the whole circle, and backwards */
		{3, 1}, /* backwards */
		{1u << 31, 1u << 31},
		{UINT32_MAX, UINT32_MAX},
	};
	struct completions c = {}, before;

	(void)state;
	add(&c, 5);
	assert_int_equal(completions__finish(&c, 0, 0), 1);
	assert_int_equal(completions__finish(&c, 2, 2), 1);
	before = c;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		assert_int_equal(completions__finish(&c, ranges[i][0], ranges[i][1]), -EPROTO);
		assert_memory_equal(&c, &before, sizeof(c));
	}
	assert_int_equal(completions__finish(&c, 1, 1), 1);
	assert_int_equal(c.finished, 3);
	assert_int_equal(completions__finish(&c, 3, 4), 2);
}

/* The kernel's number goes from 2^32 - 1 to 0 in the middle of a range, and ours goes on. */
static void test_wrap_around(void **state)
{
	const uint64_t circle = 1ull << 32;

	(void)state;
	for (uint64_t turn = 1; turn < 4; turn++) {
		struct completions c = {.sent = turn * circle - 3, .finished = turn * circle - 3};

		add(&c, 8);
		assert_int_equal(completions__finish(&c, 3, 4), 2);
		assert_int_equal(c.finished, turn * circle - 3);
		assert_int_equal(completions__finish(&c, 3, 3), -EPROTO);
		assert_int_equal(completions__finish(&c, UINT32_MAX - 3, UINT32_MAX - 3), -EPROTO);
		assert_int_equal(completions__finish(&c, UINT32_MAX - 2, 1), 5);
		assert_int_equal(c.finished, turn * circle + 2);
		assert_int_equal(completions__finish(&c, UINT32_MAX, 0), -EPROTO);
		assert_int_equal(completions__finish(&c, 5, 5), -EPROTO);
		assert_int_equal(completions__finish(&c, 2, 2), 1);
		assert_int_equal(c.finished, turn * circle + 5);
		assert_int_equal(completions__in_flight(&c), 0);
	}
}

static void test_full_window(void **state)
{
	struct completions c = {.sent = UINT32_MAX - 500ull, .finished = UINT32_MAX - 500ull};

	(void)state;
	for (int i = 0; i < COMPLETIONS_WINDOW; i++) {
		assert_false(completions__full(&c));
		completions__add(&c);
	}
	assert_true(completions__full(&c));
	/* from the newest to the oldest */
	for (int i = COMPLETIONS_WINDOW - 1; i >= 0; i--) {
		uint32_t number = UINT32_MAX - 500u + i;

		assert_int_equal(completions__finish(&c, number, number), 1);
		assert_int_equal(completions__finish(&c, number, number), -EPROTO);
		assert_int_equal(completions__in_flight(&c), i ? COMPLETIONS_WINDOW : 0);
	}
	add(&c, COMPLETIONS_WINDOW);
	assert_int_equal(completions__finish(&c, (uint32_t)c.finished, (uint32_t)c.sent - 1),
			 COMPLETIONS_WINDOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),      cmocka_unit_test(test_out_of_order),
		cmocka_unit_test(test_not_in_flight), cmocka_unit_test(test_wrap_around),
		cmocka_unit_test(test_full_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
