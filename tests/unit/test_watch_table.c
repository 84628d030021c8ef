// SPDX-License-Identifier: GPL-2.0
/* The table of `harness watch`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "ledger/words.h"
#include "watch/watch.h"
#include "watch/watch_remarks.h"

static void test_brief(void **state)
{
	static const struct {
		uint64_t number;
		const char *text;
	} pairs[] = {
		{0, "0"},
		{999, "999"},
		{1000, "1.00k"},
		{9994, "9.99k"},
		{9995, "10.0k"},
		{99949, "99.9k"},
		{99951, "100k"},
		{999499, "999k"},
		{999500, "1.00M"},
		{604897280, "605M"},
		{1370000000, "1.37G"},
		{UINT64_MAX, "18.4E"},
	};
	char text[TEXT_NUMBER];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		assert_string_equal(text__brief(text, pairs[i].number), pairs[i].text);
}

/* The sentence of the first note for all rows. */
static char note[SENTENCE_MAX];

static void account__fill(struct account *account, const struct known *known, unsigned int process)
{
	*account = (struct account){
		.row = {.kind = ROW_PROCESS, .process = process, .command = "nginx"}};
	account->tally.extra[EXTRA_TAKEN] = (struct counter){5000000000, 2};
	account->tally.extra[EXTRA_RETRANSMIT] = (struct counter){1000, 7};
	account->tally.site[SITE_RECEIVE_COPY] = (struct counter){5000000000, 2};
	for (int site = SITE_SEND_COPY; site <= SITE_SEND_SPLICE; site++)
		account->tally.site[site] = (struct counter){1000000000, 2};
	account__judge(account, known);
	assert_true(account->ledger.valid);
}

/* Takes the sentence below the table, about both rows. */
static void note__take(const struct report *report)
{
	struct account all;

	assert_int_equal(watch_remarks__collect(report, &all), 0);
	assert_int_equal(all.ledger.notes.remark[0].code, REMARK_RETRANSMITS);
	assert_int_equal(remark__whole(&all.ledger.notes.remark[0], "bytes"), 2000);
	words__sentence(&all.ledger, &all.ledger.notes.remark[0], note, sizeof(note));
	account__reset(&all);
}

/*
 * Prints two processes with all numbers, on a terminal of `width` columns; 0: no terminal. The
 * caller frees the result.
 */
static char *print(unsigned int width)
{
	const struct watch_options options = {.by = BY_PROCESS, .all = true};
	const struct known known = {.received = true, .retransmits = true, .switches = true};
	struct account account[2], *accounts[] = {&account[0], &account[1]};
	struct report report = {
		.options = &options,
		.known = &known,
		.accounts = accounts,
		.count = 2,
		.seconds = 1,
		.screen = {.width = width},
	};
	size_t size;
	char *text;
	FILE *stream = open_memstream(&text, &size);

	account__fill(&account[0], &known, 812);
	account__fill(&account[1], &known, 813);
	note__take(&report);
	assert_int_equal(watch_table__print(stream, &report), 0);
	fclose(stream);
	account__reset(&account[0]);
	account__reset(&account[1]);
	return text;
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

static void test_a_file_gets_everything(void **state)
{
	char *text = print(0);

	(void)state;
	assert_non_null(strstr(text, "3,000,000,000"));
	assert_non_null(strstr(text, "send_splice"));
	assert_non_null(strstr(text, "0/0"));
	assert_non_null(strstr(text, "retrans."));
	assert_null(strstr(text, "no room"));
	/* once, for all rows */
	assert_non_null(strstr(text, note));
	assert_null(strstr(strstr(text, note) + 1, note));
	free(text);
}

/* A report printed once on a terminal: one row per site, and each digit. */
static void test_a_report_on_a_terminal(void **state)
{
	char *text = print(80);
	const char *number = strstr(text, "\nsent bytes ");

	(void)state;
	assert_true(widest(text) <= 80);
	assert_non_null(strstr(text, "\nprocess "));
	assert_non_null(number);
	assert_non_null(strstr(number, " 3,000,000,000\n"));
	assert_non_null(strstr(text, "\nreceive_copy bytes "));
	assert_null(strstr(text, "no room"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_brief),
		cmocka_unit_test(test_a_file_gets_everything),
		cmocka_unit_test(test_a_report_on_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
