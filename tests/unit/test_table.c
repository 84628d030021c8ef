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
	struct view view;
	char *text;
};

static void table__add(struct table *table, struct example *example)
{
	example__compose(example, &table->runs[table->results.run_count++]);
	table->results.runs = table->runs;
	table->results.probes = example->probes;
	table->results.probe_count = example->observed.known.probe_count;
}

/* 80 columns, if the test has not set others. */
static void table__render(struct table *table)
{
	size_t size;
	FILE *stream = open_memstream(&table->text, &size);

	if (!table->view.screen.width)
		table->view.screen.width = 80;
	assert_int_equal(table__print(stream, &table->view, &table->results), 0);
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

static void table__lacks(const struct table *table, const char *text)
{
	if (strstr(table->text, text))
		fail_msg("'%s' in:\n%s", text, table->text);
}

/* Joins wrapped lines into one. */
static void text__unwrap(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (from[0] == '\n' && from[1] == ' ') {
			from += strspn(from + 1, " ");
			*to++ = ' ';
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
}

/* Asserts a line with the sentence of a run's remark between two texts. */
static void table__has_line(const struct table *table, const char *before, size_t run,
			    const struct remark *remark, const char *after)
{
	char sentence[SENTENCE_MAX], line[2 * SENTENCE_MAX];
	char *unwrapped = strdup(table->text);

	words__sentence(&table->runs[run].ledger, remark, sentence, sizeof(sentence));
	snprintf(line, sizeof(line), "\n%s%s%s\n", before, sentence, after);
	text__unwrap(unwrapped);
	if (!strstr(unwrapped, line))
		fail_msg("no '%s' in:\n%s", line, unwrapped);
	free(unwrapped);
}

static const struct remark *table__note(const struct table *table, size_t run)
{
	return &table->runs[run].ledger.notes.remark[0];
}

static const struct remark *table__reason(const struct table *table, size_t run)
{
	return &table->runs[run].ledger.reasons.remark[0];
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

/* Adds the four transports; each site that has bytes, and the payload, has `bytes`. */
static void table__add_four(struct table *table, uint64_t bytes)
{
	static const struct transport *const order[] = {&two_copy, &eight_sends, &one_copy,
							&zero_copy};
	struct example example;

	for (size_t i = 0; i < 4; i++) {
		example__init(&example, order[i]);
		for (int site = 0; site < SITE_COUNT; site++)
			if (example__site(&example, site)->bytes)
				example__site(&example, site)->bytes = bytes;
		if (order[i] == &two_copy)
			example.result.sent.copied_bytes = bytes;
		example.result.sent.payload_bytes = bytes;
		example.result.sent.tcp_bytes = bytes;
		example.result.received_bytes = bytes;
		example.observed.counts[SENDER].tally.voluntary[DOING_SEND] = 99999;
		example.observed.counts[SENDER].tally.involuntary = 999;
		example.causes[0].bytes = bytes;
		example__extra(&example, EXTRA_LEFT)->bytes = bytes;
		if (order[i] == &zero_copy) {
			example__extra(&example, EXTRA_LEFT_PINNED)->bytes = bytes;
			example__extra(&example, EXTRA_PIN_ATTEMPTED)->bytes = bytes;
		}
		example.result.seconds = bytes / 1e9;
		table__add(table, &example);
	}
	table->results.complete = true;
}

/* The whole table, so that a change of any character is deliberate. */
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
	table.results.complete = true;
	table__render(&table);
	static const char above[] =
		"path lo, messages of 100000 bytes, 1 thread a side\n"
		"\n"
		"two_copy: 3 copies per byte: 1 by its own memcpy, 1 at send, 1 at receive\n"
		"one_copy: 2 copies per byte: 1 at send, 1 at receive\n"
		"zero_copy: 2 copies per byte: 1 after pinning, 1 at receive; every pinned byte\n"
		"    was copied, by local delivery on lo\n"
		"\n"
		"bytes             two_copy   one_copy  zero_copy\n"
		"------------------------------------------------\n"
		"user_memcpy s    1,000,000          0          0\n"
		"send_copy        1,000,000  1,000,000          0\n"
		"send_pin                 0          0  1,000,000\n"
		"deferred_copy            0          0  1,000,000\n"
		"receive_copy     1,000,000  1,000,000  1,000,000\n"
		"------------------------------------------------\n"
		"copies per byte      3.000      2.000      2.000\n"
		"residual               0/0        0/0        0/0\n"
		"switches, send         0/0    1,234/0    2,468/0\n"
		"switches, recv         0/5        0/5        0/5\n"
		"CPU %               50/100     50/100     50/100\n"
		"Gbit/s                0.02       0.02       0.02\n"
		"\n"
		"s self-reported by the program, the rest exact; residual, CPU: send/receive;\n"
		"  switches: voluntary/involuntary\n"
		"0 in every run: send_splice, transmit_copy, tap_copy, receive_map,\n"
		"  receive_splice, receive_read, dma_out, dma_in\n";
	static const char below[] =
		"\n"
		"next: --json for every number; `harness doctor` for what this kernel allows;\n"
		"  --out DIR, then `harness report DIR`, for pictures\n";
	assert_memory_equal(table.text, above, strlen(above));
	table__has(&table, below);
	table__has_line(&table, "two_copy: ", 0, table__note(&table, 0), "");
	table__has_line(&table, "zero_copy: ", 2, table__note(&table, 2), "");
	table__free(&table);
}

/* Four transports in 80 columns: numbers of 10, 11 and 13 digits have all digits and no unit. */
static void test_large_counters(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{9876543210, "  9,876,543,210"},
		{98765432101, "  98,765,432,101"},
		{9876543210123, "  9876543210123"},
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct table table = {};

		table__add_four(&table, cases[i].bytes);
		table__render(&table);
		table__lacks(&table, "INVALID");
		assert_in_range(widest(table.text), 60, 80);
		table__has(&table, cases[i].text);
		table__has(&table, "\nbytes ");
		assert_null(strstr(strstr(table.text, "\nbytes ") + 1, "\nbytes "));
		table__has(&table, i == 2 ? "99999/999" : "99,999/999");
		table__free(&table);
	}
}

static void test_widths(void **state)
{
	static const struct {
		unsigned int width;
		const char *text;
		unsigned int tables;
	} cases[] = {
		{30, "9,876,543,210,123", 4},	 {60, "  9.88T", 1},
		{80, "  9876543210123", 1},	 {120, "  9,876,543,210,123", 1},
		{200, "  9,876,543,210,123", 1},
	};

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct table table = {.view.screen.width = cases[i].width};
		unsigned int tables = 0;

		table__add_four(&table, 9876543210123);
		table__render(&table);
		if (cases[i].width >= 60)
			assert_in_range(widest(table.text), 0, cases[i].width);
		table__has(&table, cases[i].text);
		for (const char *at = table.text; (at = strstr(at, "\nbytes ")); at++)
			tables++;
		assert_int_equal(tables, cases[i].tables);
		table__free(&table);
	}
}

static void test_colour(void **state)
{
	struct table table = {.view.screen = {.width = 80, .colour = true}};
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	example.result.received_bytes--;
	table__add(&table, &example);
	table__render(&table);
	table__has(&table, "\n\033[1mone_copy\033[0m: 2 copies per byte");
	table__has(&table, "\n\033[31mINVALID\033[0m: one_copy: ");
	table__has(&table, "(INVALID, see below)");
	free(table.text);
	table.view.screen.colour = false;
	table__render(&table);
	table__lacks(&table, "\033");
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
		   "\nzero_copy: copies per byte is not known: no number for deferred_copy "
		   "(INVALID,\n    see below)\n");
	table__has(&table, "\ndeferred_copy          n/a\n");
	table__has(&table, "\ncopies per byte        n/a\n");
	table__has(&table, "\nvalid              INVALID\n");
	table__has(&table, "\nn/a: deferred_copy: skb_copy_ubufs: not permitted\n");
	table__has_line(&table, "INVALID: zero_copy: ", 0, table__reason(&table, 0),
			" [number_unknown]");
	table__free(&table);
}

static void test_hidden_rows(void **state)
{
	struct table table = {};
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	*example__site(&example, SITE_TRANSMIT_COPY) = (struct counter){77, 1};
	table__add(&table, &example);
	table__render(&table);
	table__has(&table, "\ntransmit_copy           77\nreceive_copy ");
	table__has(&table, "1 at send, <0.001 on the way to the device, 1 at\n    receive\n");
	table__has(&table,
		   "0 in every run: send_splice, tap_copy, receive_map, receive_splice,\n"
		   "  receive_read, dma_out, dma_in\n");
	table__free(&table);
}

static void test_answers(void **state)
{
	struct table table = {.view.screen.width = 300};
	struct example example;

	(void)state;
	/* a tenth is copied, a quarter was not pinned */
	example__init(&example, &zero_copy);
	example__site(&example, SITE_DEFERRED_COPY)->bytes = 100000;
	example__site(&example, SITE_SEND_COPY)->bytes = 250000;
	example__site(&example, SITE_SEND_PIN)->bytes = 750000;
	table__add(&table, &example);
	example__init(&example, &one_copy);
	example__site(&example, SITE_SEND_COPY)->bytes = 0;
	table__add(&table, &example);
	table__render(&table);
	table__has(&table,
		   "\nzero_copy: 1.35 copies per byte: 0.25 at send, 0.1 after pinning, 1 at "
		   "receive; 13.3% of the pinned bytes were copied, by local delivery on lo; 25.0% "
		   "of the "
		   "bytes were copied despite MSG_ZEROCOPY");
	table__has(&table, "\none_copy: 1 copy per byte: 1 at receive");
	table__free(&table);
	table = (struct table){};
	example__init(&example, &zero_copy);
	example__site(&example, SITE_DEFERRED_COPY)->bytes = 0;
	example.cause_count = 0;
	table__add(&table, &example);
	table__render(&table);
	table__has(&table, "1 copy per byte: 1 at receive; no pinned byte was copied");
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
	table__has(&table, "one_copy: at most 2 copies per byte");
	table__has(&table, "<=2.000");
	table__has(&table, "\nreceive_copy u   1,000,000\n");
	table__has(&table, "u an upper bound");
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
	table.results.complete = true;
	table__render(&table);
	assert_string_equal(
		table.text,
		"path lo, messages of 100000 bytes, 1 thread a side\n"
		"\n"
		"bytes           two_copy\n"
		"------------------------\n"
		"user_memcpy s  1,000,000\n"
		"------------------------\n"
		"CPU %             50/100\n"
		"Gbit/s              0.02\n"
		"\n"
		"s self-reported by the program, CPU: send/receive\n"
		"copies were not traced; --trace copies counts them\n"
		"\n"
		"next: --json for every number; `harness doctor` for what this kernel allows;\n"
		"  --out DIR, then `harness report DIR`, for pictures\n");
	table__free(&table);
}

static void test_varied(void **state)
{
	struct table table = {.view.screen.width = 120};
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
	table__has(&table, "\nrepeat 1, messages of 4K bytes\nbytes ");
	table__has(&table, "\nrepeat 2, messages of 64K bytes\nbytes ");
	table__has(&table, "(1 of\n    4 runs are INVALID, see below)");
	/* one sentence for four runs, printed once */
	table__has_line(&table, "zero_copy: ", 0, table__note(&table, 0), " [4 of 4 runs]");
	note = strstr(table.text, " [4 of 4 runs]");
	assert_non_null(note);
	assert_null(strstr(note + 1, " [4 of 4 runs]"));
	table__has_line(&table, "INVALID: zero_copy [64K, repeat 2]: ", 3, table__reason(&table, 3),
			" [bytes_disagree]");
	table__lacks(&table, "INVALID: zero_copy [64K, repeat 1]");
	table__free(&table);
}

static void test_note_of_one_run(void **state)
{
	struct table table = {.view.screen.width = 200};
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

/* Counts all runs, not those of one transport, if several transports share the note. */
static void test_note_of_several_transports(void **state)
{
	static const struct transport *const order[] = {&one_copy, &eight_sends, &one_copy};
	struct table table = {.view.screen.width = 200};
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

static void test_memcpy_check(void **state)
{
	struct memcpy_check checks[] = {
		{"two_copy", 0, {4096, 8}, {4096, 8}},
		{"one_copy", 0, {0, 0}, {64, 1}},
		{"zero_copy", -ENOENT, {}, {}},
		{"eight_sends", -ECANCELED, {}, {}},
	};
	struct table table = {.view.screen.width = 200};
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
	table__has(&table, "\nuser_memcpy is unproved: the runs ended before its check\n");
	table__free(&table);
}

/* A run that was not made is "not run", and no sentence blames the kernel. */
static void test_interrupted(void **state)
{
	static const struct transport *const asked[] = {&two_copy, &one_copy, &zero_copy};
	struct memcpy_check checks[] = {{"two_copy", -ECANCELED, {}, {}},
					{"one_copy", -ECANCELED, {}, {}},
					{"zero_copy", -ECANCELED, {}, {}}};
	struct table table = {.view = {.screen.width = 120,
				       .asked = {asked, 3},
				       .run_total = 3,
				       .runs_done = 1,
				       .kept = "results"}};
	struct example example;
	const char *unproved;

	(void)state;
	example__init(&example, &two_copy);
	table__add(&table, &example);
	table.results.checks = checks;
	table.results.check_count = 3;
	table__render(&table);
	table__has(&table, "\ntwo_copy: 3 copies per byte");
	table__has(&table, "\none_copy: not run\nzero_copy: not run\n");
	table__has(&table, "\n1 of 3 runs are complete; the others were not run");
	table__has(&table, "\nnext: `harness --resume results` runs what is missing\n");
	table__lacks(&table, "n/a\n");
	unproved = strstr(table.text, "unproved");
	assert_non_null(unproved);
	assert_null(strstr(unproved + 1, "unproved"));
	free(table.text);
	table.results.complete = true;
	table.view.runs_done = 3;
	table__render(&table);
	table__has(&table, "\nnext: `harness report results` for pictures");
	table__lacks(&table, "were not run");
	table__lacks(&table, "--resume");
	table__lacks(&table, "earlier");
	/* a session with nothing left to do */
	free(table.text);
	table.results.run_count = 0;
	table.view.runs_earlier = 3;
	table__render(&table);
	assert_string_equal(
		table.text,
		"not shown: 3 runs of earlier sessions, in results/results.csv\n"
		"\n"
		"next: `harness report results` for pictures; every number is in "
		"results/runs.jsonl; `harness doctor` for what this\n  kernel allows\n");
	table.results.run_count = 1;
	table__free(&table);
}

static void test_latency_rows(void **state)
{
	struct table table = {};
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	example__ask(&example);
	table__add(&table, &example);
	table__render(&table);
	table__has(&table, "1 thread a side, each one asked for\n");
	table__has(&table,
		   "\nlatency p50 us        40.0\nlatency p90 us        50.0\n"
		   "latency p99 us        60.0\np99.9 us              70.0\n"
		   "longest us            80.5\n");
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
	assert_int_equal(table__print(full, &table.view, &table.results), -EIO);
	fclose(full);
	table__free(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default_table),
		cmocka_unit_test(test_large_counters),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_colour),
		cmocka_unit_test(test_missing_number),
		cmocka_unit_test(test_hidden_rows),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_nothing_traced),
		cmocka_unit_test(test_varied),
		cmocka_unit_test(test_note_of_one_run),
		cmocka_unit_test(test_note_of_several_transports),
		cmocka_unit_test(test_memcpy_check),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_latency_rows),
		cmocka_unit_test(test_no_runs),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
