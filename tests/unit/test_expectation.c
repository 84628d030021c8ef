// SPDX-License-Identifier: GPL-2.0
/* --expect: the list, its names, and which numbers break it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/capture.h"
#include "watch/expectation.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static json_t *row;

static int make_row(void **state)
{
	static const char text[] =
		"{\"process\": {\"pid\": 1, \"command\": \"x\"}, \"sent_bytes\": 100,"
		" \"received_bytes\": null, \"valid\": true,"
		" \"sites\": {\"send_copy\": {\"bytes\": 60, \"calls\": 2},"
		"  \"deferred_copy\": {\"bytes\": 40, \"calls\": 1, \"causes\":"
		"   [{\"cause\": \"local delivery\", \"device\": \"lo\", \"bytes\": 40}]},"
		"  \"receive_copy\": {\"bytes\": 7, \"calls\": 1}},"
		" \"copies_per_byte\": {\"send\": 1.5, \"receive\": null},"
		" \"residual\": {\"send\": 0, \"receive\": -3},"
		" \"reasons\": [{\"code\": \"residual_not_zero\", \"text\": \"three are "
		"missing\"}]}";

	(void)state;
	row = json_loads(text, 0, NULL);
	return row ? 0 : -1;
}

static int free_row(void **state)
{
	(void)state;
	json_decref(row);
	return 0;
}

/* The number of numbers in the row that break the list; -1: the list is refused. */
static int broken(const char *text, char *printed, size_t size)
{
	struct capture capture = capture__begin(stderr);
	struct expectations list;
	struct rulings rulings = {};
	int result = -1;

	if (!expectations__parse(&list, text) && !expectations__check_names(&list, row)) {
		expectations__judge(&list, row, &rulings);
		rulings__print(&rulings, stderr);
		result = (int)rulings__unmet(&rulings);
	}
	rulings__free(&rulings);
	capture__end(&capture, printed, size);
	return result;
}

static void test_comparisons(void **state)
{
	static const struct {
		const char *text;
		int broken;
	} cases[] = {
		{"sent_bytes == 100", 0},
		{"sent_bytes == 99.9", 1},
		{"sent_bytes != 100", 1},
		{"sent_bytes != 1", 0},
		{"sent_bytes <= 100", 0},
		{"sent_bytes <= 99", 1},
		{"sent_bytes >= 100", 0},
		{"sent_bytes >= 101", 1},
		{"sent_bytes < 100", 1},
		{"sent_bytes < 101", 0},
		{"sent_bytes > 100", 1},
		{"sent_bytes > 99", 0},
		{"sent_bytes==1e2", 0},
		{" sent_bytes\t>=  -1 ", 0},
		{"sent_bytes == 1, sent_bytes == 2,sent_bytes == 100", 2},
		{"send_copy == 60", 0},
		{"sites.send_copy.calls == 2", 0},
		{"copies_per_byte.send <= 1.5", 0},
		{"copies_per_byte.send <= 1.4", 1},
		/* two sides, one of which is not known */
		{"copies_per_byte <= 2", 1},
		{"copies_per_byte <= 1", 2},
		{"residual == 0", 1},
		{"residual.send == 0", 0},
		{"residual != 7", 0},
		{"received_bytes >= 0", 1},
		{"received_bytes != 0", 1},
	};
	char printed[4096];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(broken(cases[i].text, printed, sizeof(printed)), cases[i].broken);
}

/* The expectation, the value and the cause, on a line each. */
static void test_words(void **state)
{
	static const struct {
		const char *text, *line;
	} cases[] = {
		{"sent_bytes == 100", ""},
		{"deferred_copy == 0",
		 "harness: expected deferred_copy == 0, but it is 40: "
		 "deferred_copy 40 bytes (local delivery on lo)\n"},
		{"copies_per_byte.send <= 1",
		 "harness: expected copies_per_byte.send <= 1, but it is 1.5: send_copy 60 bytes, "
		 "deferred_copy 40 bytes (local delivery on lo)\n"},
		{"copies_per_byte.receive <= 1",
		 "harness: expected copies_per_byte.receive <= 1, but it is not known: "
		 "receive_copy 7 bytes\n"},
		{"residual == 0",
		 "harness: expected residual.receive == 0, but it is -3: three "
		 "are missing\n"},
	};
	char printed[4096];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		broken(cases[i].text, printed, sizeof(printed));
		assert_string_equal(printed, cases[i].line);
	}
}

/* The refusal is one line that names the fault. */
static void test_refused(void **state)
{
	static const struct {
		const char *text, *names;
	} wrong[] = {
		{"", "no name"},
		{" , residual == 0", "no name"},
		{"residual == 0,", "no name"},
		{"== 0", "no name"},
		{"residual", "'residual': no comparison"},
		{"residual = 0", "no comparison"},
		{"residual =< 0", "no comparison"},
		{"residual ==", "no number"},
		{"residual == ,sent_bytes == 1", "no number"},
		{"residual == x", "no number"},
		{"residual == nan", "no number"},
		{"residual == inf", "no number"},
		{"residual == 1e999", "no number"},
		{"residual == 0x10", "no number"},
		{"residual == 0 0", "'residual == 0 0': more follows"},
		{"residual == 0; sent_bytes == 0", "more follows"},
		{"deferred_copi == 0", "did you mean 'deferred_copy'?"},
		{"copies_per_byte.sen == 0", "did you mean 'copies_per_byte.send'?"},
		{"residual.bytes == 0", "no number 'residual.bytes'"},
		{"process.command == 0", "no number 'process.command'"},
		{"valid == 1", "no number 'valid'"},
		{"sites == 1", "no number 'sites'"},
	};
	char printed[4096];

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_int_equal(broken(wrong[i].text, printed, sizeof(printed)), -1);
		assert_ptr_equal(strstr(printed, "harness: --expect"), printed);
		assert_non_null(strstr(printed, wrong[i].names));
		assert_ptr_equal(strchr(printed, '\n'), printed + strlen(printed) - 1);
	}
}

static void test_limits(void **state)
{
	char text[EXPECTATIONS_MAX * 32 + 64] = "", printed[4096], name[EXPECTATION_NAME + 16];

	(void)state;
	for (int i = 0; i < EXPECTATIONS_MAX; i++)
		strcat(text, i ? ",sent_bytes == 100" : "sent_bytes == 100");
	assert_int_equal(broken(text, printed, sizeof(printed)), 0);
	strcat(text, ",sent_bytes == 100");
	assert_int_equal(broken(text, printed, sizeof(printed)), -1);
	assert_non_null(strstr(printed, "at most"));
	memset(name, 'a', EXPECTATION_NAME);
	strcpy(name + EXPECTATION_NAME, " == 0");
	assert_int_equal(broken(name, printed, sizeof(printed)), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comparisons),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, make_row, free_row);
}
