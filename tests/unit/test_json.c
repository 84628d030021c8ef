// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "example.h"
#include "base/version.h"
#include "host/environment.h"
#include "output/json.h"

/* Prints JSON and reads it back, as a user's program does. */
static json_t *round_trip(struct results *results)
{
	json_t *document = json__document(results, environment__json()), *read;
	FILE *stream;
	char *text;
	size_t size;

	assert_non_null(document);
	stream = open_memstream(&text, &size);
	assert_int_equal(json__print(stream, document), 0);
	fclose(stream);
	json_decref(document);
	assert_int_equal(text[size - 1], '\n');
	read = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(read);
	free(text);
	return read;
}

static json_t *one_run(struct example *example, json_t **document)
{
	struct results results = {.run_count = 1, .complete = true};
	struct run_ledger run;
	json_t *runs;

	example__compose(example, &run);
	results.runs = &run;
	results.probes = example->probes;
	results.probe_count = example->observed.known.probe_count;
	*document = round_trip(&results);
	run_ledger__free(&run);
	runs = json_object_get(*document, "runs");
	assert_int_equal(json_array_size(runs), 1);
	return json_array_get(runs, 0);
}

/* The value under "a.b.c". */
static json_t *at(json_t *json, const char *path)
{
	char copy[128], *rest = copy, *key;

	snprintf(copy, sizeof(copy), "%s", path);
	while (json && (key = strsep(&rest, ".")))
		json = json_object_get(json, key);
	if (!json)
		fail_msg("there is no %s", path);
	return json;
}

static void assert_whole(json_t *json, const char *path, long long number)
{
	assert_true(json_is_integer(at(json, path)));
	assert_true(json_integer_value(at(json, path)) == number);
}

static void assert_real(json_t *json, const char *path, double number)
{
	assert_true(json_is_real(at(json, path)));
	assert_true(json_real_value(at(json, path)) == number);
}

static void assert_word(json_t *json, const char *path, const char *word)
{
	assert_true(json_is_string(at(json, path)));
	assert_string_equal(json_string_value(at(json, path)), word);
}

static void assert_null_at(json_t *json, const char *path)
{
	assert_true(json_is_null(at(json, path)));
}

static void test_document(void **state)
{
	struct example example;
	json_t *document;

	(void)state;
	example__init(&example, &one_copy);
	one_run(&example, &document);
	assert_word(document, "schema", "harness.ledger/1");
	assert_true(json_is_true(at(document, "complete")));
	assert_null_at(document, "user_memcpy_check");
	assert_int_equal(json_array_size(at(document, "probes")), 0);
	assert_word(document, "environment.harness", version__text());
	assert_true(json_string_length(at(document, "environment.kernel")) > 0);
	assert_true(json_integer_value(at(document, "environment.cores")) > 0);
	assert_true(json_integer_value(at(document, "environment.memory_bytes")) > 1 << 20);
	json_decref(document);
}

static void test_run(void **state)
{
	struct example example;
	json_t *document, *run;

	(void)state;
	example__init(&example, &one_copy);
	example.spec.verify = true;
	example.repeat = 2;
	example.observed.counts[RECEIVER].tally.voluntary[DOING_RECEIVE] = 30;
	example.observed.counts[RECEIVER].tally.involuntary = 7;
	*example__extra(&example, EXTRA_RETRANSMIT) = (struct counter){2896, 2};
	example.observed.counts[RECEIVER].tally.extra[EXTRA_COLLAPSED].bytes = 4344;
	run = one_run(&example, &document);
	assert_word(run, "transport", "one_copy");
	assert_word(run, "path", "lo");
	assert_whole(run, "message_bytes", 100000);
	assert_whole(run, "threads", 1);
	assert_whole(run, "repeat", 2);
	assert_int_equal(json_array_size(at(run, "traced")), 2);
	assert_string_equal(json_string_value(json_array_get(at(run, "traced"), 0)), "copies");
	assert_string_equal(json_string_value(json_array_get(at(run, "traced"), 1)), "sched");
	assert_true(json_is_true(at(run, "verify")));
	assert_real(run, "seconds", 0.5);
	assert_whole(run, "messages", 10);
	assert_whole(run, "payload_bytes", 1000000);
	assert_whole(run, "system_calls.send", 10);
	assert_whole(run, "system_calls.receive", 17);
	assert_real(run, "throughput_gbps", 0.016);
	assert_real(run, "latency_us.mean", 50000);
	assert_null_at(run, "latency_us.p50");
	assert_null_at(run, "latency_us.p99");
	assert_null_at(run, "latency_us.p999");
	assert_real(run, "cpu_seconds.sender", 0.25);
	assert_real(run, "cpu_seconds.receiver", 0.5);
	assert_whole(run, "retransmits.segments", 2);
	assert_whole(run, "retransmits.bytes", 2896);
	assert_whole(run, "collapsed_bytes", 4344);
	assert_real(run, "copies_per_byte", 2);
	assert_word(run, "copies_per_byte_evidence", "self_reported");
	assert_whole(run, "residual.send", 0);
	assert_whole(run, "residual.receive", 0);
	assert_whole(run, "context_switches.sender.voluntary", 0);
	assert_whole(run, "context_switches.receiver.voluntary", 30);
	assert_whole(run, "context_switches.receiver.involuntary", 7);
	assert_whole(run, "context_switches.receiver.blocked_in.receive", 30);
	assert_whole(run, "context_switches.receiver.blocked_in.completions", 0);
	assert_null_at(run, "counters.sender.cycles");
	assert_null_at(run, "counters.receiver.task_clock_ns");
	assert_whole(run, "completions.expected", 0);
	assert_true(json_is_true(at(run, "valid")));
	assert_int_equal(json_array_size(at(run, "why_invalid")), 0);
	json_decref(document);
}

static void test_sites(void **state)
{
	struct example example;
	json_t *document, *run, *cause, *note;

	(void)state;
	example__init(&example, &zero_copy);
	run = one_run(&example, &document);
	assert_int_equal(json_object_size(at(run, "sites")), SITE_COUNT);
	for (int site = 0; site < SITE_COUNT; site++)
		assert_non_null(json_object_get(at(run, "sites"), sites[site].name));
	assert_whole(run, "sites.user_memcpy.bytes", 0);
	assert_word(run, "sites.user_memcpy.evidence", "self_reported");
	assert_whole(run, "sites.send_pin.bytes", 1000000);
	assert_whole(run, "sites.send_pin.calls", 10);
	assert_word(run, "sites.send_pin.evidence", "exact");
	assert_int_equal(json_array_size(at(run, "sites.tap_copy.causes")), 0);
	assert_int_equal(json_array_size(at(run, "sites.deferred_copy.causes")), 1);
	cause = json_array_get(at(run, "sites.deferred_copy.causes"), 0);
	assert_word(cause, "cause", "local delivery");
	assert_word(cause, "function", "ip_local_deliver_finish");
	assert_word(cause, "device", "lo");
	assert_whole(cause, "bytes", 1000000);
	assert_whole(cause, "calls", 10);
	assert_whole(run, "pin_attempted_bytes", 1000000);
	assert_whole(run, "completions.copied", 10);
	assert_word(cause, "code", "local_delivery");
	note = json_array_get(at(run, "notes"), 0);
	assert_word(note, "code", "deferred_copies");
	assert_word(note, "site", "deferred_copy");
	assert_whole(note, "bytes", 1000000);
	assert_non_null(json_string_value(json_object_get(note, "text")));
	json_decref(document);
}

static void test_witness(void **state)
{
	struct example example;
	json_t *document, *run;

	(void)state;
	example__init(&example, &one_copy);
	example.result.tcp[SENDER] = (struct tcp_count){EXAMPLE_BYTES, 1};
	run = one_run(&example, &document);
	assert_whole(run, "witness.send.tcp_bytes", EXAMPLE_BYTES);
	assert_whole(run, "witness.send.counted_bytes", EXAMPLE_BYTES);
	assert_true(json_is_true(at(run, "witness.send.equal")));
	assert_true(json_is_null(at(run, "witness.receive.tcp_bytes")));
	assert_whole(run, "witness.receive.counted_bytes", EXAMPLE_BYTES);
	assert_true(json_is_null(at(run, "witness.receive.equal")));
	json_decref(document);
	example.result.tcp[SENDER].bytes--;
	run = one_run(&example, &document);
	assert_true(json_is_false(at(run, "witness.send.equal")));
	assert_word(json_array_get(at(run, "reasons"), 0), "code", "witness_disagrees");
	json_decref(document);
}

static void test_unknown_is_null(void **state)
{
	struct example example;
	json_t *document, *run;

	(void)state;
	example__init(&example, &two_copy);
	example.traced = TRACE_NONE;
	run = one_run(&example, &document);
	for (int site = 0; site < SITE_COUNT; site++)
		if (site != SITE_USER_MEMCPY)
			assert_null_at(json_object_get(at(run, "sites"), sites[site].name),
				       "bytes");
	assert_whole(run, "sites.user_memcpy.bytes", 1000000);
	assert_int_equal(json_array_size(at(run, "traced")), 0);
	assert_null_at(run, "copies_per_byte");
	assert_null_at(run, "residual.send");
	assert_null_at(run, "residual.receive");
	assert_null_at(run, "retransmits.bytes");
	assert_null_at(run, "pin_attempted_bytes");
	assert_null_at(run, "collapsed_bytes");
	assert_null_at(run, "context_switches.sender.voluntary");
	assert_null_at(run, "context_switches.sender.blocked_in.send");
	json_decref(document);
}

static void test_invalid(void **state)
{
	struct example example;
	json_t *document, *run, *reason;

	(void)state;
	example__init(&example, &one_copy);
	example__site(&example, SITE_RECEIVE_COPY)->bytes += 5;
	run = one_run(&example, &document);
	assert_whole(run, "residual.receive", -5);
	assert_true(json_is_false(at(run, "valid")));
	assert_int_equal(json_array_size(at(run, "reasons")), 1);
	assert_int_equal(json_array_size(at(run, "why_invalid")), 1);
	reason = json_array_get(at(run, "reasons"), 0);
	assert_word(reason, "code", "residual_not_zero");
	assert_word(reason, "side", "receive");
	assert_whole(reason, "bytes", -5);
	assert_string_equal(json_string_value(json_array_get(at(run, "why_invalid"), 0)),
			    json_string_value(json_object_get(reason, "text")));
	json_decref(document);
}

/* A fraction is exact too: here one byte in a million is copied once more. */
static void test_fraction(void **state)
{
	struct example example;
	json_t *document, *run;

	(void)state;
	example__init(&example, &one_copy);
	*example__site(&example, SITE_TRANSMIT_COPY) = (struct counter){1, 1};
	run = one_run(&example, &document);
	assert_real(run, "copies_per_byte", 2.000001);
	json_decref(document);
}

/* A whole number too large for 32 bits or a float is printed to the last digit. */
static void test_big_numbers(void **state)
{
	const long long big = (1ll << 53) - 1;
	struct example example;
	json_t *document, *run;

	(void)state;
	example__init(&example, &one_copy);
	example.result.received_bytes = big;
	example__site(&example, SITE_RECEIVE_COPY)->bytes = big;
	example.result.sent.payload_bytes = big;
	example__site(&example, SITE_SEND_COPY)->bytes = big;
	run = one_run(&example, &document);
	assert_whole(run, "payload_bytes", big);
	assert_whole(run, "sites.send_copy.bytes", big);
	assert_whole(run, "residual.send", 0);
	assert_real(run, "copies_per_byte", 2);
	json_decref(document);
}

static void test_probes(void **state)
{
	struct example example;
	json_t *document, *probe;

	(void)state;
	example__init(&example, &one_copy);
	example__refuse(&example, "skb_copy_ubufs", SITE_DEFERRED_COPY);
	example.probes[example.observed.known.probe_count++] = (struct probe_status){
		.program = "sendmsg_exit",
		.function = "tcp_sendmsg",
		.attach = ATTACH_FENTRY,
		.state = PROBE_ATTACHED,
		.sites = 1u << SITE_SEND_COPY | 1u << SITE_SEND_PIN,
		.missed_known = true,
	};
	example.probes[example.observed.known.probe_count++] = (struct probe_status){
		.program = "sched_switch",
		.function = "sched_switch",
		.attach = ATTACH_TRACEPOINT,
		.state = PROBE_NOT_NEEDED,
		.why = "not asked for",
	};
	one_run(&example, &document);
	assert_int_equal(json_array_size(at(document, "probes")), 4);

	probe = json_array_get(at(document, "probes"), 0);
	assert_word(probe, "site", "deferred_copy");
	assert_word(probe, "function", "skb_copy_ubufs");
	assert_word(probe, "attach", "fentry");
	assert_word(probe, "status", "refused");
	assert_null_at(probe, "missed");
	assert_word(probe, "why", "not permitted");
	assert_word(probe, "code", "refused_by_kernel");
	assert_word(probe, "errno", "EPERM");

	probe = json_array_get(at(document, "probes"), 1);
	assert_word(probe, "site", "send_copy");
	assert_word(probe, "program", "sendmsg_exit");
	assert_word(probe, "status", "attached");
	assert_whole(probe, "missed", 0);
	assert_null_at(probe, "why");
	assert_null_at(probe, "code");
	assert_null_at(probe, "errno");
	assert_word(json_array_get(at(document, "probes"), 2), "site", "send_pin");

	probe = json_array_get(at(document, "probes"), 3);
	assert_null_at(probe, "site");
	assert_word(probe, "attach", "tracepoint");
	assert_word(probe, "status", "not_needed");
	json_decref(document);
}

static void test_memcpy_check(void **state)
{
	struct memcpy_check checks[] = {
		{"two_copy", 0, {4096, 8}, {4096, 8}},
		{"one_copy", 0, {0, 0}, {64, 1}},
		{"zero_copy", -ENOENT, {}, {}},
		{"two_copy", -ECANCELED, {}, {}},
	};
	struct results results = {.checks = checks, .check_count = 4};
	json_t *document = round_trip(&results), *array, *check;

	(void)state;
	assert_true(json_is_false(at(document, "complete")));
	array = at(document, "user_memcpy_check");
	assert_int_equal(json_array_size(array), 4);

	check = json_array_get(array, 0);
	assert_word(check, "transport", "two_copy");
	assert_whole(check, "self_reported_bytes", 4096);
	assert_whole(check, "uprobe_bytes", 4096);
	assert_whole(check, "calls", 8);
	assert_true(json_is_true(at(check, "equal")));
	assert_null_at(check, "why");

	assert_true(json_is_false(at(json_array_get(array, 1), "equal")));

	check = json_array_get(array, 2);
	assert_null_at(check, "uprobe_bytes");
	assert_null_at(check, "equal");
	assert_word(check, "why", "No such file or directory");
	assert_word(json_array_get(array, 3), "why", "the runs ended before it");
	json_decref(document);
}

static void test_full_disk(void **state)
{
	struct results results = {};
	json_t *document = json__document(&results, environment__json());
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	setvbuf(full, NULL, _IONBF, 0);
	assert_int_equal(json__print(full, document), -ENOSPC);
	fclose(full);
	json_decref(document);
}

static void test_requests(void **state)
{
	struct example example;
	json_t *document, *run;

	(void)state;
	example__init(&example, &one_copy);
	run = one_run(&example, &document);
	assert_word(run, "mode", "stream");
	assert_null_at(run, "requests");
	assert_null_at(run, "latency_us.p90");
	assert_null_at(run, "latency_us.max");
	json_decref(document);

	example__ask(&example);
	run = one_run(&example, &document);
	assert_word(run, "mode", "rr");
	assert_real(run, "latency_us.mean", 40.5);
	assert_real(run, "latency_us.p50", 40);
	assert_real(run, "latency_us.p90", 50);
	assert_real(run, "latency_us.p99", 60);
	assert_real(run, "latency_us.p999", 70);
	assert_real(run, "latency_us.max", 80.5);
	assert_whole(run, "requests.count", 10);
	assert_whole(run, "requests.bytes", 10);
	assert_whole(run, "requests.residual.send", 0);
	assert_whole(run, "requests.residual.receive", 0);
	json_decref(document);

	example.traced = TRACE_NONE;
	run = one_run(&example, &document);
	assert_null_at(run, "requests.residual.send");
	json_decref(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_sites),
		cmocka_unit_test(test_unknown_is_null),
		cmocka_unit_test(test_witness),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_fraction),
		cmocka_unit_test(test_big_numbers),
		cmocka_unit_test(test_probes),
		cmocka_unit_test(test_memcpy_check),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
