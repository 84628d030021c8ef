// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "example.h"

static void assert_invalid(const struct ledger *ledger, const char *reason)
{
	assert_false(ledger->valid);
	assert_int_equal(ledger->reason_count, 1);
	assert_string_equal(ledger->reasons[0], reason);
}

static void assert_valid(const struct ledger *ledger, double copies)
{
	assert_true(ledger->valid);
	assert_int_equal(ledger->reason_count, 0);
	assert_true(ledger->copies_per_byte.known);
	assert_true(ledger->copies_per_byte.value == copies);
	for (int side = 0; side < SIDE_COUNT; side++) {
		assert_true(ledger->residual[side].known);
		assert_true(ledger->residual[side].value == 0);
	}
}

static void test_copies_per_byte(void **state)
{
	static const struct {
		const struct transport *transport;
		double copies;
	} cases[] = {{&two_copy, 3}, {&eight_sends, 2}, {&one_copy, 2}, {&zero_copy, 2}};
	struct example example;
	struct ledger ledger;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		example__init(&example, cases[i].transport);
		example__compose(&example, &ledger);
		assert_valid(&ledger, cases[i].copies);
		assert_string_equal(ledger.transport, cases[i].transport->name);
		ledger__free(&ledger);
	}
}

/* Every site that is a CPU copy counts, and no other. */
static void test_what_counts_as_copy(void **state)
{
	static const double more[SITE_COUNT] = {[SITE_SEND_COPY] = 1,
						[SITE_DEFERRED_COPY] = 1,
						[SITE_TRANSMIT_COPY] = 1,
						[SITE_RECEIVE_COPY] = 1};
	struct example example;
	struct ledger ledger;

	(void)state;
	for (int site = 0; site < SITE_COUNT; site++) {
		example__init(&example, &one_copy);
		example__site(&example, site)->bytes += EXAMPLE_BYTES;
		example__compose(&example, &ledger);
		assert_true(ledger.copies_per_byte.value == 2 + more[site]);
		ledger__free(&ledger);
	}
}

static void test_report(void **state)
{
	struct example example;
	struct ledger ledger;

	(void)state;
	example__init(&example, &two_copy);
	example.spec.threads = 4;
	example.repeat = 3;
	example__compose(&example, &ledger);
	assert_int_equal(ledger.message_bytes, 100000);
	assert_int_equal(ledger.threads, 4);
	assert_int_equal(ledger.repeat, 3);
	assert_true(ledger.throughput_gbps == 0.016);
	assert_true(ledger.latency_mean_us == 200000); /* 0.5 s * 4 connections / 10 messages */
	assert_int_equal(ledger.site[SITE_USER_MEMCPY].evidence, EVIDENCE_SELF_REPORTED);
	assert_int_equal(ledger.site[SITE_USER_MEMCPY].bytes, EXAMPLE_BYTES);
	assert_int_equal(ledger.site[SITE_USER_MEMCPY].calls, 80);
	assert_int_equal(ledger.copies_evidence, EVIDENCE_SELF_REPORTED);
	ledger__free(&ledger);
}

static void test_nothing_traced(void **state)
{
	struct example example;
	struct ledger ledger;

	(void)state;
	example__init(&example, &two_copy);
	example.traced = TRACE_NONE;
	example__compose(&example, &ledger);
	assert_true(ledger.valid);
	assert_false(ledger.copies_per_byte.known);
	assert_false(ledger.residual[SENDER].known);
	assert_false(ledger.residual[RECEIVER].known);
	assert_false(ledger.switches[SENDER].known);
	assert_false(ledger.retransmit_known);
	assert_int_equal(ledger.site[SITE_USER_MEMCPY].bytes, EXAMPLE_BYTES);
	for (int site = SITE_USER_MEMCPY + 1; site < SITE_COUNT; site++)
		assert_int_equal(ledger.site[site].evidence, EVIDENCE_UNAVAILABLE);
	ledger__free(&ledger);
}

static void test_residual(void **state)
{
	struct example example;
	struct ledger ledger;

	(void)state;
	example__init(&example, &one_copy);
	example__site(&example, SITE_SEND_COPY)->bytes--;
	example__compose(&example, &ledger);
	assert_invalid(&ledger,
		       "the send residual is 1 bytes, not 0: the ledger misses a copy or "
		       "counts one twice");
	assert_true(ledger.residual[SENDER].value == 1);
	ledger__free(&ledger);

	example__init(&example, &one_copy);
	example__site(&example, SITE_RECEIVE_COPY)->bytes += 5;
	example__compose(&example, &ledger);
	assert_invalid(&ledger,
		       "the receive residual is -5 bytes, not 0: the ledger misses a copy "
		       "or counts one twice");
	assert_true(ledger.residual[RECEIVER].value == -5);
	ledger__free(&ledger);

	/* what is spliced is explained */
	example__init(&example, &one_copy);
	example__site(&example, SITE_SEND_COPY)->bytes -= 300;
	example__site(&example, SITE_SEND_SPLICE)->bytes = 300;
	example__compose(&example, &ledger);
	assert_true(ledger.valid);
	ledger__free(&ledger);
}

/* A missing probe looks exactly like "zero copies": each must leave its number unknown. */
static void test_missing_probe(void **state)
{
	static const struct {
		enum site site;
		const char *reasons[3];
	} cases[] = {
		{SITE_SEND_COPY,
		 {"copies_per_byte is unknown: send_copy is unavailable (some_function: not "
		  "permitted)",
		  "the send residual is unknown: send_copy is unavailable (some_function: not "
		  "permitted)"}},
		{SITE_SEND_PIN,
		 {"the send residual is unknown: send_pin is unavailable (some_function: not "
		  "permitted)"}},
		{SITE_DEFERRED_COPY,
		 {"copies_per_byte is unknown: deferred_copy is unavailable (some_function: not "
		  "permitted)"}},
		{SITE_TRANSMIT_COPY,
		 {"copies_per_byte is unknown: transmit_copy is unavailable (some_function: not "
		  "permitted)"}},
		{SITE_RECEIVE_COPY,
		 {"copies_per_byte is unknown: receive_copy is unavailable (some_function: not "
		  "permitted)",
		  "the receive residual is unknown: receive_copy is unavailable (some_function: "
		  "not "
		  "permitted)"}},
		{SITE_SEND_SPLICE,
		 {"the send residual is unknown: send_splice is unavailable (some_function: not "
		  "permitted)"}},
		{SITE_TAP_COPY, {}},
		{SITE_RECEIVE_MAP,
		 {"the receive residual is unknown: receive_map is unavailable (some_function: not "
		  "permitted)"}},
		{SITE_RECEIVE_SPLICE,
		 {"the receive residual is unknown: receive_splice is unavailable (some_function: "
		  "not "
		  "permitted)"}},
		{SITE_DMA_OUT, {}},
		{SITE_DMA_IN, {}},
	};
	struct example example;
	struct ledger ledger;
	size_t reasons;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		example__init(&example, &one_copy);
		example__refuse(&example, "some_function", cases[i].site);
		example__compose(&example, &ledger);
		assert_int_equal(ledger.site[cases[i].site].evidence, EVIDENCE_UNAVAILABLE);
		for (reasons = 0; cases[i].reasons[reasons]; reasons++) {
			assert_true(reasons < ledger.reason_count);
			assert_string_equal(ledger.reasons[reasons], cases[i].reasons[reasons]);
		}
		assert_int_equal(ledger.reason_count, reasons);
		assert_int_equal(ledger.valid, reasons == 0);
		ledger__free(&ledger);
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
	struct ledger ledger;

	(void)state;
	example__init(&example, &one_copy);
	example.observed.probe_count = 2;
	example.probes[0] = (struct probe_status){.program = "receive_exit",
						  .function = "skb_copy_datagram_iter",
						  .state = PROBE_ATTACHED,
						  .missed_known = true,
						  .missed = 3};
	/* kernels that do not count what they skip */
	example.probes[1] = (struct probe_status){.state = PROBE_ATTACHED};
	example__compose(&example, &ledger);
	assert_invalid(&ledger,
		       "the kernel skipped probe receive_exit on skb_copy_datagram_iter 3 times");
	ledger__free(&ledger);

	/* what the ledger lacks then follows from it, and another try may help */
	example__site(&example, SITE_RECEIVE_COPY)->bytes -= 4096;
	example__compose(&example, &ledger);
	assert_int_equal(ledger.reason_count, 2);
	assert_int_equal(ledger.missed_count, 2);
	ledger__free(&ledger);
	example.probes[0].missed = 0;
	example__compose(&example, &ledger);
	assert_int_equal(ledger.reason_count, 1);
	assert_int_equal(ledger.missed_count, 0);
	ledger__free(&ledger);
	example.probes[0].missed = 3;
	example__site(&example, SITE_RECEIVE_COPY)->bytes += 4096;

	/* a program that is not attached misses nothing that counts */
	example.probes[0].state = PROBE_NOT_NEEDED;
	example__compose(&example, &ledger);
	assert_true(ledger.valid);
	ledger__free(&ledger);

	example.probes[0].state = PROBE_ATTACHED;
	example.probes[0].missed = 0;
	example__compose(&example, &ledger);
	assert_true(ledger.valid);
	ledger__free(&ledger);
}

static void test_lost(void **state)
{
	struct example example;
	struct ledger ledger;

	(void)state;
	example__init(&example, &one_copy);
	example.observed.lost = 7;
	example__compose(&example, &ledger);
	assert_invalid(&ledger, "7 events were lost: a map was full or memory unreadable");
	ledger__free(&ledger);
}

/* every probe is there, but the path has copies that none of them counts */
static void test_uncounted_copies(void **state)
{
	struct ledger ledger = {.uncounted = "something copies"};
	struct example example;

	(void)state;
	example__init(&example, &one_copy);
	ledger.traced = TRACE_COPIES;
	ledger__compose(&ledger, &example.spec, &example.result, &example.observed);
	assert_invalid(&ledger, "copies_per_byte is unknown: something copies");
	assert_false(ledger.copies_per_byte.known);
	assert_int_equal(ledger.missed_count, 0); /* another try would find it again */
	ledger__free(&ledger);
}

/* TCP sent a tenth twice; what did not leave must have been seen to die */
static void test_unseen_departures(void **state)
{
	struct example example;
	struct ledger ledger;

	(void)state;
	example__init(&example, &one_copy);
	example.result.sent.tcp_bytes += EXAMPLE_BYTES / 10;
	example__compose(&example, &ledger);
	assert_invalid(&ledger,
		       "100,000 of the bytes TCP sent were not seen to leave: packets "
		       "passed the probes unseen");
	assert_int_equal(ledger.missed_count, 1);
	ledger__free(&ledger);

	example__extra(&example, EXTRA_DROPPED)->bytes = EXAMPLE_BYTES / 10 - 1;
	example__compose(&example, &ledger);
	assert_invalid(&ledger,
		       "1 of the bytes TCP sent were not seen to leave: packets passed "
		       "the probes unseen");
	ledger__free(&ledger);

	example__extra(&example, EXTRA_DROPPED)->bytes++;
	example__compose(&example, &ledger);
	assert_true(ledger.valid);
	ledger__free(&ledger);

	example__extra(&example, EXTRA_DROPPED)->bytes = 0;
	example.observed.departures_known = false;
	example__compose(&example, &ledger);
	assert_true(ledger.valid);
	assert_int_equal(ledger.note_count, 1);
	assert_non_null(strstr(ledger.notes[0], "whether a packet passed the probes unseen"));
	ledger__free(&ledger);
}

/* what is handed on is seen at two devices; what is sent elsewhere, at another than its route's */
static void test_departures_below(void **state)
{
	struct example example;
	struct ledger ledger;

	(void)state;
	example__init(&example, &one_copy);
	*example__extra(&example, EXTRA_LEFT_BELOW) = *example__extra(&example, EXTRA_LEFT);
	example__extra(&example, EXTRA_LEFT)->bytes--;
	example__extra(&example, EXTRA_LEFT_BELOW)->bytes--;
	example__compose(&example, &ledger);
	assert_invalid(&ledger,
		       "1 of the bytes TCP sent were not seen to leave: packets passed "
		       "the probes unseen");
	ledger__free(&ledger);

	example__extra(&example, EXTRA_LEFT_BELOW)->bytes++;
	example__extra(&example, EXTRA_LEFT)->bytes = 0;
	example__compose(&example, &ledger);
	assert_true(ledger.valid);
	ledger__free(&ledger);
}

/* what devices got in the linear area must have been copied there, unless TCP did to send it again
 */
static void test_unseen_linearised(void **state)
{
	struct example example;
	struct ledger ledger;

	(void)state;
	example__init(&example, &one_copy);
	example__site(&example, SITE_TRANSMIT_COPY)->bytes = EXAMPLE_BYTES - 7;
	example__extra(&example, EXTRA_LEFT_LINEAR)->bytes = EXAMPLE_BYTES;
	example__compose(&example, &ledger);
	assert_invalid(&ledger,
		       "7 bytes were copied on the way to the device with no copy seen: "
		       "packets passed the probes unseen");
	assert_int_equal(ledger.missed_count, 1);
	ledger__free(&ledger);

	example__extra(&example, EXTRA_RETRANSMIT)->bytes = 7;
	example__compose(&example, &ledger);
	assert_true(ledger.valid);
	ledger__free(&ledger);

	example__extra(&example, EXTRA_RETRANSMIT)->bytes = 0;
	example__site(&example, SITE_TRANSMIT_COPY)->bytes = EXAMPLE_BYTES;
	example__compose(&example, &ledger);
	assert_true(ledger.valid);
	ledger__free(&ledger);
}

/* all that zero_copy pinned left for this host, so all of it must have been copied or have died */
static void test_unseen_delivery(void **state)
{
	struct example example;
	struct ledger ledger;

	(void)state;
	example__init(&example, &zero_copy);
	example__site(&example, SITE_DEFERRED_COPY)->bytes = EXAMPLE_BYTES - 3;
	example__compose(&example, &ledger);
	assert_invalid(&ledger,
		       "3 pinned bytes were delivered on this host with no copy seen: "
		       "packets passed the probes unseen");
	assert_int_equal(ledger.missed_count, 1);
	ledger__free(&ledger);

	example__extra(&example, EXTRA_DROPPED_LATE)->bytes = 3;
	example__compose(&example, &ledger);
	assert_true(ledger.valid);
	ledger__free(&ledger);

	example__extra(&example, EXTRA_DROPPED_LATE)->bytes = 2;
	example__site(&example, SITE_TRANSMIT_COPY)->bytes = 1;
	example__compose(&example, &ledger);
	assert_true(ledger.valid);
	ledger__free(&ledger);

	/* hardware takes pinned pages as they are */
	example__site(&example, SITE_TRANSMIT_COPY)->bytes = 0;
	example__site(&example, SITE_DMA_OUT)->bytes = EXAMPLE_BYTES;
	example__compose(&example, &ledger);
	assert_true(ledger.valid);
	ledger__free(&ledger);
}

static void test_sides_disagree(void **state)
{
	struct example example;
	struct ledger ledger;

	(void)state;
	example__init(&example, &one_copy);
	example.traced = TRACE_NONE;
	example.result.received_bytes = 999999;
	example__compose(&example, &ledger);
	assert_invalid(&ledger, "1,000,000 bytes were sent but 999,999 received");
	ledger__free(&ledger);

	example__init(&example, &zero_copy);
	example.result.sent.completions_received = 9;
	example.result.sent.completions_copied = 9;
	example__compose(&example, &ledger);
	assert_invalid(&ledger, "10 completions were expected but 9 came");
	ledger__free(&ledger);
}

static void test_nothing_received(void **state)
{
	struct example example;
	struct ledger ledger;

	(void)state;
	example__init(&example, &one_copy);
	memset(&example.result, 0, sizeof(example.result));
	*example__site(&example, SITE_SEND_COPY) = (struct counter){};
	*example__site(&example, SITE_RECEIVE_COPY) = (struct counter){};
	example__compose(&example, &ledger);
	assert_invalid(&ledger, "copies_per_byte is unknown: nothing was received");
	ledger__free(&ledger);
}

static void test_switches(void **state)
{
	struct example example;
	struct ledger ledger;
	struct tally *tally;

	(void)state;
	example__init(&example, &one_copy);
	tally = &example.observed.counts[RECEIVER].tally;
	tally->voluntary[DOING_RECEIVE] = 30;
	tally->voluntary[DOING_ELSEWHERE] = 4;
	tally->involuntary = 7;
	example__compose(&example, &ledger);
	assert_true(ledger.switches[RECEIVER].known);
	assert_int_equal(ledger.switches[RECEIVER].voluntary, 34);
	assert_int_equal(ledger.switches[RECEIVER].involuntary, 7);
	assert_int_equal(ledger.switches[RECEIVER].blocked_in[DOING_RECEIVE], 30);
	assert_int_equal(ledger.switches[SENDER].voluntary, 0);
	ledger__free(&ledger);

	example__refuse(&example, "sched_switch", SITE_COUNT);
	example.observed.switches_known = false;
	example__compose(&example, &ledger);
	assert_invalid(&ledger, "context switches are unknown (sched_switch: not permitted)");
	ledger__free(&ledger);
}

/* Switches alone were asked for: nothing is wrong with copies that nobody counted. */
static void test_switches_alone(void **state)
{
	struct example example;
	struct ledger ledger;

	(void)state;
	example__init(&example, &one_copy);
	example.traced = TRACE_SCHED;
	for (int site = 0; site < SITE_COUNT; site++)
		example.observed.evidence[site] = EVIDENCE_UNAVAILABLE;
	example__compose(&example, &ledger);
	assert_true(ledger.valid);
	assert_false(ledger.copies_per_byte.known);
	ledger__free(&ledger);
}

/* More reasons than a ledger holds leave it invalid and intact. */
static void test_many_reasons(void **state)
{
	struct probe_status probes[REASONS_MAX + 4];
	struct example example;
	struct ledger ledger;

	(void)state;
	example__init(&example, &one_copy);
	for (size_t i = 0; i < REASONS_MAX + 4; i++)
		probes[i] = (struct probe_status){.program = "p",
						  .function = "f",
						  .state = PROBE_ATTACHED,
						  .missed_known = true,
						  .missed = 1};
	memset(&ledger, 0, sizeof(ledger));
	ledger.traced = TRACE_COPIES;
	example.observed.probes = probes;
	example.observed.probe_count = REASONS_MAX + 4;
	ledger__compose(&ledger, &example.spec, &example.result, &example.observed);
	assert_false(ledger.valid);
	assert_int_equal(ledger.reason_count, REASONS_MAX);
	ledger__free(&ledger);
}

static void test_requests(void **state)
{
	struct example example;
	struct ledger ledger;

	(void)state;
	example__init(&example, &zero_copy);
	example__ask(&example);
	example__compose(&example, &ledger);
	assert_valid(&ledger,
		     2); /* requests are no payload: neither copies nor residual see them */
	assert_true(ledger.latency_mean_us == 40.5);
	for (int side = 0; side < SIDE_COUNT; side++) {
		assert_true(ledger.request_residual[side].known);
		assert_true(ledger.request_residual[side].value == 0);
	}
	ledger__free(&ledger);

	/* a byte of a request that no copy explains */
	example__init(&example, &one_copy);
	example__ask(&example);
	example.observed.counts[RECEIVER].tally.site[SITE_SEND_COPY].bytes--;
	example__compose(&example, &ledger);
	assert_invalid(&ledger, "the residual of the receiver's requests is 1 bytes, not 0");
	ledger__free(&ledger);

	example__init(&example, &one_copy);
	example__ask(&example);
	example.observed.counts[SENDER].tally.site[SITE_RECEIVE_COPY].bytes += 2;
	example__compose(&example, &ledger);
	assert_invalid(&ledger, "the residual of the sender's requests is -2 bytes, not 0");
	ledger__free(&ledger);

	example__init(&example, &one_copy);
	example__ask(&example);
	example.traced = TRACE_NONE;
	example__compose(&example, &ledger);
	assert_true(ledger.valid);
	assert_false(ledger.request_residual[SENDER].known);
	ledger__free(&ledger);
}

static void test_unanswered(void **state)
{
	struct example example;
	struct ledger ledger;

	(void)state;
	example__init(&example, &one_copy);
	example__ask(&example);
	example.traced = TRACE_NONE;
	example.result.requests[RECEIVER].requests = 12;
	example__compose(&example, &ledger);
	assert_invalid(&ledger, "12 messages were asked for but 10 answered");
	ledger__free(&ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copies_per_byte),
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
