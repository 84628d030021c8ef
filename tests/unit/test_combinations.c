// SPDX-License-Identifier: GPL-2.0
/* Repeats and grids: one row per combination, and the sentences that compare them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run/combinations.h"
#include "run/comparison.h"

static json_t *run(const char *transport, int size, int repeat, double throughput, bool valid)
{
	return json_pack("{s:s, s:i, s:i, s:s, s:s, s:i, s:[s], s:f, s:f, s:{s:f, s:f}, s:b}",
			 "transport", transport, "message_bytes", size, "threads", 1, "path", "lo",
			 "mode", "stream", "repeat", repeat, "traced", "copies", "throughput_gbps",
			 throughput, "copies_per_byte", 2.0, "derived", "cpu_seconds_per_gib",
			 1.073741824, "switches_per_message", 0.25, "valid", valid);
}

static const struct transport *const pair[] = {&two_copy, &one_copy};

static struct options options_of(size_t count, unsigned int repeats)
{
	struct options options = {.traced = TRACE_COPIES | TRACE_SCHED,
				  .transport_count = count,
				  .sizes = {.value = {65536}, .count = 1},
				  .threads = {.value = {1}, .count = 1},
				  .repeat = repeats,
				  .repeat_max = repeats};

	path__parse("lo", &options.path);
	for (size_t i = 0; i < count; i++)
		options.transport[i] = pair[i];
	return options;
}

/* Takes ownership of `runs`. Free the result. */
static char *print(const struct options *options, json_t *runs, unsigned int width, size_t total)
{
	const struct results results = {.complete = json_array_size(runs) == total};
	const struct view view = {
		.screen.width = width, .run_total = total, .runs_done = json_array_size(runs)};
	size_t size;
	char *text;
	FILE *stream = open_memstream(&text, &size);

	assert_int_equal(combinations__print(stream, &view, options, runs, &results), 0);
	fclose(stream);
	json_decref(runs);
	return text;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' in:\n%s", part, text);
}

/* Six repeats: medians, their intervals, and ratios of runs of the same repeat. */
static void test_repeats(void **state)
{
	struct options options = options_of(2, 6);
	json_t *runs = json_array();
	char *text;

	(void)state;
	for (int repeat = 1; repeat <= 6; repeat++) {
		json_array_append_new(runs, run("two_copy", 65536, repeat, repeat, true));
		json_array_append_new(
			runs, run("one_copy", 65536, repeat, repeat * (1 + repeat / 10.0), true));
	}
	text = print(&options, runs, 80, 12);
	assert_string_equal(
		text,
		"path lo, messages of 64K bytes, 1 thread a side, 12 runs\n"
		"\n"
		"transport  Gbit/s           95%  copies  CPU ns  switches\n"
		"                       interval   /byte   /byte  /message\n"
		"---------------------------------------------------------\n"
		"two_copy     3.50  1.00 to 6.00   2.000   1.000     0.250\n"
		"one_copy     4.75  1.10 to 9.60   2.000   1.000     0.250\n"
		"\n"
		"one_copy was 1.35 (1.10 to 1.60) times as fast as two_copy at 64 KiB\n"
		"medians of the valid runs; in brackets the 95% interval; undecided: it holds 1;\n"
		"  every single run: --rows\n"
		"\n"
		"next: --json for every number; `harness doctor` for what this kernel allows;\n"
		"  --out DIR, then `harness report DIR`, for pictures\n");
	free(text);
}

static void test_undecided(void **state)
{
	struct options options = options_of(2, 6);
	json_t *runs = json_array();
	char *text;

	(void)state;
	for (int repeat = 1; repeat <= 6; repeat++) {
		json_array_append_new(runs, run("two_copy", 65536, repeat, 10, true));
		json_array_append_new(runs, run("one_copy", 65536, repeat, 8 + repeat, true));
	}
	text = print(&options, runs, 80, 12);
	has(text,
	    "one_copy was 1.15 (0.90 to 1.40) times as fast as two_copy at 64 KiB: undecided\n");
	free(text);
}

/*
 * Comparisons share the 5%: with four settings each needs 98.75%, which takes eight repeats. With
 * nine repeats the second to the eighth value are enough for one comparison (2.20 to 2.80), not for
 * four.
 */
static void test_family(void **state)
{
	struct options options = options_of(2, 9);

	(void)state;
	options.sizes = (struct number_list){.value = {512, 4096, 16384, 65536}, .count = 4};
	for (int repeats = 7; repeats <= 9; repeats += 2) {
		json_t *runs = json_array();
		char *text;

		for (int size = 0; size < 4; size++)
			for (int i = 1; i <= repeats; i++) {
				const int bytes = options.sizes.value[size];

				json_array_append_new(runs, run("two_copy", bytes, i, 10, true));
				json_array_append_new(
					runs, run("one_copy", bytes, i, i == 1 ? 9 : 20 + i, true));
			}
		text = print(&options, runs, 0, 4 * 2 * repeats);
		has(text, repeats == 7 ? "one_copy was 2.40 (0.90 to 2.70) times as fast"
				       : "one_copy was 2.50 (0.90 to 2.90) times as fast");
		if (repeats == 7) {
			has(text, "each by itself");
			has(text, "for all 4 pairs of transports together takes 8 repeats");
		} else {
			has(text, "right with 95% for all 4 pairs of transports together;");
			lacks(text, "by itself");
		}
		free(text);
	}
}

/*
 * Two repeats have no interval. An invalid run is in no median, and a column has the number of
 * them.
 */
static void test_few_and_invalid(void **state)
{
	struct options options = options_of(2, 2);
	json_t *runs = json_array();
	char *text;

	(void)state;
	json_array_append_new(runs, run("two_copy", 65536, 1, 4, true));
	json_array_append_new(runs, run("two_copy", 65536, 2, 999, false));
	json_array_append_new(runs, run("one_copy", 65536, 1, 8, true));
	json_array_append_new(runs, run("one_copy", 65536, 2, 16, true));
	text = print(&options, runs, 80, 4);
	has(text, "\ntwo_copy      1        1    4.00   2.000   1.000     0.250\n");
	has(text, "\none_copy      2        0   12.00   2.000   1.000     0.250\n");
	has(text, "\none_copy was 2.00 times as fast as two_copy at 64 KiB\n");
	has(text, "; an interval takes 6 repeats (--repeat 6)");
	lacks(text, "interval\n");
	lacks(text, "undecided");
	free(text);
}

/* In an interrupted grid, combinations that were not run have no number and are not compared. */
static void test_interrupted(void **state)
{
	struct options options = options_of(2, 1);
	json_t *runs = json_array();
	char *text;

	(void)state;
	options.sizes = (struct number_list){.value = {4096, 65536}, .count = 2};
	json_array_append_new(runs, run("two_copy", 4096, 1, 4, true));
	json_array_append_new(runs, run("one_copy", 4096, 1, 6, true));
	json_array_append_new(runs, run("two_copy", 65536, 1, 4, true));
	text = print(&options, runs, 80, 4);
	has(text, "\none_copy     64K  not run\n");
	has(text, "\none_copy was 1.50 times as fast as two_copy at 4 KiB\n");
	lacks(text, "at 64 KiB");
	lacks(text, "n/a");
	has(text, "\n3 of 4 runs are complete; the others were not run");
	free(text);
}

static size_t widest(const char *text)
{
	size_t most = 0;

	while (*text) {
		size_t length = strcspn(text, "\n");

		most = length > most ? length : most;
		text += length + (text[length] == '\n');
	}
	return most;
}

static void test_widths(void **state)
{
	static const unsigned int widths[] = {60, 80, 120, 200};
	struct options options = options_of(2, 6);

	(void)state;
	options.sizes = (struct number_list){.value = {4096, 1 << 20}, .count = 2};
	options.threads = (struct number_list){.value = {1, 16}, .count = 2};
	for (size_t i = 0; i < 4; i++) {
		json_t *runs = json_array();
		char *text;

		for (int repeat = 1; repeat <= 6; repeat++) {
			json_array_append_new(runs, run("two_copy", 4096, repeat, 123.4, true));
			json_array_append_new(runs, run("one_copy", 4096, repeat, 223.4, true));
		}
		text = print(&options, runs, widths[i], 24);
		assert_in_range(widest(text), 0, widths[i]);
		has(text, "123.40 to 123.40");
		has(text, ", 1 thread");
		free(text);
	}
}

static void test_several(void **state)
{
	struct options options = options_of(2, 1);

	(void)state;
	assert_false(combinations__several(&options));
	options.repeat_max = 2;
	assert_true(combinations__several(&options));
	options.repeat_max = 1;
	options.sizes.count = 2;
	assert_true(combinations__several(&options));
	options.sizes.count = 1;
	options.threads.count = 2;
	assert_true(combinations__several(&options));
}

/* If there are runs without probes, only these are compared. */
static void test_baseline(void **state)
{
	const struct comparison comparison = {
		.transport = "one_copy", .with = "two_copy", .message_bytes = 65536, .threads = 1};
	json_t *runs = json_array(), *plain;
	struct estimate ratio;

	(void)state;
	json_array_append_new(runs, run("two_copy", 65536, 1, 1, true));
	json_array_append_new(runs, run("one_copy", 65536, 1, 9, true));
	for (int i = 0; i < 2; i++) {
		plain = run(i ? "one_copy" : "two_copy", 65536, 1, i ? 30 : 10, true);
		json_object_set_new(plain, "traced", json_array());
		json_array_append_new(runs, plain);
	}
	ratio = comparison__ratio(&comparison, runs, CONFIDENCE);
	assert_int_equal(ratio.count, 1);
	assert_true(ratio.median == 3);
	json_decref(runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repeats),		cmocka_unit_test(test_undecided),
		cmocka_unit_test(test_few_and_invalid), cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_widths),		cmocka_unit_test(test_several),
		cmocka_unit_test(test_baseline),	cmocka_unit_test(test_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
