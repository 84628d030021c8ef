// SPDX-License-Identifier: GPL-2.0
/* Summaries of repeats: the runs that each quantity comes from, and invalid runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "output/json.h"
#include "run/summary.h"

/* One run; throughput below 0: unknown. */
static json_t *run(const char *transport, int repeat, bool traced, double throughput, bool valid)
{
	return json_pack("{s:s, s:i, s:i, s:s, s:s, s:i, s:o, s:o, s:{s:f}, s:o, s:b}", "transport",
			 transport, "message_bytes", 4096, "threads", 1, "path", "lo", "mode",
			 "stream", "repeat", repeat, "traced",
			 traced ? json_pack("[s]", "copies") : json_array(), "throughput_gbps",
			 throughput < 0 ? json_null() : json_real(throughput), "latency_us", "mean",
			 traced ? 2.0 : 1.0, "copies_per_byte", traced ? json_real(2) : json_null(),
			 "valid", valid);
}

static const json_t *quantity(const json_t *summary, size_t row, const char *name)
{
	const json_t *quantities =
		json__at(json_array_get(json__at(summary, "rows"), row), "quantities");

	return json_object_get(quantities, name);
}

static void assert_estimate(const json_t *estimate, int count, double median)
{
	assert_int_equal(json_integer_value(json__at(estimate, "count")), count);
	if (count)
		assert_true(json_real_value(json__at(estimate, "median")) == median);
	else
		assert_true(json_is_null(json__at(estimate, "median")));
}

static void test_baseline_runs(void **state)
{
	json_t *runs = json_array(), *summary;

	(void)state;
	for (int repeat = 1; repeat <= 6; repeat++) {
		json_array_append_new(runs, run("one_copy", repeat, true, 9, true));
		json_array_append_new(runs, run("one_copy", repeat, false, 10 + repeat % 2, true));
	}
	json_array_append_new(runs, run("zero_copy", 1, true, 3, true));
	summary = summary__json(runs);
	assert_int_equal(json_array_size(json__at(summary, "rows")), 2);
	/* speed from runs without probes, copies from runs with probes */
	assert_estimate(quantity(summary, 0, "throughput_gbps"), 6, 10.5);
	assert_true(json_real_value(json__at(quantity(summary, 0, "throughput_gbps"), "low")) ==
		    10);
	assert_true(json_real_value(json__at(quantity(summary, 0, "throughput_gbps"), "high")) ==
		    11);
	assert_estimate(quantity(summary, 0, "latency_mean_us"), 6, 1);
	assert_estimate(quantity(summary, 0, "copies_per_byte"), 6, 2);
	assert_int_equal(
		json_integer_value(json__at(quantity(summary, 0, "tracing_cost"), "count")), 6);
	/* without a baseline run the traced run is used, one run being too few for an interval */
	assert_estimate(quantity(summary, 1, "throughput_gbps"), 1, 3);
	assert_true(json_is_null(json__at(quantity(summary, 1, "throughput_gbps"), "low")));
	assert_estimate(quantity(summary, 1, "tracing_cost"), 0, 0);
	assert_estimate(quantity(summary, 1, "cycles_per_byte"), 0, 0);
	json_decref(runs);
	json_decref(summary);
}

/* An invalid run is counted, and none of its numbers is used. */
static void test_invalid(void **state)
{
	json_t *runs = json_array(), *summary, *row;

	(void)state;
	json_array_append_new(runs, run("one_copy", 1, true, 0, false));
	json_array_append_new(runs, run("one_copy", 1, false, 8, true));
	json_array_append_new(runs, run("one_copy", 2, true, 4, true));
	json_array_append_new(runs, run("one_copy", 2, false, -1, false));
	json_array_append_new(runs, run("zero_copy", 1, true, 0, false));
	summary = summary__json(runs);
	assert_estimate(quantity(summary, 0, "throughput_gbps"), 1, 8);
	assert_estimate(quantity(summary, 0, "copies_per_byte"), 1, 2);
	assert_estimate(quantity(summary, 0, "tracing_cost"), 0, 0);
	row = json_array_get(json__at(summary, "rows"), 0);
	assert_int_equal(json_integer_value(json__at(row, "invalid")), 2);
	assert_estimate(quantity(summary, 1, "throughput_gbps"), 0, 0);
	assert_estimate(quantity(summary, 1, "copies_per_byte"), 0, 0);
	json_decref(runs);
	json_decref(summary);
}

static size_t commas(const char *from, const char *to)
{
	size_t count = 0;

	for (; from < to; from++)
		count += *from == ',';
	return count;
}

static void test_csv(void **state)
{
	static const char *const begins[] = {"one_copy,4096,1,\"lo\",stream,0,4,,,1,",
					     "zero_copy,4096,1,\"lo\",stream,1,,,,0,"};
	json_t *runs = json_array(), *summary;
	char *text, *end;
	size_t cells;

	(void)state;
	json_array_append_new(runs, run("one_copy", 1, true, 4, true));
	json_array_append_new(runs, run("zero_copy", 1, true, 0, false));
	summary = summary__json(runs);
	text = summary__csv(summary);
	end = strchr(text, '\n');
	cells = commas(text, end);
	assert_true(cells > 20);
	for (int row = 0; row < 2; row++) {
		char *line = end + 1;

		end = strchr(line, '\n');
		assert_non_null(end);
		assert_int_equal(commas(line, end), cells);
		assert_memory_equal(line, begins[row], strlen(begins[row]));
	}
	assert_string_equal(end, "\n");
	free(text);
	json_decref(runs);
	json_decref(summary);
}

static void test_nothing(void **state)
{
	json_t *runs = json_array(), *summary = summary__json(runs);
	char *text = summary__csv(summary);

	(void)state;
	assert_int_equal(json_array_size(json__at(summary, "rows")), 0);
	assert_ptr_equal(strchr(text, '\n'), strchr(text, '\0') - 1);
	free(text);
	json_decref(runs);
	json_decref(summary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_baseline_runs),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
