// SPDX-License-Identifier: GPL-2.0
/* The order of the runs, and the number of each. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run/grid.h"

#define RUNS_MAX 1024

static struct options two_by_two(void)
{
	return (struct options){
		.traced = TRACE_COPIES,
		.transport = {&one_copy, &zero_copy},
		.transport_count = 2,
		.sizes = {{4096, 65536}, 2},
		.threads = {{1, 4}, 2},
		.repeat = 1,
		.repeat_max = 1,
		.precision = 0.05,
	};
}

struct diary {
	struct plan_run run[RUNS_MAX];
	size_t count;
	size_t noisy; /* this combination's throughput varies widely */
	size_t fail_at;
};

static int note_down(void *context, const struct plan_run *run, double *throughput)
{
	struct diary *diary = context;

	assert_true(diary->count < RUNS_MAX);
	if (diary->count == diary->fail_at)
		return -EIO;
	diary->run[diary->count++] = *run;
	*throughput = run->combination == diary->noisy ? 1 + run->repeat % 2 : 10;
	return 0;
}

static struct diary go(const struct options *options)
{
	struct diary diary = {.noisy = SIZE_MAX, .fail_at = SIZE_MAX};

	assert_int_equal(grid__run(options, note_down, &diary), 0);
	return diary;
}

static void test_as_listed(void **state)
{
	struct options options = two_by_two();
	struct diary diary = go(&options);

	(void)state;
	assert_int_equal(diary.count, 8);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(diary.run[i].combination, i);
		assert_ptr_equal(diary.run[i].transport, i % 2 ? &zero_copy : &one_copy);
		assert_int_equal(diary.run[i].message_bytes, i / 2 % 2 ? 65536 : 4096);
		assert_int_equal(diary.run[i].threads, i / 4 ? 4 : 1);
		assert_true(diary.run[i].traced);
	}
}

static bool same_order(const struct diary *a, const struct diary *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->run[i].combination != b->run[i].combination ||
		    a->run[i].traced != b->run[i].traced)
			return false;
	return a->count == b->count;
}

static void test_shuffled(void **state)
{
	struct options options = two_by_two();
	struct diary listed = go(&options), one, again, other;
	bool seen[4][8] = {};

	(void)state;
	options.shuffle = true;
	options.repeat = options.repeat_max = 3;
	options.seed = 1;
	one = go(&options);
	again = go(&options);
	options.seed = 2;
	other = go(&options);
	assert_true(same_order(&one, &again));
	assert_false(same_order(&one, &other));
	assert_false(same_order(&one, &listed));
	assert_int_equal(one.count, 24);
	/* each repeat has each combination once, and ends before the next one starts */
	for (size_t i = 0; i < one.count; i++) {
		assert_int_equal(one.run[i].repeat, i / 8 + 1);
		assert_false(seen[one.run[i].repeat][one.run[i].combination]);
		seen[one.run[i].repeat][one.run[i].combination] = true;
	}
}

static size_t attached(const struct diary *diary)
{
	size_t count = diary->run[0].traced;

	for (size_t i = 1; i < diary->count; i++)
		count += diary->run[i].traced && !diary->run[i - 1].traced;
	return count;
}

static void test_baseline_runs(void **state)
{
	struct options options = two_by_two();
	size_t traced_first = 0;
	struct diary diary;

	(void)state;
	options.baseline_runs = options.shuffle = true;
	options.repeat = options.repeat_max = 8;
	options.seconds = 1;
	diary = go(&options);
	assert_int_equal(diary.count, 2 * 8 * 8);
	for (size_t i = 0; i < diary.count; i += 2) {
		assert_int_equal(diary.run[i].combination, diary.run[i + 1].combination);
		assert_true(diary.run[i].traced != diary.run[i + 1].traced);
		traced_first += diary.run[i].traced;
	}
	/* half of the pairs begin with the traced run, and two traced runs share an attach */
	assert_int_equal(traced_first, 32);
	assert_true(attached(&diary) <= 32 + 8);
}

/* Four runs of 0.05 s are in a row, and the same four beside them. */
static void test_short_runs_share_an_attach(void **state)
{
	struct options options = two_by_two();
	struct diary diary;

	(void)state;
	options.baseline_runs = options.shuffle = true;
	options.repeat = options.repeat_max = 8;
	options.seconds = 0.05;
	diary = go(&options);
	assert_int_equal(diary.count, 2 * 8 * 8);
	for (size_t i = 0; i < diary.count; i++) {
		size_t other = i % 8 < 4 ? i + 4 : i - 4;

		assert_int_equal(diary.run[i].combination, diary.run[other].combination);
		assert_true(diary.run[i].traced != diary.run[other].traced);
		assert_int_equal(diary.run[i].traced, diary.run[i / 4 * 4].traced);
	}
	assert_true(attached(&diary) <= 8 + 8);
}

/* A last block is shorter where the runs do not fill it. */
static void test_blocks_that_are_not_full(void **state)
{
	struct options options = two_by_two();
	bool seen[2][8] = {};
	struct diary diary;

	(void)state;
	options.baseline_runs = true;
	options.seconds = 0.06;
	diary = go(&options);
	assert_int_equal(diary.count, 2 * 8);
	for (size_t i = 0; i < diary.count; i++) {
		assert_false(seen[diary.run[i].traced][diary.run[i].combination]);
		seen[diary.run[i].traced][diary.run[i].combination] = true;
	}
	assert_int_equal(diary.run[12].combination, 6);
	assert_int_equal(diary.run[14].combination, 6);
}

static void test_repeats_while_wide(void **state)
{
	struct options options = two_by_two();
	struct diary diary = {.noisy = 3, .fail_at = SIZE_MAX};
	size_t repeats[8] = {};

	(void)state;
	options.repeat = 2;
	options.repeat_max = 20;
	assert_int_equal(grid__run(&options, note_down, &diary), 0);
	for (size_t i = 0; i < diary.count; i++)
		repeats[diary.run[i].combination]++;
	for (size_t i = 0; i < 8; i++)
		/* six repeats are the least for an interval */
		assert_int_equal(repeats[i], i == 3 ? 20 : 6);
}

static void test_failure_ends_it(void **state)
{
	struct options options = two_by_two();
	struct diary diary = {.noisy = SIZE_MAX, .fail_at = 5};

	(void)state;
	assert_int_equal(grid__run(&options, note_down, &diary), -EIO);
	assert_int_equal(diary.count, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_listed),
		cmocka_unit_test(test_shuffled),
		cmocka_unit_test(test_baseline_runs),
		cmocka_unit_test(test_short_runs_share_an_attach),
		cmocka_unit_test(test_blocks_that_are_not_full),
		cmocka_unit_test(test_repeats_while_wide),
		cmocka_unit_test(test_failure_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
