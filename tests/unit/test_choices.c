// SPDX-License-Identifier: GPL-2.0
/* The distance between two words, and which word was probably meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/choices.h"

static void test_distance(void **state)
{
	static const struct {
		const char *a, *b;
		size_t distance;
	} pairs[] = {
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"run", "run", 0},
		{"run", "ran", 1},	       /* replaced */
		{"run", "ru", 1},	       /* removed */
		{"run", "runs", 1},	       /* inserted */
		{"zero_copy", "zero_cpoy", 1}, /* swapped */
		{"ab", "ba", 1},
		{"ca", "abc", 3}, /* no character is edited twice */
		{"kitten", "sitting", 3},
		{"RR", "rr", 0},
		{"verfy", "verify", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		assert_int_equal(choices__distance(pairs[i].a, pairs[i].b), pairs[i].distance);
		assert_int_equal(choices__distance(pairs[i].b, pairs[i].a), pairs[i].distance);
	}
}

static void test_long_words(void **state)
{
	char as_long[CHOICE_SIZE + 1] = "", longer[CHOICE_SIZE + 2] = "";

	(void)state;
	memset(as_long, 'a', CHOICE_SIZE);
	memset(longer, 'a', CHOICE_SIZE + 1);
	assert_int_equal(choices__distance(as_long, as_long), 0);
	assert_int_equal(choices__distance(as_long, ""), CHOICE_SIZE);
	assert_int_equal(choices__distance(longer, longer), CHOICE_SIZE);
	assert_int_equal(choices__distance("a", longer), CHOICE_SIZE);
}

static const char *nearest(const char *word)
{
	static struct choices choices;

	choices.count = 0;
	choices__add(&choices, "run");
	choices__add(&choices, "%s", "doctor");
	choices__add(&choices, "verify");
	choices__add(&choices, "tracepoint");
	choices__add(&choices, "transport");
	choices__add(&choices, "transmit");
	return choices__nearest(&choices, word);
}

static void test_nearest(void **state)
{
	(void)state;
	assert_string_equal(nearest("verfy"), "verify");
	assert_string_equal(nearest("VERIFY"), "verify");
	assert_string_equal(nearest("dcotro"), "doctor");
	assert_string_equal(nearest("ru"), "run");
	assert_string_equal(nearest("trace"), "tracepoint"); /* begins one word */
	assert_null(nearest("tran"));			     /* begins two words */
	assert_null(nearest("walk"));
	assert_null(nearest("x"));
	assert_null(nearest(""));
	assert_null(nearest("verifier_of_everything"));
}

static void test_full(void **state)
{
	static struct choices choices;
	char text[8];

	(void)state;
	for (int i = 0; i < CHOICES_MAX + 5; i++)
		choices__add(&choices, "%d", i);
	assert_int_equal(choices.count, CHOICES_MAX);
	assert_string_equal(choices__list(&choices, text, sizeof(text)), "0, 1, 2");
	assert_string_equal(choices__hint(&choices, "word", text, sizeof(text)), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_long_words),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
