// SPDX-License-Identifier: GPL-2.0
/* The lines of the live view: columns that stay, order, filter, totals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "watch/view_table.h"

static const unsigned int widths[] = {40, 80, 200, 1000};

static struct view_row row(const char *name, double sent, double received, double copied)
{
	struct view_row row = {.valid = true};

	snprintf(row.name, sizeof(row.name), "%s", name);
	for (int rate = 0; rate < RATE_COUNT; rate++)
		row.rate[rate].known = true;
	row.rate[RATE_SENT].value = sent;
	row.rate[RATE_RECEIVED].value = received;
	row.rate[RATE_SITE + SITE_SEND_COPY].value = copied;
	row.copies[SENDER] = (struct maybe){sent > 0, sent > 0 ? copied / sent : 0};
	row.copies[RECEIVER] = (struct maybe){received > 0, 1};
	return row;
}

/* Each row ends where the heads end, and has the copies per byte. */
static void test_columns_stay(void **state)
{
	const struct view_row rows[] = {
		row("a", 0, 0, 0),
		row("a name that is much longer than the room for it, on any terminal of 200 "
		    "columns: there it is cut at its end",
		    9.99e17, 1e18, 3e18),
		row("\x1b[31m\xc3\xa4", 1, 2, 3),
	};
	char heads[VIEW_LINE], second[VIEW_LINE], text[VIEW_LINE];

	(void)state;
	for (size_t w = 0; w < sizeof(widths) / sizeof(*widths); w++) {
		view_heads__print(widths[w], 0, heads);
		view_heads__print(widths[w], 1, second);
		assert_true(strlen(heads) <= widths[w]);
		assert_int_equal(strlen(heads), strlen(second));
		assert_non_null(strstr(heads, "copies/byte"));
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
			view_row__print(&rows[i], widths[w], text);
			assert_int_equal(strlen(text), strlen(heads));
			assert_null(strchr(text, '\x1b'));
		}
	}
	view_heads__print(40, 0, heads);
	assert_null(strstr(heads, "deferred"));
	view_heads__print(80, 0, heads);
	assert_non_null(strstr(heads, "deferred"));
	view_heads__print(200, 0, heads);
	assert_non_null(strstr(heads, "retrans."));
}

static void test_numbers(void **state)
{
	struct view_row example = row("nginx[8]", 1234567, 999.4, 2469134);
	char text[VIEW_LINE];

	(void)state;
	view_row__print(&example, 40, text);
	assert_string_equal(text, "nginx[8]         2.000/1.000 1.23M   999");
	example.rate[RATE_SENT].known = example.copies[SENDER].known = false;
	view_row__print(&example, 40, text);
	assert_string_equal(text, "nginx[8]             -/1.000   n/a   999");
}

static void test_order_and_filter(void **state)
{
	static const struct {
		enum view_sort sort;
		const char *filter, *names;
	} cases[] = {
		{SORT_BYTES, "", "cadb"},  {SORT_SENT, "", "acbd"}, {SORT_RECEIVED, "", "cdab"},
		{SORT_COPIES, "", "bacd"}, {SORT_NAME, "", "abcd"}, {SORT_NAME, "C", "c"},
		{SORT_NAME, "x", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct view_row rows[] = {row("d", 0, 8, 0), row("b", 2, 0, 9), row("c", 3, 9, 0),
					  row("a", 9, 1, 1)};
		char names[8] = "";
		size_t count = view_rows__choose(rows, 4, cases[i].filter, cases[i].sort);

		assert_int_equal(count, strlen(cases[i].names));
		for (size_t k = 0; k < count; k++)
			strcat(names, rows[k].name);
		assert_string_equal(names, cases[i].names);
	}
}

/* Before the first interval. */
static void test_no_rows(void **state)
{
	(void)state;
	assert_int_equal(view_rows__choose(NULL, 0, "", SORT_BYTES), 0);
}

static void test_total(void **state)
{
	struct view_row rows[] = {row("a", 300, 0, 600), row("b", 100, 50, 0), row("c", 0, 0, 0)};
	struct view_row sum;

	(void)state;
	view_rows__sum(rows, 3, &sum);
	assert_string_equal(sum.name, "total of 3");
	assert_true(sum.valid && sum.rate[RATE_SENT].value == 400);
	assert_true(sum.copies[SENDER].known && sum.copies[SENDER].value == 1.5);
	assert_true(sum.copies[RECEIVER].known && sum.copies[RECEIVER].value == 1);
	/* a number that one row lacks is unknown in the total */
	rows[1].rate[RATE_SWITCHES].known = rows[1].copies[SENDER].known = rows[1].valid = false;
	view_rows__sum(rows, 3, &sum);
	assert_false(sum.rate[RATE_SWITCHES].known || sum.copies[SENDER].known || sum.valid);
	view_rows__sum(rows, 0, &sum);
	assert_false(sum.copies[SENDER].known);
}

/* Rates are per second of the account. */
static void test_of_an_account(void **state)
{
	struct account account = {.seconds = 2,
				  .row = {.kind = ROW_PROCESS, .process = 8, .command = "x"}};
	const struct known known = {.received = true, .switches = true};
	struct view_row taken;

	(void)state;
	account.tally.extra[EXTRA_TAKEN] = (struct counter){3000, 2};
	account.tally.site[SITE_RECEIVE_COPY] = (struct counter){3000, 2};
	account.tally.voluntary[DOING_SEND] = 10;
	account__judge(&account, &known);
	view_row__take(&taken, &account, &known, "x[8]");
	assert_true(taken.rate[RATE_RECEIVED].value == 1500 &&
		    taken.rate[RATE_SWITCHES].value == 5);
	assert_true(taken.rate[RATE_SITE + SITE_RECEIVE_COPY].value == 1500);
	assert_false(taken.rate[RATE_RETRANSMITS].known);
	assert_true(taken.copies[RECEIVER].value == 1 && taken.valid);
	account__reset(&account);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns_stay),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_order_and_filter),
		cmocka_unit_test(test_no_rows),
		cmocka_unit_test(test_total),
		cmocka_unit_test(test_of_an_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
