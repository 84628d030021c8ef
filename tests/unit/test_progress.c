// SPDX-License-Identifier: GPL-2.0
/* The progress line, on a terminal and elsewhere. */
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

#include "traffic/control.h"
#include "output/progress.h"

#define SECOND 1000000000ull

static void test_left(void **state)
{
	struct progress progress = {};
	char text[TEXT_NUMBER];

	(void)state;
	progress__start(&progress, 10);
	/* nothing is done since the start: no estimate */
	assert_string_equal(progress__left(&progress, 10, 20, text), "");
	/* two runs in 60 s, two are left */
	progress.start_ns = control__now() - 60 * SECOND;
	assert_string_equal(progress__left(&progress, 12, 14, text), ", 60 s left");
	/* runs before the start do not count in the pace */
	assert_string_equal(progress__left(&progress, 11, 12, text), ", 60 s left");
	assert_string_equal(progress__left(&progress, 12, 22, text), ", 5 min left");
	assert_string_equal(progress__left(&progress, 12, 12, text), ", 0 s left");
	assert_string_equal(progress__left(&progress, 12, 312, text), ", 2.5 h left");
	/* before the first run has ended: by the expected time of a run */
	progress.run_s = 2.1;
	assert_string_equal(progress__left(&progress, 10, 20, text), ", 21 s left");
	assert_string_equal(progress__left(&progress, 12, 22, text), ", 5 min left");
}

static void test_no_terminal(void **state)
{
	struct progress progress;
	FILE *stream = tmpfile();

	(void)state;
	assert_non_null(stream);
	progress__open(&progress, stream);
	progress__show(&progress, "run %d", 1);
	progress__clear(&progress);
	assert_int_equal(ftell(stream), 0);
	fclose(stream);
}

static void test_terminal(void **state)
{
	struct progress progress;
	int master, slave;
	char text[256] = "";
	size_t length = 0;
	ssize_t got;
	FILE *stream;

	(void)state;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	stream = fdopen(slave, "w");
	progress__open(&progress, stream);
	progress__show(&progress, "run %d of %d", 1, 9);
	progress__show(&progress, "run %d of %d", 2, 9);
	progress__clear(&progress);
	fclose(stream);
	/* the terminal's output is read in parts, until EIO */
	while ((got = read(master, text + length, sizeof(text) - 1 - length)) > 0)
		length += got;
	/* each line replaces the one before, and none remains */
	assert_string_equal(text, "\r\033[Krun 1 of 9\r\r\033[Krun 2 of 9\r\r\033[K");
	close(master);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_no_terminal),
		cmocka_unit_test(test_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
