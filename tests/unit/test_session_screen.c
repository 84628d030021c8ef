// SPDX-License-Identifier: GPL-2.0
/* What a session prints: runs and their baseline runs, of this session and of earlier ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "example.h"
#include "output/json.h"
#include "run/session_screen.h"

#define RUNS_MAX 4

struct session_test {
	struct options options;
	struct run_ledger runs[RUNS_MAX];
	struct results results;
	struct archive archive;
	struct session_screen session;
	char *text;
};

static void test__init(struct session_test *test)
{
	*test = (struct session_test){
		.options = {.traced = TRACE_COPIES | TRACE_SCHED,
			    .transport = {&two_copy, &one_copy},
			    .transport_count = 2,
			    .sizes = {{100000}, 1},
			    .threads = {{1}, 1},
			    .repeat = 1,
			    .repeat_max = 1},
		.results = {.runs = test->runs, .complete = true},
		.session = {.options = &test->options, .results = &test->results},
	};
	path__parse("lo", &test->options.path);
	test->archive.name = "kept";
	test->archive.runs = json_array();
}

/*
 * Adds a run of 1,000,000 bytes in `seconds`; a run of an earlier session is only in the archive.
 */
static void test__add(struct session_test *test, const struct transport *transport, bool traced,
		      double seconds, bool earlier)
{
	struct run_ledger *ledger = &test->runs[test->results.run_count];
	struct example example;

	example__init(&example, transport);
	example.result.seconds = seconds;
	if (!traced)
		example.traced = TRACE_NONE;
	example__compose(&example, ledger);
	ledger->combination = transport == &one_copy;
	json_array_append_new(test->archive.runs, json__run(ledger));
	if (earlier)
		run_ledger__free(ledger);
	else
		test->results.run_count++;
}

static void test__print(struct session_test *test, bool kept)
{
	size_t size;
	FILE *stream = open_memstream(&test->text, &size);

	unsetenv("COLUMNS");
	test->session.archive = kept ? &test->archive : NULL;
	test->session.run_total = 4;
	test->session.runs_done = json_array_size(test->archive.runs);
	assert_int_equal(session_screen__print(&test->session, stream), 0);
	fclose(stream);
}

static void test__free(struct session_test *test)
{
	for (size_t i = 0; i < test->results.run_count; i++)
		run_ledger__free(&test->runs[i]);
	json_decref(test->archive.runs);
	free(test->text);
}

static void has(const struct session_test *test, const char *part)
{
	if (!strstr(test->text, part))
		fail_msg("no '%s' in:\n%s", part, test->text);
}

static void lacks(const struct session_test *test, const char *part)
{
	if (strstr(test->text, part))
		fail_msg("'%s' in:\n%s", part, test->text);
}

/* A baseline run is a number of its transport, not a column. */
static void test_baseline(void **state)
{
	struct session_test test;

	(void)state;
	test__init(&test);
	test__add(&test, &two_copy, true, 0.5, false);
	test__add(&test, &two_copy, false, 0.1, false);
	test__add(&test, &one_copy, true, 0.5, false);
	test__add(&test, &one_copy, false, 0.05, false);
	test__print(&test, false);
	has(&test, "\nbytes             two_copy   one_copy\n");
	has(&test, "\nGbit/s                0.02       0.02\n");
	has(&test, "\nGbit/s baseline       0.08       0.16\n");
	lacks(&test, "not run");
	lacks(&test, "not shown");
	test__free(&test);
}

/* The traced run was in another session: its counts are absent, not refused by the kernel. */
static void test_baseline_alone(void **state)
{
	struct session_test test;

	(void)state;
	test__init(&test);
	test__add(&test, &two_copy, true, 0.5, true);
	test__add(&test, &two_copy, false, 0.1, false);
	test__add(&test, &one_copy, true, 0.5, false);
	test__add(&test, &one_copy, false, 0.05, false);
	test__print(&test, true);
	has(&test, "\nbytes             one_copy\n");
	lacks(&test, "n/a: ");
	lacks(&test, "were not traced");
	lacks(&test, "not run");
	has(&test, "\nnot shown: 1 run of earlier sessions, in kept/results.csv\n");
	test__free(&test);
}

static void test_interrupted(void **state)
{
	struct session_test test;

	(void)state;
	test__init(&test);
	test.results.complete = false;
	test__add(&test, &two_copy, true, 0.5, false);
	test__print(&test, true);
	has(&test, "\none_copy: not run\n");
	has(&test, "\n1 of 4 runs are complete; the others were not run");
	has(&test, "\nnext: `harness --resume kept` runs what is missing\n");
	test__free(&test);
}

/* Rows are of all sessions; --rows prints runs of this one. */
static void test_rows(void **state)
{
	struct session_test test;

	(void)state;
	test__init(&test);
	test.options.repeat_max = 2;
	test__add(&test, &two_copy, true, 0.5, true);
	test__add(&test, &one_copy, true, 0.25, false);
	test__print(&test, true);
	has(&test, "\ntwo_copy     0.02 ");
	has(&test, "\none_copy     0.03 ");
	has(&test, "\none_copy was 2.00 times as fast as two_copy at 100000 bytes\n");
	lacks(&test, "\nsend_copy ");
	free(test.text);
	test.options.rows = true;
	test__print(&test, true);
	has(&test, "\nsend_copy ");
	lacks(&test, " moved ");
	test__free(&test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_baseline),
		cmocka_unit_test(test_baseline_alone),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
