// SPDX-License-Identifier: GPL-2.0
/* The printer of tables, and what it reads of the screen. */
#include <errno.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "output/sheet.h"

/* The caller frees the result. */
static char *print(const struct sheet *sheet, unsigned int width, bool colour)
{
	const struct screen screen = {.width = width, .colour = colour};
	size_t size;
	char *text;
	FILE *stream = open_memstream(&text, &size);

	assert_int_equal(sheet__print(sheet, stream, &screen), 0);
	fclose(stream);
	return text;
}

static void assert_prints(const struct sheet *sheet, unsigned int width, const char *expected)
{
	char *text = print(sheet, width, false);

	assert_string_equal(text, expected);
	free(text);
}

/* Rows of a name and three numbers; `spare` is the last column's. */
static struct sheet *example(unsigned int spare, int rows)
{
	struct sheet *sheet = sheet__new();

	sheet__add_column(sheet, (struct sheet_column){.head = "name", .left = true});
	sheet__add_column(sheet, (struct sheet_column){.head = "first\nbytes"});
	sheet__add_column(sheet, (struct sheet_column){.head = "second"});
	sheet__add_column(sheet, (struct sheet_column){
					 .head = "the third", .brief_head = "3", .spare = spare});
	for (int row = 0; row < rows; row++) {
		sheet__add_row(sheet);
		sheet__add_text(sheet, COLOUR_NONE, "row");
		sheet__add_number(sheet, 1234567);
		sheet__add_pair(sheet, 1000, 20);
		sheet__add_unknown(sheet);
	}
	return sheet;
}

static void test_digits(void **state)
{
	struct sheet *sheet = example(0, 3);

	(void)state;
	assert_prints(sheet, 0,
		      "name      first    second  the third\n"
		      "          bytes\n"
		      "------------------------------------\n"
		      "row   1,234,567  1,000/20        n/a\n"
		      "row   1,234,567  1,000/20        n/a\n"
		      "row   1,234,567  1,000/20        n/a\n");
	assert_prints(sheet, 36,
		      "name      first    second  the third\n"
		      "          bytes\n"
		      "------------------------------------\n"
		      "row   1,234,567  1,000/20        n/a\n"
		      "row   1,234,567  1,000/20        n/a\n"
		      "row   1,234,567  1,000/20        n/a\n");
	assert_prints(sheet, 35,
		      "name    first   second  the third\n"
		      "        bytes\n"
		      "---------------------------------\n"
		      "row   1234567  1000/20        n/a\n"
		      "row   1234567  1000/20        n/a\n"
		      "row   1234567  1000/20        n/a\n");
	assert_prints(sheet, 32,
		      "name  first    second    3\n"
		      "      bytes\n"
		      "--------------------------\n"
		      "row   1.23M  1.00k/20  n/a\n"
		      "row   1.23M  1.00k/20  n/a\n"
		      "row   1.23M  1.00k/20  n/a\n");
	sheet__free(sheet);
}

static void test_left_out(void **state)
{
	struct sheet *sheet = example(1, 1);

	(void)state;
	assert_prints(sheet, 25,
		      "name  first    second\n"
		      "      bytes\n"
		      "---------------------\n"
		      "row   1.23M  1.00k/20\n"
		      "no room for: the third\n");
	sheet__free(sheet);
}

/* No column can be left out, so the table is continued, with all digits. */
static void test_continued(void **state)
{
	struct sheet *sheet = example(0, 3);

	(void)state;
	assert_prints(sheet, 25,
		      "name      first    second\n"
		      "          bytes\n"
		      "-------------------------\n"
		      "row   1,234,567  1,000/20\n"
		      "row   1,234,567  1,000/20\n"
		      "row   1,234,567  1,000/20\n"
		      "\n"
		      "name  the third\n"
		      "---------------\n"
		      "row         n/a\n"
		      "row         n/a\n"
		      "row         n/a\n");
	sheet__free(sheet);
}

/* Few rows of many columns are transposed if that keeps all digits. */
static void test_transposed(void **state)
{
	struct sheet *sheet = example(0, 1);

	(void)state;
	assert_prints(sheet, 36,
		      "name      first    second  the third\n"
		      "          bytes\n"
		      "------------------------------------\n"
		      "row   1,234,567  1,000/20        n/a\n");
	assert_prints(sheet, 35,
		      "name               row\n"
		      "----------------------\n"
		      "first bytes  1,234,567\n"
		      "second        1,000/20\n"
		      "the third          n/a\n");
	/* not if it does not fit then either, nor if a view leaves columns out */
	assert_prints(sheet, 21,
		      "name      first\n"
		      "          bytes\n"
		      "---------------\n"
		      "row   1,234,567\n"
		      "\n"
		      "name    second\n"
		      "--------------\n"
		      "row   1,000/20\n"
		      "\n"
		      "name  the third\n"
		      "---------------\n"
		      "row         n/a\n");
	sheet__free(sheet);
	sheet = example(1, 1);
	assert_prints(sheet, 35,
		      "name    first   second  the third\n"
		      "        bytes\n"
		      "---------------------------------\n"
		      "row   1234567  1000/20        n/a\n");
	sheet__free(sheet);
}

static void test_rows(void **state)
{
	struct sheet *sheet = sheet__new();

	(void)state;
	sheet__add_column(sheet, (struct sheet_column){.head = "a", .left = true});
	sheet__add_column(sheet, (struct sheet_column){.head = "b"});
	assert_prints(sheet, 0, "a  b\n");
	sheet__add_row(sheet);
	sheet__add_text(sheet, COLOUR_NONE, "x");
	sheet__add_rule(sheet);
	sheet__add_row(sheet);
	sheet__add_text(sheet, COLOUR_NONE, "y");
	sheet__add_text(sheet, COLOUR_RED, "12");
	assert_prints(sheet, 0, "a   b\n-----\nx\n-----\ny  12\n");
	sheet__free(sheet);
}

static void test_colours(void **state)
{
	struct sheet *sheet = sheet__new();
	char *text;

	(void)state;
	sheet__add_column(sheet, (struct sheet_column){.head = "a", .colour = COLOUR_BOLD});
	sheet__add_row(sheet);
	sheet__add_text(sheet, COLOUR_RED, "12");
	text = print(sheet, 80, true);
	assert_string_equal(text, "\033[1m a\033[0m\n--\n\033[31m12\033[0m\n");
	free(text);
	sheet__free(sheet);
}

/* A process's name may have any bytes: control characters are shown, not sent. */
static void test_control_characters(void **state)
{
	struct sheet *sheet = sheet__new();
	char *text;

	(void)state;
	sheet__add_column(sheet, (struct sheet_column){.head = "name", .left = true});
	sheet__add_row(sheet);
	sheet__add_text(sheet, COLOUR_NONE, "%s", "evil\033[2Jname");
	text = print(sheet, 80, false);
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "evil\\x1b[2Jname"));
	free(text);
	sheet__free(sheet);
}

static void test_too_much(void **state)
{
	const struct screen screen = {.width = 80};
	struct sheet *sheet = sheet__new();

	(void)state;
	sheet__add_column(sheet, (struct sheet_column){.head = "a"});
	sheet__add_row(sheet);
	sheet__add_number(sheet, 1);
	sheet__add_number(sheet, 2);
	assert_int_equal(sheet__print(sheet, stdout, &screen), -E2BIG);
	sheet__free(sheet);
	assert_int_equal(sheet__print(NULL, stdout, &screen), -ENOMEM);
}

static struct screen screen_of_terminal(unsigned short columns)
{
	struct winsize size = {.ws_row = 24, .ws_col = columns};
	struct screen screen;
	int master, slave;
	FILE *stream;

	assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
	stream = fdopen(slave, "w");
	screen = screen__of(stream);
	fclose(stream);
	close(master);
	return screen;
}

static void test_terminal(void **state)
{
	(void)state;
	setenv("TERM", "xterm", 1);
	setenv("COLUMNS", "100", 1);
	unsetenv("NO_COLOR");
	assert_int_equal(screen_of_terminal(132).width, 132);
	assert_int_equal(screen_of_terminal(0).width, 100); /* its size is unknown */
	assert_true(screen_of_terminal(132).colour);
	setenv("NO_COLOR", "1", 1);
	assert_false(screen_of_terminal(132).colour);
	setenv("NO_COLOR", "", 1);
	assert_true(screen_of_terminal(132).colour);
	setenv("TERM", "dumb", 1);
	assert_false(screen_of_terminal(132).colour);
}

static void test_no_terminal(void **state)
{
	FILE *stream = tmpfile();

	(void)state;
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	unsetenv("COLUMNS");
	assert_int_equal(screen__of(stream).width, 80);
	assert_false(screen__of(stream).colour);
	setenv("COLUMNS", "100", 1);
	assert_int_equal(screen__of(stream).width, 100);
	setenv("COLUMNS", "wide", 1);
	assert_int_equal(screen__of(stream).width, 80);
	fclose(stream);
}

static void test_wrap(void **state)
{
	static const struct {
		unsigned int width;
		const char *text;
	} cases[] = {
		{0, "at: one two verylongword four\n"},
		{12, "at: one two\n  verylongword\n  four\n"},
		{16, "at: one two\n  verylongword\n  four\n"},
		{19, "at: one two\n  verylongword four\n"},
		{24, "at: one two verylongword\n  four\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct screen screen = {.width = cases[i].width};
		size_t size;
		char *text;
		FILE *stream = open_memstream(&text, &size);

		fputs("at: ", stream);
		screen__wrap(stream, &screen, 4, 2, "one two verylongword four");
		fclose(stream);
		assert_string_equal(text, cases[i].text);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_continued),
		cmocka_unit_test(test_transposed),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_colours),
		cmocka_unit_test(test_control_characters),
		cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_no_terminal),
		cmocka_unit_test(test_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
