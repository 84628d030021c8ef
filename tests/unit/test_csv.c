// SPDX-License-Identifier: GPL-2.0
/* The row of a run: as many cells as the header, empty if unknown, quoted if needed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "example.h"
#include "output/csv.h"
#include "output/json.h"

#define CELLS_MAX 128

/* A line of CSV, split into cells (RFC 4180). */
struct line {
	char *text;
	char *cell[CELLS_MAX];
	size_t count;
};

static void line__split(struct line *row, char *text)
{
	char *from = text, *to;

	row->text = text;
	row->count = 0;
	assert_non_null(text);
	while (true) {
		bool quoted = *from == '"';

		assert_true(row->count < CELLS_MAX);
		row->cell[row->count++] = to = from;
		from += quoted;
		while (*from && (quoted || !strchr(",\n", *from))) {
			if (quoted && *from == '"' && *++from != '"')
				break;
			*to++ = *from++;
		}
		if (*from != ',')
			break;
		from++;
		*to = '\0';
	}
	assert_string_equal(from, "\n"); /* nothing follows: one line */
	*to = '\0';
}

static const char *line__at(const struct line *header, const struct line *row, const char *name)
{
	assert_int_equal(row->count, header->count);
	for (size_t i = 0; i < header->count; i++)
		if (!strcmp(header->cell[i], name))
			return row->cell[i];
	fail_msg("no column %s", name);
	return NULL;
}

/* Header and row of an example; the caller frees the texts. */
static void rows_of(struct example *example, struct line *header, struct line *row)
{
	struct run_ledger ledger;
	json_t *run;

	example__compose(example, &ledger);
	run = json__run(&ledger);
	line__split(header, csv__header());
	line__split(row, csv__row(run));
	json_decref(run);
	run_ledger__free(&ledger);
}

static void lines__free(struct line *header, struct line *row)
{
	free(header->text);
	free(row->text);
}

static void test_header(void **state)
{
	static const char first[] =
		"implementation,message_size,threads,throughput_gbps,avg_latency_us,cycles,"
		"instructions,context_switches,cache_references,cache_misses,";
	char *header = csv__header();
	struct line row;

	(void)state;
	assert_memory_equal(header, first, strlen(first));
	line__split(&row, header);
	for (size_t i = 0; i < row.count; i++)
		for (size_t other = 0; other < i; other++)
			assert_string_not_equal(row.cell[i], row.cell[other]);
	free(header);
}

static void test_row(void **state)
{
	struct line header, row;
	struct example example;

	(void)state;
	example__init(&example, &two_copy);
	example__ask(&example);
	rows_of(&example, &header, &row);
	assert_string_equal(line__at(&header, &row, "implementation"), "two_copy");
	assert_string_equal(line__at(&header, &row, "message_size"), "100000");
	assert_string_equal(line__at(&header, &row, "throughput_gbps"), "0.016");
	assert_string_equal(line__at(&header, &row, "avg_latency_us"), "40.5");
	assert_string_equal(line__at(&header, &row, "latency_p999_us"), "70");
	assert_string_equal(line__at(&header, &row, "mode"), "rr");
	assert_string_equal(line__at(&header, &row, "requests"), "10");
	assert_string_equal(line__at(&header, &row, "traced"), "copies+sched");
	assert_string_equal(line__at(&header, &row, "send_copy"), "1000000");
	assert_string_equal(line__at(&header, &row, "send_copy_evidence"), "exact");
	assert_string_equal(line__at(&header, &row, "residual_send"), "0");
	assert_string_equal(line__at(&header, &row, "valid"), "true");
	assert_string_equal(line__at(&header, &row, "why_invalid"), "");
	lines__free(&header, &row);
}

static void test_unknown_is_empty(void **state)
{
	static const char *const unknown[] = {
		"cycles",	   "context_switches", "send_copy",	 "copies_per_byte",
		"residual_send",   "latency_p50_us",   "latency_max_us", "requests",
		"cycles_per_byte", "sender_cpu",       "traced",	 "retransmitted_bytes"};
	struct line header, row;
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	example.traced = TRACE_NONE;
	rows_of(&example, &header, &row);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_string_equal(line__at(&header, &row, unknown[i]), "");
	assert_string_equal(line__at(&header, &row, "send_copy_evidence"), "unavailable");
	lines__free(&header, &row);
}

/* Nothing received: numbers per byte are empty, and the row has the reason why it is invalid. */
static void test_no_messages(void **state)
{
	static const char *const unknown[] = {"avg_latency_us", "copies_per_byte",
					      "cpu_seconds_per_gib", "latency_p50_us"};
	struct line header, row;
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	memset(&example.result, 0, sizeof(example.result));
	memset(example.observed.counts, 0, sizeof(example.observed.counts));
	rows_of(&example, &header, &row);
	assert_string_equal(line__at(&header, &row, "messages"), "0");
	assert_string_equal(line__at(&header, &row, "throughput_gbps"), "");
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_string_equal(line__at(&header, &row, unknown[i]), "");
	assert_string_equal(line__at(&header, &row, "valid"), "false");
	assert_string_equal(line__at(&header, &row, "reason_codes"), "nothing_received");
	lines__free(&header, &row);
}

/* Cells that would break a row are quoted. */
static void test_quotes(void **state)
{
	json_t *run =
		json_pack("{s:s, s:[s, s], s:[{s:s}, {s:s}], s:n, s:b}", "transport", "a \"b\"",
			  "why_invalid", "1,000 bytes", "then\nmore", "reasons", "code",
			  "lost_events", "code", "residual_not_zero", "path", "valid", 0);
	char *text = csv__row(run);
	struct line header, row;

	(void)state;
	assert_non_null(strstr(text, "\"a \"\"b\"\"\","));
	line__split(&header, csv__header());
	line__split(&row, text);
	assert_string_equal(line__at(&header, &row, "implementation"), "a \"b\"");
	assert_string_equal(line__at(&header, &row, "why_invalid"), "1,000 bytes+then\nmore");
	assert_string_equal(line__at(&header, &row, "reason_codes"),
			    "lost_events+residual_not_zero");
	assert_string_equal(line__at(&header, &row, "path"), "");
	json_decref(run);
	lines__free(&header, &row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),		 cmocka_unit_test(test_row),
		cmocka_unit_test(test_unknown_is_empty), cmocka_unit_test(test_no_messages),
		cmocka_unit_test(test_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
