// SPDX-License-Identifier: GPL-2.0
/* The conclusions of `harness advise`, from invented runs with a known answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "output/json.h"
#include "run/advice.h"

#define REPEATS 12

/* A run with probes gives only copies, one without only speed and CPU time. */
static void add(json_t *runs, const char *transport, int repeat, double copies, double gbps,
		double cpu_seconds_per_gib, bool valid)
{
	for (int traced = 0; traced < 2; traced++)
		json_array_append_new(
			runs,
			json_pack("{s:s, s:i, s:i, s:i, s:o, s:f, s:o, s:{s:f}, s:b}", "transport",
				  transport, "message_bytes", 65536, "threads", 1, "repeat", repeat,
				  "traced", traced ? json_pack("[s]", "copies") : json_array(),
				  "throughput_gbps", traced ? 1000.0 : gbps, "copies_per_byte",
				  json__real(traced, copies), "derived", "cpu_seconds_per_gib",
				  traced ? 0.001 : cpu_seconds_per_gib, "valid", valid));
}

static struct options options_of(const char *const names[], size_t count)
{
	struct options options = {.advise = true,
				  .traced = TRACE_COPIES,
				  .sizes = {.value = {65536}, .count = 1},
				  .threads = {.value = {1}, .count = 1},
				  .repeat = REPEATS,
				  .transport_count = count};

	for (size_t i = 0; i < count; i++)
		options.transport[i] = transport__find(names[i]);
	return options;
}

static char *print(const struct options *options, const json_t *runs)
{
	const struct screen screen = {};
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	advice__print(stream, &screen, options, runs);
	fclose(stream);
	return text;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

/*
 * splice copies nothing. sendfile takes half of two_copy's time. one_copy is the fastest: twice as
 * fast as two_copy in each repeat, and sometimes ahead of sendfile, sometimes behind it.
 */
static json_t *runs_of_three(void)
{
	json_t *runs = json_array();

	for (int i = 1; i <= REPEATS; i++) {
		add(runs, "two_copy", i, 3, 10, 2 * 1.073741824, true);
		add(runs, "one_copy", i, 2, 20, 1.5 * 1.073741824, true);
		add(runs, "sendfile", i, 1, i % 2 ? 19 : 20.5, 1.073741824, true);
	}
	return runs;
}

static const char *const three[] = {"two_copy", "one_copy", "sendfile"};

static void test_the_best_of_each_kind(void **state)
{
	struct options options = options_of(three, 3);
	json_t *runs = runs_of_three(), *json = advice__json(&options, runs), *wanted;
	char *text = print(&options, runs);

	(void)state;
	wanted = json_pack("{s:[s], s:f}", "transports", "sendfile", "copies_per_byte", 1.0);
	assert_true(json_equal(json__at(json, "fewest_copies"), wanted));
	json_decref(wanted);
	assert_string_equal(json_string_value(json__at(json__at(json, "least_cpu"), "transport")),
			    "sendfile");
	assert_int_equal(json_array_size(json__at(json__at(json, "least_cpu"), "undecided")), 0);
	wanted = json_pack("[s]", "sendfile");
	assert_string_equal(json_string_value(json__at(json__at(json, "fastest"), "transport")),
			    "one_copy");
	assert_true(json_equal(json__at(json__at(json, "fastest"), "undecided"), wanted));
	json_decref(wanted);
	has(text, "fewest copies: sendfile; 1.000 of each byte\n");
	has(text,
	    "least CPU time: sendfile, 1.00 (1.00 to 1.00) ns a byte; one_copy takes 1.50 "
	    "(1.50 to 1.50) times as much\n");
	has(text,
	    "fastest: one_copy, 20.00 (20.00 to 20.00) Gbit/s; 2.00 (2.00 to 2.00) times as "
	    "much as two_copy; undecided against sendfile\n");
	free(text);
	json_decref(json);
	json_decref(runs);
}

/* Too few runs for an interval decide nothing; invalid runs are in no answer. */
static void test_few_and_invalid(void **state)
{
	struct options options = options_of(three, 2);
	json_t *runs = json_array(), *json;
	char *text;

	(void)state;
	for (int i = 1; i <= 3; i++) {
		add(runs, "two_copy", i, 3, 10, 2, true);
		add(runs, "one_copy", i, 2, 20, 1, false);
	}
	json = advice__json(&options, runs);
	text = print(&options, runs);
	has(text, "fewest copies: two_copy; 3.000 of each byte\n");
	has(text, "fastest: two_copy, 10.00 Gbit/s\n");
	assert_true(json_is_null(json__at(json__at(json__at(json, "fastest"), "value"), "low")));
	free(text);
	json_decref(json);
	json_array_clear(runs);
	for (int i = 1; i <= 3; i++) {
		add(runs, "two_copy", i, 3, 10, 2, true);
		add(runs, "one_copy", i, 2, 20, 1, true);
	}
	text = print(&options, runs);
	has(text, "fastest: one_copy, 20.00 Gbit/s; undecided against two_copy\n");
	free(text);
	json_decref(runs);
}

static void test_no_run(void **state)
{
	struct options options = options_of(three, 3);
	json_t *runs = json_array(), *json = advice__json(&options, runs);

	(void)state;
	assert_true(json_is_null(json__at(json, "fewest_copies")));
	assert_true(json_is_null(json__at(json, "least_cpu")));
	assert_true(json_is_null(json__at(json, "fastest")));
	json_decref(json);
	json_decref(runs);
}

/* Each method is named once, also if several transports use it. */
static void test_needs(void **state)
{
	static const char *const names[] = {"zero_copy", "zero_copy+mapped", "one_copy+mapped"};
	struct options options = options_of(names, 3);
	json_t *runs = json_array();
	char *text = print(&options, runs), *first = strstr(text, "zero_copy needs SO_ZEROCOPY");

	(void)state;
	assert_non_null(first);
	assert_null(strstr(first + 1, "zero_copy needs"));
	has(text, "+mapped needs TCP_ZEROCOPY_RECEIVE");
	assert_null(strstr(text, "one_copy needs"));
	free(text);
	json_decref(runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_best_of_each_kind),
		cmocka_unit_test(test_few_and_invalid),
		cmocka_unit_test(test_no_run),
		cmocka_unit_test(test_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
