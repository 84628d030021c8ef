// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "example.h"
#include "ledger/words.h"
#include "output/table.h"

#define RUNS_MAX 4

struct table {
	struct run_ledger runs[RUNS_MAX];
	struct results results;
	char *text;
};

static void table__add(struct table *table, struct example *example)
{
	example__compose(example, &table->runs[table->results.run_count++]);
	table->results.runs = table->runs;
	table->results.probes = example->probes;
	table->results.probe_count = example->observed.known.probe_count;
}

static void table__render(struct table *table)
{
	size_t size;
	FILE *stream = open_memstream(&table->text, &size);

	assert_int_equal(table__print(stream, &table->results), 0);
	fclose(stream);
}

static void table__free(struct table *table)
{
	for (size_t i = 0; i < table->results.run_count; i++)
		run_ledger__free(&table->runs[i]);
	free(table->text);
}

static void table__has(const struct table *table, const char *text)
{
	if (!strstr(table->text, text))
		fail_msg("no '%s' in:\n%s", text, table->text);
}

/* A line with the sentence of a remark of a run, and what stands around it. */
static void table__has_line(const struct table *table, const char *before, size_t run,
			    const struct remark *remark, const char *after)
{
	char sentence[SENTENCE_MAX], line[2 * SENTENCE_MAX];

	words__sentence(&table->runs[run].ledger, remark, sentence, sizeof(sentence));
	snprintf(line, sizeof(line), "\n%s%s%s\n", before, sentence, after);
	table__has(table, line);
}

static const struct remark *table__note(const struct table *table, size_t run)
{
	return &table->runs[run].ledger.notes.remark[0];
}

static const struct remark *table__reason(const struct table *table, size_t run)
{
	return &table->runs[run].ledger.reasons.remark[0];
}

static void table__lacks(const struct table *table, const char *text)
{
	if (strstr(table->text, text))
		fail_msg("'%s' in:\n%s", text, table->text);
}

/* The whole of it, so that a change of any character is a decision. */
static void test_default_table(void **state)
{
	static const struct transport *const order[] = {&two_copy, &one_copy, &zero_copy};
	struct table table = {};
	struct example example;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		example__init(&example, order[i]);
		example.observed.counts[SENDER].tally.voluntary[DOING_SEND] = 1234 * i;
		example.observed.counts[RECEIVER].tally.involuntary = 5;
		table__add(&table, &example);
	}
	table__render(&table);
	/* clang-format off: as wide as it is printed */
	static const char grid[] =
		"path lo, messages of 100000 bytes, 1 thread a side\n"
		"\n"
		"transport    user_memcpy  send_copy   send_pin  deferred_copy  receive_copy  "
		"copies  residual   switches   switches   CPU %  Gbit/s\n"
		"                   bytes      bytes      bytes          bytes         bytes   "
		"/byte     send/     sender   receiver   send/\n"
		"           self_reported                                                          "
		"       recv  vol/invol  vol/invol    recv\n"
		"----------------------------------------------------------------------------------"
		"-------------------------------------------------\n"
		"two_copy       1,000,000  1,000,000          0              0     1,000,000   "
		"3.000       0/0        0/0        0/5  50/100    0.02\n"
		"one_copy               0  1,000,000          0              0     1,000,000   "
		"2.000       0/0    1,234/0        0/5  50/100    0.02\n"
		"zero_copy              0          0  1,000,000      1,000,000     1,000,000   "
		"2.000       0/0    2,468/0        0/5  50/100    0.02\n"
		"\n"
		"0 in every row: send_splice, transmit_copy, tap_copy, receive_map, "
		"receive_splice, "
		"dma_out, dma_in\n";
	/* clang-format on */
	assert_memory_equal(table.text, grid, strlen(grid));
	table__has_line(&table, "two_copy: ", 0, table__note(&table, 0), "");
	table__has_line(&table, "zero_copy: ", 2, table__note(&table, 2), "");
	assert_null(strstr(table.text, "one_copy: "));
	table__free(&table);
}

static void test_missing_number(void **state)
{
	struct table table = {};
	struct example example;

	(void)state;
	example__init(&example, &zero_copy);
	example__refuse(&example, "skb_copy_ubufs", SITE_DEFERRED_COPY);
	table__add(&table, &example);
	table__render(&table);
	table__has(&table,
		   "zero_copy              0          0  1,000,000            n/a     1,000,000"
		   "     n/a       0/0");
	table__has(&table, "\nn/a: deferred_copy: skb_copy_ubufs: not permitted\n");
	table__has_line(&table, "INVALID: zero_copy: ", 0, table__reason(&table, 0),
			" [number_unknown]");
	table__free(&table);
}

static void test_hidden_columns(void **state)
{
	struct table table = {};
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	*example__site(&example, SITE_TRANSMIT_COPY) = (struct counter){77, 1};
	table__add(&table, &example);
	table__render(&table);
	table__has(&table, "transmit_copy  receive_copy");
	table__has(&table,
		   "0 in every row: send_splice, tap_copy, receive_map, "
		   "receive_splice, dma_out, dma_in\n");
	table__free(&table);
}

static void test_bound(void **state)
{
	struct table table = {};
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	example.observed.known.evidence[SITE_RECEIVE_COPY] = EVIDENCE_UPPER_BOUND;
	table__add(&table, &example);
	table__render(&table);
	table__has(&table, "<=2.000");
	table__has(&table, "upper_bound");
	table__free(&table);
}

static void test_nothing_traced(void **state)
{
	struct table table = {};
	struct example example;

	(void)state;
	example__init(&example, &two_copy);
	example.traced = TRACE_NONE;
	table__add(&table, &example);
	table__render(&table);
	assert_string_equal(table.text,
			    "path lo, messages of 100000 bytes, 1 thread a side\n"
			    "\n"
			    "transport    user_memcpy   CPU %  Gbit/s\n"
			    "                   bytes   send/\n"
			    "           self_reported    recv\n"
			    "----------------------------------------\n"
			    "two_copy       1,000,000  50/100    0.02\n"
			    "\n"
			    "copies were not traced; --trace copies counts them\n");
	table__free(&table);
}

static void test_varied(void **state)
{
	struct table table = {};
	struct example example;
	const char *note;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		example__init(&example, &zero_copy);
		example.spec.message_bytes = i < 2 ? 4096 : 65536;
		example.repeat = 1 + i % 2;
		if (i == 3)
			example.result.received_bytes--;
		table__add(&table, &example);
	}
	table__render(&table);
	table__has(&table, "path lo, 1 thread a side\n\n");
	table__has(&table, "zero_copy     4K       1");
	table__has(&table, "zero_copy    64K       2");
	/* one sentence for four runs, and none of it again */
	table__has_line(&table, "zero_copy: ", 0, table__note(&table, 0), " [4 of 4 runs]");
	note = strstr(table.text, "pinned byte");
	assert_null(strstr(note + 1, "pinned byte"));
	table__has_line(&table, "INVALID: zero_copy [64K, repeat 2]: ", 3, table__reason(&table, 3),
			" [bytes_disagree]");
	table__lacks(&table, "INVALID: zero_copy [64K, repeat 1]");
	table__free(&table);
}

static void test_note_of_one_run(void **state)
{
	struct table table = {};
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	table__add(&table, &example);
	example.spec.threads = 4;
	example.result.sent.enobufs_waits = 9;
	table__add(&table, &example);
	table__render(&table);
	table__has(&table, "path lo, messages of 100000 bytes\n");
	table__has_line(&table, "one_copy: ", 1, table__note(&table, 1), " [4 threads]");
	table__free(&table);
}

/* Of all runs, and not of those of one transport, when several transports share it. */
static void test_note_of_several_transports(void **state)
{
	static const struct transport *const order[] = {&one_copy, &eight_sends, &one_copy};
	struct table table = {};
	struct example example;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		example__init(&example, order[i]);
		example.spec.threads = i < 2 ? 4 : 1;
		example.spec.cores = 2;
		table__add(&table, &example);
	}
	table__render(&table);
	table__has_line(&table, "", 0, table__note(&table, 0), " [2 of 3 runs]");
	table__free(&table);
}

/* The default run on a fast machine, in 150 columns. */
static void test_width(void **state)
{
	const struct counter many = {.bytes = 20000000000, .calls = 1};
	struct table table = {};
	struct example example;
	size_t width;

	(void)state;
	example__init(&example, &eight_sends);
	for (int site = 0; site < SITE_COUNT; site++)
		if (example__site(&example, site)->bytes)
			*example__site(&example, site) = many;
	*example__site(&example, SITE_SEND_PIN) = many;
	*example__site(&example, SITE_DEFERRED_COPY) = many;
	example.result.sent.payload_bytes = 2 * many.bytes;
	example.result.received_bytes = many.bytes;
	for (int side = 0; side < SIDE_COUNT; side++) {
		example.observed.counts[side].tally.voluntary[DOING_SEND] = 99999;
		example.observed.counts[side].tally.involuntary = 999;
	}
	table__add(&table, &example);
	table__render(&table);
	for (const char *line = table.text; *line; line += width + 1) {
		width = strcspn(line, "\n");
		assert_in_range(width, 0, 150);
	}
	table__free(&table);
}

static void test_memcpy_check(void **state)
{
	struct memcpy_check checks[] = {
		{"two_copy", 0, {4096, 8}, {4096, 8}},
		{"one_copy", 0, {0, 0}, {64, 1}},
		{"zero_copy", -ENOENT, {}, {}},
		{"eight_sends", -ECANCELED, {}, {}},
	};
	struct table table = {};
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	table__add(&table, &example);
	table.results.checks = checks;
	table.results.check_count = 4;
	table__render(&table);
	table__lacks(&table, "two_copy");
	table__has(&table,
		   "\nINVALID: one_copy: user_memcpy: it reports 0 bytes in 0 calls, a uprobe "
		   "counted 64 in 1\n");
	table__has(&table,
		   "\nzero_copy: user_memcpy is unproved: no uprobe: No such file or directory\n");
	table__has(&table, "\neight_sends: user_memcpy is unproved: the runs ended before it\n");
	table__free(&table);
}

static void test_latency_columns(void **state)
{
	struct table table = {};
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	example__ask(&example);
	table__add(&table, &example);
	table__render(&table);
	table__has(&table, "1 thread a side, each one asked for\n");
	table__has(&table, "  latency  latency  latency  latency  latency\n");
	table__has(&table, "      p50      p90      p99    p99.9      max\n");
	table__has(&table, "     40.0     50.0     60.0     70.0     80.5\n");
	table__free(&table);
}

static void test_no_runs(void **state)
{
	struct table table = {};

	(void)state;
	table__render(&table);
	assert_string_equal(table.text, "");
	table__free(&table);
}

static void test_full_disk(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct table table = {};
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	table__add(&table, &example);
	assert_int_equal(table__print(full, &table.results), -EIO);
	fclose(full);
	table__free(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_note_of_several_transports),
		cmocka_unit_test(test_latency_columns),
		cmocka_unit_test(test_default_table),
		cmocka_unit_test(test_missing_number),
		cmocka_unit_test(test_hidden_columns),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_nothing_traced),
		cmocka_unit_test(test_varied),
		cmocka_unit_test(test_note_of_one_run),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_memcpy_check),
		cmocka_unit_test(test_no_runs),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
