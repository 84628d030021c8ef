// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "example.h"

/*
 * Asserts that the run is invalid for one reason, with this code, and with this number if `name` is
 * not NULL.
 */
static void assert_invalid(const struct run_ledger *run, enum remark_code code, const char *name,
			   int64_t number)
{
	const struct remarks *reasons = &run->ledger.reasons;

	assert_false(run->ledger.valid);
	assert_int_equal(reasons->count, 1);
	assert_string_equal(remark__name(reasons->remark[0].code), remark__name(code));
	if (name)
		assert_int_equal(remark__whole(&reasons->remark[0], name), number);
}

static bool only_missed(const struct run_ledger *run)
{
	return remarks__only_missed(&run->ledger.reasons);
}

static bool has_note(const struct run_ledger *run, enum remark_code code)
{
	const struct remarks *notes = &run->ledger.notes;

	for (size_t i = 0; i < notes->count; i++)
		if (notes->remark[i].code == code)
			return true;
	return false;
}

static void assert_valid(const struct run_ledger *run, double copies)
{
	assert_true(run->ledger.valid);
	assert_int_equal(run->ledger.reasons.count, 0);
	assert_true(run->ledger.copies_per_byte.known);
	assert_true(run->ledger.copies_per_byte.value == copies);
	for (int side = 0; side < SIDE_COUNT; side++) {
		assert_true(run->ledger.residual[side].known);
		assert_true(run->ledger.residual[side].value == 0);
	}
}

static void test_copies_per_byte(void **state)
{
	static const struct {
		const struct transport *transport;
		double copies;
	} cases[] = {{&two_copy, 3}, {&eight_sends, 2}, {&one_copy, 2}, {&zero_copy, 2}};
	struct example example;
	struct run_ledger run;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		example__init(&example, cases[i].transport);
		example__compose(&example, &run);
		assert_valid(&run, cases[i].copies);
		assert_string_equal(run.transport, cases[i].transport->name);
		run_ledger__free(&run);
	}
}

/* --time: the sends' time is of the sender's row, the receives' of the receiver's. */
static void test_time(void **state)
{
	struct example example;
	struct known *known = &example.observed.known;
	struct run_ledger run;

	(void)state;
	example__init(&example, &one_copy);
	known->time = true;
	known->timed[SITE_SEND_COPY] = known->timed[SITE_DEFERRED_COPY] = true;
	example.observed.counts[SENDER].times.site[SITE_SEND_COPY] =
		(struct timing){.ns = 3000, .bytes = EXAMPLE_BYTES};
	example.observed.counts[RECEIVER].times.site[SITE_SEND_COPY] = (struct timing){7, 7};
	example__compose(&example, &run);
	assert_true(run.ledger.time[SITE_SEND_COPY].ns.known);
	assert_true(run.ledger.time[SITE_SEND_COPY].ns.value == 3000);
	assert_int_equal(run.ledger.time[SITE_SEND_COPY].bytes, EXAMPLE_BYTES);
	/* nothing was copied: no time; copied where no probe times it: unknown */
	assert_true(run.ledger.time[SITE_DEFERRED_COPY].ns.known);
	assert_true(run.ledger.time[SITE_DEFERRED_COPY].ns.value == 0);
	assert_false(run.ledger.time[SITE_RECEIVE_COPY].ns.known);
	assert_true(run.ledger.copying_ns.known && run.ledger.copying_ns.value == 3000);
	assert_true(has_note(&run, REMARK_COPIES_TIMED));
	assert_true(has_note(&run, REMARK_TIME_UNAVAILABLE));
	run_ledger__free(&run);
	example__init(&example, &one_copy);
	example__compose(&example, &run);
	assert_false(has_note(&run, REMARK_TIME_UNAVAILABLE));
	run_ledger__free(&run);
}

/* Each site that is a CPU copy counts, and no other. */
static void test_what_counts_as_copy(void **state)
{
	static const double more[SITE_COUNT] = {[SITE_SEND_COPY] = 1,
						[SITE_DEFERRED_COPY] = 1,
						[SITE_TRANSMIT_COPY] = 1,
						[SITE_RECEIVE_COPY] = 1};
	struct example example;
	struct run_ledger run;

	(void)state;
	for (int site = 0; site < SITE_COUNT; site++) {
		example__init(&example, &one_copy);
		example__site(&example, site)->bytes += EXAMPLE_BYTES;
		example__compose(&example, &run);
		assert_true(run.ledger.copies_per_byte.value == 2 + more[site]);
		run_ledger__free(&run);
	}
}

static void test_report(void **state)
{
	struct example example;
	struct run_ledger run;

	(void)state;
	example__init(&example, &two_copy);
	example.spec.threads = 4;
	example.repeat = 3;
	example__compose(&example, &run);
	assert_int_equal(run.message_bytes, 100000);
	assert_int_equal(run.threads, 4);
	assert_int_equal(run.repeat, 3);
	assert_true(run.throughput_gbps == 0.016);
	assert_true(run.latency_mean_us == 200000); /* 0.5 s * 4 connections / 10 messages */
	assert_int_equal(run.ledger.site[SITE_USER_MEMCPY].evidence, EVIDENCE_SELF_REPORTED);
	assert_int_equal(run.ledger.site[SITE_USER_MEMCPY].bytes, EXAMPLE_BYTES);
	assert_int_equal(run.ledger.site[SITE_USER_MEMCPY].calls, 80);
	assert_int_equal(run.ledger.copies_evidence, EVIDENCE_SELF_REPORTED);
	run_ledger__free(&run);
}

static void test_nothing_traced(void **state)
{
	struct example example;
	struct run_ledger run;

	(void)state;
	example__init(&example, &two_copy);
	example.traced = TRACE_NONE;
	example__compose(&example, &run);
	assert_true(run.ledger.valid);
	assert_false(run.ledger.copies_per_byte.known);
	assert_false(run.ledger.residual[SENDER].known);
	assert_false(run.ledger.residual[RECEIVER].known);
	assert_false(run.ledger.switches[SENDER].known);
	assert_false(run.ledger.retransmit_known);
	assert_int_equal(run.ledger.site[SITE_USER_MEMCPY].bytes, EXAMPLE_BYTES);
	for (int site = SITE_USER_MEMCPY + 1; site < SITE_COUNT; site++)
		assert_int_equal(run.ledger.site[site].evidence, EVIDENCE_UNAVAILABLE);
	run_ledger__free(&run);
}

static void test_residual(void **state)
{
	struct example example;
	struct run_ledger run;

	(void)state;
	example__init(&example, &one_copy);
	example__site(&example, SITE_SEND_COPY)->bytes--;
	example__compose(&example, &run);
	assert_invalid(&run, REMARK_RESIDUAL_NOT_ZERO, "bytes", 1);
	assert_true(run.ledger.residual[SENDER].value == 1);
	run_ledger__free(&run);

	example__init(&example, &one_copy);
	example__site(&example, SITE_RECEIVE_COPY)->bytes += 5;
	example__compose(&example, &run);
	assert_invalid(&run, REMARK_RESIDUAL_NOT_ZERO, "bytes", -5);
	assert_true(run.ledger.residual[RECEIVER].value == -5);
	run_ledger__free(&run);

	/* spliced bytes are explained */
	example__init(&example, &one_copy);
	example__site(&example, SITE_SEND_COPY)->bytes -= 300;
	example__site(&example, SITE_SEND_SPLICE)->bytes = 300;
	example__compose(&example, &run);
	assert_true(run.ledger.valid);
	run_ledger__free(&run);
}

/* A missing probe looks like "zero copies": its number must be unknown. */
static void test_missing_probe(void **state)
{
	static const struct {
		enum site site;
		const char *numbers[3];
	} cases[] = {
		{SITE_SEND_COPY, {"copies_per_byte", "send_residual"}},
		{SITE_SEND_PIN, {"send_residual"}},
		{SITE_DEFERRED_COPY, {"copies_per_byte"}},
		{SITE_TRANSMIT_COPY, {"copies_per_byte"}},
		{SITE_RECEIVE_COPY, {"copies_per_byte", "receive_residual"}},
		{SITE_SEND_SPLICE, {"send_residual"}},
		{SITE_TAP_COPY, {}},
		{SITE_RECEIVE_MAP, {"receive_residual"}},
		{SITE_RECEIVE_SPLICE, {"receive_residual"}},
		{SITE_DMA_OUT, {}},
		{SITE_DMA_IN, {}},
	};
	struct example example;
	struct run_ledger run;
	size_t reasons;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		example__init(&example, &one_copy);
		example__refuse(&example, "some_function", cases[i].site);
		example__compose(&example, &run);
		assert_int_equal(run.ledger.site[cases[i].site].evidence, EVIDENCE_UNAVAILABLE);
		for (reasons = 0; cases[i].numbers[reasons]; reasons++) {
			const struct remark *reason = &run.ledger.reasons.remark[reasons];

			assert_true(reasons < run.ledger.reasons.count);
			assert_int_equal(reason->code, REMARK_NUMBER_UNKNOWN);
			assert_string_equal(remark__word(reason, "number"),
					    cases[i].numbers[reasons]);
			assert_string_equal(remark__word(reason, "sites"),
					    sites[cases[i].site].name);
			assert_non_null(strstr(remark__word(reason, "why"), "some_function"));
		}
		assert_int_equal(run.ledger.reasons.count, reasons);
		assert_int_equal(run.ledger.valid, reasons == 0);
		run_ledger__free(&run);
	}
}

static void test_why(void **state)
{
	struct example example;
	char why[256];

	(void)state;
	example__init(&example, &one_copy);
	example__refuse(&example, "tcp_sendmsg_locked", SITE_SEND_COPY);
	example__refuse(&example, "tcp_sendmsg", SITE_SEND_COPY);
	example__refuse(&example, "tcp_sendmsg", SITE_SEND_COPY);
	example__refuse(&example, "skb_segment", SITE_TRANSMIT_COPY);
	probes__why(example.probes, 4, SITE_SEND_COPY, why, sizeof(why));
	assert_string_equal(why, "tcp_sendmsg_locked: not permitted; tcp_sendmsg: not permitted");
	probes__why(example.probes, 4, SITE_RECEIVE_MAP, why, sizeof(why));
	assert_string_equal(why, "no probe counts this");
}

static void test_missed(void **state)
{
	struct example example;
	struct run_ledger run;

	(void)state;
	example__init(&example, &one_copy);
	example.observed.known.probe_count = 2;
	example.probes[0] = (struct probe_status){.program = "receive_exit",
						  .function = "skb_copy_datagram_iter",
						  .state = PROBE_ATTACHED,
						  .missed_known = true,
						  .missed = 3};
	/* a kernel that does not count skipped events */
	example.probes[1] = (struct probe_status){.state = PROBE_ATTACHED};
	example__compose(&example, &run);
	assert_invalid(&run, REMARK_MISSED_EVENTS, "events", 3);
	run_ledger__free(&run);

	/* then missing bytes follow from it, and another try may help */
	example__site(&example, SITE_RECEIVE_COPY)->bytes -= 4096;
	example__compose(&example, &run);
	assert_int_equal(run.ledger.reasons.count, 2);
	assert_true(only_missed(&run));
	run_ledger__free(&run);
	example.probes[0].missed = 0;
	example__compose(&example, &run);
	assert_int_equal(run.ledger.reasons.count, 1);
	assert_false(only_missed(&run));
	run_ledger__free(&run);
	example.probes[0].missed = 3;
	example__site(&example, SITE_RECEIVE_COPY)->bytes += 4096;

	/* a program that is not attached misses nothing that counts */
	example.probes[0].state = PROBE_NOT_NEEDED;
	example__compose(&example, &run);
	assert_true(run.ledger.valid);
	run_ledger__free(&run);

	example.probes[0].state = PROBE_ATTACHED;
	example.probes[0].missed = 0;
	example__compose(&example, &run);
	assert_true(run.ledger.valid);
	run_ledger__free(&run);
}

static void test_lost(void **state)
{
	struct example example;
	struct run_ledger run;

	(void)state;
	example__init(&example, &one_copy);
	example.observed.known.lost = 7;
	example__compose(&example, &run);
	assert_invalid(&run, REMARK_LOST_EVENTS, "events", 7);
	run_ledger__free(&run);
}

/* all probes are attached, but the path has copies that none of them counts */
static void test_uncounted_copies(void **state)
{
	struct run_ledger run = {.xdp = {.some = true, .mode = XDP_MODE_GENERIC}};
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	run.traced = TRACE_COPIES;
	run_ledger__compose(&run, &example.spec, &example.result, &example.observed);
	assert_invalid(&run, REMARK_PATH_NOT_COUNTED, NULL, 0);
	assert_false(run.ledger.copies_per_byte.known);
	assert_false(only_missed(&run)); /* another try does not help */
	run_ledger__free(&run);
}

/* TCP sent a tenth again; bytes that did not leave must have been dropped */
static void test_unseen_departures(void **state)
{
	struct example example;
	struct run_ledger run;

	(void)state;
	example__init(&example, &one_copy);
	example.result.sent.tcp_bytes += EXAMPLE_BYTES / 10;
	example__compose(&example, &run);
	assert_invalid(&run, REMARK_DEPARTURES_UNSEEN, "bytes", 100000);
	assert_true(only_missed(&run));
	run_ledger__free(&run);

	example__extra(&example, EXTRA_DROPPED)->bytes = EXAMPLE_BYTES / 10 - 1;
	example__compose(&example, &run);
	assert_invalid(&run, REMARK_DEPARTURES_UNSEEN, "bytes", 1);
	run_ledger__free(&run);

	example__extra(&example, EXTRA_DROPPED)->bytes++;
	example__compose(&example, &run);
	assert_true(run.ledger.valid);
	run_ledger__free(&run);

	example__extra(&example, EXTRA_DROPPED)->bytes = 0;
	example.observed.known.departures = false;
	example__compose(&example, &run);
	assert_true(run.ledger.valid);
	assert_int_equal(run.ledger.notes.count, 1);
	assert_int_equal(run.ledger.notes.remark[0].code, REMARK_DEPARTURES_UNKNOWN);
	run_ledger__free(&run);
}

/*
 * a packet that is passed on is seen at two devices; one that is sent elsewhere, at another than
 * its route's
 */
static void test_departures_below(void **state)
{
	struct example example;
	struct run_ledger run;

	(void)state;
	example__init(&example, &one_copy);
	*example__extra(&example, EXTRA_LEFT_BELOW) = *example__extra(&example, EXTRA_LEFT);
	example__extra(&example, EXTRA_LEFT)->bytes--;
	example__extra(&example, EXTRA_LEFT_BELOW)->bytes--;
	example__compose(&example, &run);
	assert_invalid(&run, REMARK_DEPARTURES_UNSEEN, "bytes", 1);
	run_ledger__free(&run);

	example__extra(&example, EXTRA_LEFT_BELOW)->bytes++;
	example__extra(&example, EXTRA_LEFT)->bytes = 0;
	example__compose(&example, &run);
	assert_true(run.ledger.valid);
	run_ledger__free(&run);
}

/* bytes that devices got in the linear area must be copied there, except for retransmits */
static void test_unseen_linearised(void **state)
{
	struct example example;
	struct run_ledger run;

	(void)state;
	example__init(&example, &one_copy);
	example__site(&example, SITE_TRANSMIT_COPY)->bytes = EXAMPLE_BYTES - 7;
	example__extra(&example, EXTRA_LEFT_LINEAR)->bytes = EXAMPLE_BYTES;
	example__compose(&example, &run);
	assert_invalid(&run, REMARK_LINEAR_UNSEEN, "bytes", 7);
	assert_true(only_missed(&run));
	run_ledger__free(&run);

	example__extra(&example, EXTRA_RETRANSMIT)->bytes = 7;
	example__compose(&example, &run);
	assert_true(run.ledger.valid);
	run_ledger__free(&run);

	example__extra(&example, EXTRA_RETRANSMIT)->bytes = 0;
	example__site(&example, SITE_TRANSMIT_COPY)->bytes = EXAMPLE_BYTES;
	example__compose(&example, &run);
	assert_true(run.ledger.valid);
	run_ledger__free(&run);
}

/* all bytes that zero_copy pinned left for this host, so all must be copied or dropped */
static void test_unseen_delivery(void **state)
{
	struct example example;
	struct run_ledger run;

	(void)state;
	example__init(&example, &zero_copy);
	example__site(&example, SITE_DEFERRED_COPY)->bytes = EXAMPLE_BYTES - 3;
	example__compose(&example, &run);
	assert_invalid(&run, REMARK_DELIVERY_UNSEEN, "bytes", 3);
	assert_true(only_missed(&run));
	run_ledger__free(&run);

	example__extra(&example, EXTRA_DROPPED_LATE)->bytes = 3;
	example__compose(&example, &run);
	assert_true(run.ledger.valid);
	run_ledger__free(&run);

	example__extra(&example, EXTRA_DROPPED_LATE)->bytes = 2;
	example__site(&example, SITE_TRANSMIT_COPY)->bytes = 1;
	example__compose(&example, &run);
	assert_true(run.ledger.valid);
	run_ledger__free(&run);

	/* hardware takes pinned pages without a copy */
	example__site(&example, SITE_TRANSMIT_COPY)->bytes = 0;
	example__site(&example, SITE_DMA_OUT)->bytes = EXAMPLE_BYTES;
	example__compose(&example, &run);
	assert_true(run.ledger.valid);
	run_ledger__free(&run);
}

static void test_sides_disagree(void **state)
{
	struct example example;
	struct run_ledger run;

	(void)state;
	example__init(&example, &one_copy);
	example.traced = TRACE_NONE;
	example.result.received_bytes = 999999;
	example__compose(&example, &run);
	assert_invalid(&run, REMARK_BYTES_DISAGREE, "received", 999999);
	run_ledger__free(&run);

	example__init(&example, &zero_copy);
	example.result.sent.completions_received = 9;
	example.result.sent.completions_copied = 9;
	example__compose(&example, &run);
	assert_invalid(&run, REMARK_COMPLETIONS_MISSING, "received", 9);
	run_ledger__free(&run);
}

static void test_nothing_received(void **state)
{
	struct example example;
	struct run_ledger run;

	(void)state;
	example__init(&example, &one_copy);
	memset(&example.result, 0, sizeof(example.result));
	*example__site(&example, SITE_SEND_COPY) = (struct counter){};
	*example__site(&example, SITE_RECEIVE_COPY) = (struct counter){};
	example__compose(&example, &run);
	assert_invalid(&run, REMARK_NOTHING_RECEIVED, NULL, 0);
	run_ledger__free(&run);
}

static void test_switches(void **state)
{
	struct example example;
	struct run_ledger run;
	struct tally *tally;

	(void)state;
	example__init(&example, &one_copy);
	tally = &example.observed.counts[RECEIVER].tally;
	tally->voluntary[DOING_RECEIVE] = 30;
	tally->voluntary[DOING_ELSEWHERE] = 4;
	tally->involuntary = 7;
	example__compose(&example, &run);
	assert_true(run.ledger.switches[RECEIVER].known);
	assert_int_equal(run.ledger.switches[RECEIVER].voluntary, 34);
	assert_int_equal(run.ledger.switches[RECEIVER].involuntary, 7);
	assert_int_equal(run.ledger.switches[RECEIVER].blocked_in[DOING_RECEIVE], 30);
	assert_int_equal(run.ledger.switches[SENDER].voluntary, 0);
	run_ledger__free(&run);

	example__refuse(&example, "sched_switch", SITE_COUNT);
	example.observed.known.switches = false;
	example__compose(&example, &run);
	assert_invalid(&run, REMARK_SWITCHES_UNKNOWN, NULL, 0);
	run_ledger__free(&run);
}

/* Only switches were asked for: copies without a count are no error. */
static void test_switches_alone(void **state)
{
	struct example example;
	struct run_ledger run;

	(void)state;
	example__init(&example, &one_copy);
	example.traced = TRACE_SCHED;
	for (int site = 0; site < SITE_COUNT; site++)
		example.observed.known.evidence[site] = EVIDENCE_UNAVAILABLE;
	example__compose(&example, &run);
	assert_true(run.ledger.valid);
	assert_false(run.ledger.copies_per_byte.known);
	run_ledger__free(&run);
}

/* Probes that missed events. */
#define MANY 50

static void test_many_reasons(void **state)
{
	struct probe_status probes[MANY];
	struct example example;
	struct run_ledger run;

	(void)state;
	example__init(&example, &one_copy);
	for (size_t i = 0; i < MANY; i++)
		probes[i] = (struct probe_status){.program = "p",
						  .function = "f",
						  .state = PROBE_ATTACHED,
						  .missed_known = true,
						  .missed = 1};
	memset(&run, 0, sizeof(run));
	run.traced = TRACE_COPIES;
	example.observed.known.probes = probes;
	example.observed.known.probe_count = MANY;
	run_ledger__compose(&run, &example.spec, &example.result, &example.observed);
	assert_false(run.ledger.valid);
	assert_int_equal(run.ledger.reasons.count, MANY);
	run_ledger__free(&run);
}

static void test_requests(void **state)
{
	struct example example;
	struct run_ledger run;

	(void)state;
	example__init(&example, &zero_copy);
	example__ask(&example);
	example__compose(&example, &run);
	assert_valid(&run,
		     2); /* requests are not payload: they are in neither copies nor residual */
	assert_true(run.latency_mean_us == 40.5);
	for (int side = 0; side < SIDE_COUNT; side++) {
		assert_true(run.request_residual[side].known);
		assert_true(run.request_residual[side].value == 0);
	}
	run_ledger__free(&run);

	/* a byte of a request that no copy explains */
	example__init(&example, &one_copy);
	example__ask(&example);
	example.observed.counts[RECEIVER].tally.site[SITE_SEND_COPY].bytes--;
	example__compose(&example, &run);
	assert_invalid(&run, REMARK_REQUEST_RESIDUAL_NOT_ZERO, "bytes", 1);
	run_ledger__free(&run);

	example__init(&example, &one_copy);
	example__ask(&example);
	example.observed.counts[SENDER].tally.site[SITE_RECEIVE_COPY].bytes += 2;
	example__compose(&example, &run);
	assert_invalid(&run, REMARK_REQUEST_RESIDUAL_NOT_ZERO, "bytes", -2);
	run_ledger__free(&run);

	example__init(&example, &one_copy);
	example__ask(&example);
	example.traced = TRACE_NONE;
	example__compose(&example, &run);
	assert_true(run.ledger.valid);
	assert_false(run.request_residual[SENDER].known);
	run_ledger__free(&run);
}

static void test_unanswered(void **state)
{
	struct example example;
	struct run_ledger run;

	(void)state;
	example__init(&example, &one_copy);
	example__ask(&example);
	example.traced = TRACE_NONE;
	example.result.requests[RECEIVER].requests = 12;
	example__compose(&example, &run);
	assert_invalid(&run, REMARK_REQUESTS_UNANSWERED, "asked", 12);
	run_ledger__free(&run);
}

/* TCP's own count of all connections, against the probes' */
static void test_witness(void **state)
{
	const struct tcp_count all = {.bytes = EXAMPLE_BYTES, .connections = 1};
	struct example example;
	struct run_ledger run;

	(void)state;
	example__init(&example, &one_copy);
	example.result.tcp[SENDER] = example.result.tcp[RECEIVER] = all;
	example__compose(&example, &run);
	assert_true(run.ledger.valid);
	for (int side = 0; side < SIDE_COUNT; side++) {
		assert_true(witness__agrees(&run.witness[side]));
		assert_int_equal(run.witness[side].counted_bytes, EXAMPLE_BYTES);
	}
	run_ledger__free(&run);

	for (int side = 0; side < SIDE_COUNT; side++) {
		example.result.tcp[side].bytes++;
		example__compose(&example, &run);
		assert_false(run.ledger.valid);
		assert_int_equal(run.ledger.reasons.count, 1);
		assert_true(only_missed(&run));
		assert_true(witness__disagrees(&run.witness[side]));
		run_ledger__free(&run);
		example.result.tcp[side] = all;
	}

	/* a connection without a count, and sites that are not counted: unknown, not different */
	example.spec.threads = 2;
	example.result.tcp[SENDER].bytes = 1;
	example__compose(&example, &run);
	assert_true(run.ledger.valid);
	assert_false(run.witness[SENDER].tcp_known);
	run_ledger__free(&run);
	example.spec.threads = 1;
	example.traced = TRACE_NONE;
	example__compose(&example, &run);
	assert_true(run.ledger.valid && run.witness[SENDER].tcp_known);
	assert_false(run.witness[SENDER].counted_known);
	run_ledger__free(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copies_per_byte),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_what_counts_as_copy),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_nothing_traced),
		cmocka_unit_test(test_residual),
		cmocka_unit_test(test_missing_probe),
		cmocka_unit_test(test_why),
		cmocka_unit_test(test_missed),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_uncounted_copies),
		cmocka_unit_test(test_unseen_departures),
		cmocka_unit_test(test_departures_below),
		cmocka_unit_test(test_unseen_linearised),
		cmocka_unit_test(test_unseen_delivery),
		cmocka_unit_test(test_sides_disagree),
		cmocka_unit_test(test_nothing_received),
		cmocka_unit_test(test_switches),
		cmocka_unit_test(test_switches_alone),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_unanswered),
		cmocka_unit_test(test_many_reasons),
		cmocka_unit_test(test_witness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
