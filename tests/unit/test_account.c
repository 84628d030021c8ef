// SPDX-License-Identifier: GPL-2.0
/* The ledger of another program: residuals, copies per byte, sentences. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/account.h"
#include "watch/watch_taps.h"

static const struct known everything = {
	.io_uring = true,
	.received = true,
	.completions = true,
	.not_covered = true,
	.retransmits = true,
	.pin_attempts = true,
	.switches = true,
	.activities = true,
};

/* A process that sent 1000 bytes with MSG_ZEROCOPY and received 500 by copying. */
static struct account example(void)
{
	struct account account = {};

	account.tally.site[SITE_SEND_PIN] = (struct counter){1000, 2};
	account.tally.extra[EXTRA_TAKEN] = (struct counter){500, 5};
	account.tally.site[SITE_RECEIVE_COPY] = (struct counter){500, 7};
	return account;
}

static const struct remark *note_of(const struct account *account, enum remark_code code)
{
	const struct remarks *notes = &account->ledger.notes;

	for (size_t i = 0; i < notes->count; i++)
		if (notes->remark[i].code == code)
			return &notes->remark[i];
	return NULL;
}

static bool notes(const struct account *account, enum remark_code code)
{
	return note_of(account, code) != NULL;
}

/* The number in a note; -1: there is no such note, or no such number in it. */
static int64_t noted(const struct account *account, enum remark_code code, const char *name)
{
	const struct remark *note = note_of(account, code);

	return note && remark__value(note, name) ? remark__whole(note, name) : -1;
}

static void test_closed(void **state)
{
	struct account account = example();

	(void)state;
	account__judge(&account, &everything);
	assert_true(account.ledger.valid);
	assert_true(account.ledger.residual[SENDER].known &&
		    account.ledger.residual[RECEIVER].known);
	assert_true(account.ledger.residual[SENDER].value == 0 &&
		    account.ledger.residual[RECEIVER].value == 0);
	assert_true(account.ledger.copies[SENDER].known &&
		    account.ledger.copies[SENDER].value == 0);
	assert_true(account.ledger.copies[RECEIVER].value == 1 &&
		    !account.ledger.copies_per_byte.known);
	assert_true(account.ledger.site[SITE_USER_MEMCPY].evidence == EVIDENCE_UNAVAILABLE);
	account__reset(&account);
	assert_true(account__is_empty(&account));
}

static void test_a_missed_copy_is_invalid(void **state)
{
	struct account account = example();

	(void)state;
	account.tally.site[SITE_RECEIVE_COPY].bytes--;
	account__judge(&account, &everything);
	assert_false(account.ledger.valid);
	assert_true(account.ledger.residual[RECEIVER].value == 1);
	assert_int_equal(account.ledger.reasons.count, 1);
	assert_int_equal(account.ledger.reasons.remark[0].code, REMARK_UNCOVERED_BYTES);
	assert_int_equal(remark__whole(&account.ledger.reasons.remark[0], "bytes"), 1);
	assert_string_equal(remark__word(&account.ledger.reasons.remark[0], "side"), "receive");
	assert_string_equal(remark__word(&account.ledger.reasons.remark[0], "by"), "unknown");
	account__reset(&account);
}

/* write_seq moved by 7 more than was counted, and 30 bytes were sent through kTLS */
static void test_uncovered_sends_are_invalid(void **state)
{
	struct account account = example();
	struct known known = everything;
	const struct remark *reason;

	(void)state;
	known.sequences = true;
	account.tally.extra[EXTRA_UNCOVERED] = (struct counter){7, 1};
	account.tally.extra[EXTRA_TLS] = account.tally.extra[EXTRA_ELSEWHERE_SENT] =
		(struct counter){30, 1};
	account__judge(&account, &known);
	assert_false(account.ledger.valid);
	assert_int_equal(account.sent, 1000);
	assert_true(account.ledger.residual[SENDER].value == 7);
	assert_true(account.uncovered[SENDER].known && account.uncovered[SENDER].value == 37);
	assert_true(account.uncovered[RECEIVER].known && account.uncovered[RECEIVER].value == 0);
	assert_int_equal(account.ledger.reasons.count, 1);
	reason = &account.ledger.reasons.remark[0];
	assert_int_equal(reason->code, REMARK_UNCOVERED_BYTES);
	assert_string_equal(remark__word(reason, "side"), "send");
	assert_string_equal(remark__word(reason, "by"), "ktls unknown");
	account.tally.extra[EXTRA_UNCOMPARED].calls = 1; /* a send was under way on one socket */
	account__judge(&account, &known);
	assert_false(account.uncovered[SENDER].known);
	account.tally.extra[EXTRA_UNCOVERED].bytes = -7; /* counted but not sent */
	account__judge(&account, &known);
	assert_int_equal(account.ledger.reasons.remark[0].code, REMARK_RESIDUAL_NOT_ZERO);
	account__reset(&account);
}

/* 100 bytes were taken past the sites: 60 by a function that was seen */
static void test_readers_are_named(void **state)
{
	struct account account = example(), other = example();
	struct counter some = {20, 1}, more = {40, 2};

	(void)state;
	account.tally.extra[EXTRA_TAKEN].bytes += 100;
	assert_int_equal(
		readers__add(&account.ledger.readers, CAUSE_UNCOVERED, "strp_recv [kcm]", &some),
		0);
	assert_int_equal(
		readers__add(&account.ledger.readers, CAUSE_READ, "nvme_read [nvme_tcp]", &some),
		0);
	assert_int_equal(
		readers__add(&other.ledger.readers, CAUSE_UNCOVERED, "strp_recv [kcm]", &more), 0);
	assert_int_equal(account__merge(&account, &other), 0);
	assert_int_equal(account.ledger.readers.count, 2);
	account__judge(&account, &everything);
	assert_false(account.ledger.valid);
	assert_int_equal(account.ledger.readers.reader[0].bytes, 60);
	assert_int_equal(account.ledger.readers.reader[0].calls, 3);
	assert_true(account.uncovered[RECEIVER].value == 100);
	assert_string_equal(remark__word(&account.ledger.reasons.remark[0], "by"),
			    "strp_recv unknown");
	assert_int_equal(noted(&account, REMARK_KERNEL_READERS, "bytes"), 20);
	assert_string_equal(remark__word(note_of(&account, REMARK_KERNEL_READERS), "readers"),
			    "nvme_read [nvme_tcp]");
	account__reset(&account);
	account__reset(&other);
}

static void test_unknown_is_not_zero(void **state)
{
	struct account account = example();
	struct known known = everything;

	(void)state;
	known.received = false;
	account__judge(&account, &known);
	assert_false(account.ledger.valid);
	assert_false(account.ledger.residual[RECEIVER].known);
	assert_true(account.ledger.site[SITE_RECEIVE_COPY].evidence == EVIDENCE_UNAVAILABLE);
	assert_true(account.ledger.residual[SENDER].known);
	account__reset(&account);
}

static void test_peeks_are_copies_and_no_payload(void **state)
{
	struct account account = example();

	(void)state;
	account.tally.extra[EXTRA_PEEKED].bytes = 250;
	account.tally.site[SITE_RECEIVE_COPY].bytes += 250;
	account__judge(&account, &everything);
	assert_true(account.ledger.valid);
	assert_int_equal(account.received, 500);
	assert_true(account.ledger.copies[RECEIVER].value == 1.5);
	assert_int_equal(noted(&account, REMARK_PEEKED, "bytes"), 250);
	account__reset(&account);
}

static void test_causes_in_words(void **state)
{
	struct account account = example();
	const struct counter most = {600, 6}, some = {20, 1};

	(void)state;
	assert_int_equal(
		causes__add(&account.ledger.causes, "ip_local_deliver_finish", "lo", &some), 0);
	assert_int_equal(causes__add(&account.ledger.causes, "tun_net_xmit", "tun0", &some), 0);
	assert_int_equal(
		causes__add(&account.ledger.causes, "ip_local_deliver_finish", "lo", &most), 0);
	assert_int_equal(causes__add(&account.ledger.causes, "dev_queue_xmit_nit", "eth0", &some),
			 0);
	assert_int_equal(account.ledger.causes.count, 3);
	account__judge(&account, &everything);
	assert_int_equal(account.ledger.site[SITE_DEFERRED_COPY].bytes, 640);
	assert_int_equal(account.ledger.site[SITE_TAP_COPY].bytes, 20);
	assert_int_equal(noted(&account, REMARK_DEFERRED_COPIES, "bytes"), 640);
	assert_int_equal(noted(&account, REMARK_DEFERRED_COPIES, "pinned_bytes"), 1000);
	assert_string_equal(remark__word(note_of(&account, REMARK_REMEDY), "cause"),
			    "local_delivery");
	assert_int_equal(noted(&account, REMARK_TAP_COPIES, "bytes"), 20);
	account__reset(&account);
}

/* Advice only above a share of the bytes, and MSG_ZEROCOPY only if a card takes them. */
static void test_advice(void **state)
{
	struct account account = example();
	struct known known = everything;
	uint64_t all;

	(void)state;
	account__judge(&account, &known);
	all = account.sent + account.received;
	account.tally.site[SITE_SEND_COPY].bytes += 20;
	account__judge(&account, &known);
	all += 20;
	known.advise_above = ledger__bytes(&account.ledger, SITE_SEND_COPY) / (double)all;
	account__judge(&account, &known);
	assert_true(notes(&account, REMARK_SEND_COPIES));
	assert_string_equal(remark__word(note_of(&account, REMARK_SEND_COPIES), "to"), "host");
	account.tally.site[SITE_DMA_OUT].bytes = account.sent;
	account__judge(&account, &known);
	assert_string_equal(remark__word(note_of(&account, REMARK_SEND_COPIES), "to"), "card");
	known.advise_above += 0.001;
	account__judge(&account, &known);
	assert_false(notes(&account, REMARK_SEND_COPIES));
	account__reset(&account);
}

static void test_flag_and_ledger_disagree(void **state)
{
	struct account account = example();

	(void)state;
	account.tally.site[SITE_TRANSMIT_COPY].bytes = 1000;
	account.tally.extra[EXTRA_COMPLETIONS].calls = 4;
	account.tally.extra[EXTRA_COPIED].calls = 3;
	account__judge(&account, &everything);
	assert_int_equal(noted(&account, REMARK_FLAG_DISAGREES, "flagged"), 3);
	assert_int_equal(noted(&account, REMARK_FLAG_DISAGREES, "completions"), 4);
	assert_int_equal(noted(&account, REMARK_FLAG_DISAGREES, "copied_bytes"), 1000);
	account.tally.extra[EXTRA_COPIED].calls = 4;
	account__judge(&account, &everything);
	assert_false(notes(&account, REMARK_FLAG_DISAGREES));
	account__reset(&account);
}

static void test_not_covered_is_named(void **state)
{
	struct account account = example();
	struct known known = everything;

	(void)state;
	account.tally.extra[EXTRA_TLS] = (struct counter){4096, 1};
	account__judge(&account, &known);
	assert_true(account.ledger.valid);
	assert_int_equal(noted(&account, REMARK_NOT_COVERED, "bytes"), 4096);
	assert_string_equal(remark__word(note_of(&account, REMARK_NOT_COVERED), "sockets"), "ktls");
	assert_false(notes(&account, REMARK_IO_URING_NOT_COVERED));
	account.tally.extra[EXTRA_IO_URING].calls = 3;
	account__judge(&account, &known);
	assert_false(notes(&account, REMARK_IO_URING_NOT_COVERED));
	known.io_uring = false;
	account__judge(&account, &known);
	assert_int_equal(noted(&account, REMARK_IO_URING_NOT_COVERED, "calls"), 3);
	known.not_covered = false;
	account__judge(&account, &known);
	assert_true(notes(&account, REMARK_NOT_COVERED_UNKNOWN));
	account__reset(&account);
}

static void test_merge(void **state)
{
	struct account account = example(), other = example();
	const struct counter counter = {5, 1};

	(void)state;
	causes__add(&other.ledger.causes, "ip_local_deliver_finish", "lo", &counter);
	assert_int_equal(account__merge(&account, &other), 0);
	assert_int_equal(account__bytes(&account), 3000);
	assert_int_equal(account.ledger.causes.count, 1);
	account__reset(&account);
	account__reset(&other);
}

static void test_names(void **state)
{
	struct account account = {.row = {.kind = ROW_SOCKET,
					  .process = 12,
					  .family = AF_INET,
					  .local_port = 80,
					  .remote_port = 4000,
					  .local = {127, 0, 0, 1},
					  .remote = {10, 0, 0, 2},
					  .command = "nginx",
					  .device = "eth0"}};
	char text[160];

	(void)state;
	account__name(&account, text, sizeof(text));
	assert_string_equal(text, "nginx[12] 127.0.0.1:80 > 10.0.0.2:4000 eth0");
	account.row.family = AF_INET6;
	memset(account.row.local, 0, 16);
	account.row.local[15] = 1;
	account__address(&account, SENDER, text, sizeof(text));
	assert_string_equal(text, "[::1]:80");
	account.row.kind = ROW_PROCESS;
	account__name(&account, text, sizeof(text));
	assert_string_equal(text, "nginx[12]");
}

/* Only processes whose taps see the device's packets are named, each once. */
static void test_who_taps(void **state)
{
	struct tap tap[] = {
		{.protocol = 3, .running = true, .owner_count = 1, .owner = {{812, "tcpdump"}}},
		{.protocol = 3,
		 .running = true,
		 .device = "eth0",
		 .owner_count = 2,
		 .owner = {{812, "tcpdump"}, {900, "dumpcap"}}},
		{.protocol = 3,
		 .running = true,
		 .device = "eth1",
		 .owner_count = 1,
		 .owner = {{901, "elsewhere"}}},
		{.protocol = 0x800,
		 .running = true,
		 .owner_count = 1,
		 .owner = {{902, "dhclient"}}},
	};
	const struct taps taps = {.tap = tap, .count = 4};
	struct account account = example();
	const struct counter some = {20, 1};

	(void)state;
	watch_taps__add(&account, &taps, "eth0");
	assert_string_equal(account.tappers, "tcpdump, pid 812; dumpcap, pid 900");
	assert_int_equal(causes__add(&account.ledger.causes, "dev_queue_xmit_nit", "eth0", &some),
			 0);
	account__judge(&account, &everything);
	assert_int_equal(noted(&account, REMARK_TAP_COPIES, "bytes"), 20);
	assert_string_equal(remark__word(note_of(&account, REMARK_TAP_COPIES), "taps"),
			    "tcpdump, pid 812; dumpcap, pid 900");
	account__reset(&account);
	assert_string_equal(account.tappers, "");
}

static void test_time(void **state)
{
	struct account account = example();
	struct known known = everything;
	const struct times times = {
		.site[SITE_RECEIVE_COPY] = {.ns = 250000000, .bytes = 400},
	};

	(void)state;
	known.time = true;
	known.timed[SITE_RECEIVE_COPY] = known.timed[SITE_SEND_COPY] = true;
	account.tally.site[SITE_SEND_PIN].bytes -= 100;
	account.tally.site[SITE_SEND_COPY] = (struct counter){100, 1};
	account.seconds = 2;
	account__add_times(&account, &times);
	account__judge(&account, &known);
	assert_true(account.ledger.time[SITE_RECEIVE_COPY].ns.known &&
		    account.ledger.time[SITE_RECEIVE_COPY].ns.value == 250000000);
	/* copied, but not timed: unknown */
	assert_false(account.ledger.time[SITE_SEND_COPY].ns.known);
	assert_false(account.ledger.time[SITE_DEFERRED_COPY].ns.known);
	assert_true(account.ledger.copying_ns.known &&
		    account.ledger.copying_ns.value == 250000000);
	assert_int_equal(noted(&account, REMARK_COPIES_TIMED, "ns"), 250000000);
	assert_int_equal(noted(&account, REMARK_COPIES_TIMED, "of_ns"), 2000000000);
	assert_int_equal(noted(&account, REMARK_COPIES_TIMED, "receive_copy"), 250000000);
	/* the sum names its part */
	assert_int_equal(noted(&account, REMARK_COPIES_TIMED, "timed_bytes"), 400);
	assert_int_equal(noted(&account, REMARK_COPIES_TIMED, "copied_bytes"), 600);
	/* nothing of send_copy is timed, 400 of 500 bytes of receive_copy */
	assert_int_equal(noted(&account, REMARK_COPIES_UNTIMED, "timed_bytes"), 0);
	account.times.site[SITE_SEND_COPY].bytes = 100;
	account__judge(&account, &known);
	assert_int_equal(noted(&account, REMARK_COPIES_UNTIMED, "timed_bytes"), 400);
	assert_int_equal(noted(&account, REMARK_COPIES_UNTIMED, "bytes"), 500);
	account__reset(&account);
	assert_int_equal(account.times.site[SITE_RECEIVE_COPY].ns, 0);
}

static void test_retransmits(void **state)
{
	struct account account = example();

	(void)state;
	account.tally.extra[EXTRA_RETRANSMIT] = (struct counter){500, 3};
	account__judge(&account, &everything);
	assert_int_equal(noted(&account, REMARK_RETRANSMITS, "bytes"), 500);
	assert_int_equal(noted(&account, REMARK_RETRANSMITS, "segments"), 3);
	account__reset(&account);
}

static void test_collapsed(void **state)
{
	struct account account = example();

	(void)state;
	account__judge(&account, &everything);
	assert_false(notes(&account, REMARK_COLLAPSED));
	account.tally.extra[EXTRA_COLLAPSED].bytes = 250;
	account__judge(&account, &everything);
	assert_int_equal(noted(&account, REMARK_COLLAPSED, "bytes"), 250);
	assert_int_equal(noted(&account, REMARK_COLLAPSED, "received_bytes"), 500);
	account__reset(&account);
}

/* all sent bytes left pinned for this host, and not all were copied */
static void test_unseen(void **state)
{
	struct known known = everything;
	struct account account = example();

	(void)state;
	known.departures = known.whole = true;
	account.tally.extra[EXTRA_LEFT].bytes = 900;
	account.tally.extra[EXTRA_DROPPED].bytes = 60;
	account.tally.extra[EXTRA_LEFT_PINNED].bytes = 900;
	account.tally.extra[EXTRA_DROPPED_LATE].bytes = 100;
	account.tally.site[SITE_DEFERRED_COPY].bytes = 793;
	account__judge(&account, &known);
	assert_int_equal(noted(&account, REMARK_DEPARTURES_PENDING, "bytes"), 40);
	assert_int_equal(noted(&account, REMARK_COPIES_PENDING, "bytes"), 7);
	known.whole = false; /* an interval always has bytes under way */
	account__judge(&account, &known);
	assert_false(notes(&account, REMARK_DEPARTURES_PENDING));
	assert_false(notes(&account, REMARK_COPIES_PENDING));
	known.whole = true;
	account.tally.extra[EXTRA_UNSENT].bytes = 40;
	account__judge(&account, &known);
	assert_false(notes(&account, REMARK_DEPARTURES_PENDING));
	assert_int_equal(noted(&account, REMARK_UNSENT, "bytes"), 40);
	account.tally.extra[EXTRA_UNSENT].bytes = 0;
	account.tally.extra[EXTRA_LEFT].bytes = 940;
	account.tally.site[SITE_DEFERRED_COPY].bytes = 800;
	account__judge(&account, &known);
	assert_false(notes(&account, REMARK_DEPARTURES_PENDING));
	assert_false(notes(&account, REMARK_COPIES_PENDING));
	account__reset(&account);
}

/* A byte that is peeked and then discarded is copied once. */
static void test_peeked_and_discarded(void **state)
{
	struct account account = {};

	(void)state;
	account.tally.extra[EXTRA_TAKEN].bytes = 500;
	account.tally.extra[EXTRA_DISCARDED].bytes = 500;
	account.tally.extra[EXTRA_PEEKED].bytes = 500;
	account.tally.site[SITE_RECEIVE_COPY].bytes = 500;
	account__judge(&account, &everything);
	assert_true(account.ledger.valid);
	assert_int_equal(account.received, 0);
	assert_true(account.ledger.copies[RECEIVER].known);
	assert_true(account.ledger.copies[RECEIVER].value == 1);
	assert_int_equal(noted(&account, REMARK_PEEKED, "bytes"), 500);
	assert_int_equal(noted(&account, REMARK_DISCARDED, "bytes"), 500);
	account__reset(&account);
}

static enum remark_code only_reason(const struct account *account)
{
	assert_false(account->ledger.valid);
	assert_int_equal(account->ledger.reasons.count, 1);
	return account->ledger.reasons.remark[0].code;
}

/* A miss of a probe for pinned pages is no fault if none was pinned. */
static void test_a_miss_elsewhere(void **state)
{
	struct probe_status probe = {.program = "page_alloc",
				     .function = "mm_page_alloc",
				     .state = PROBE_ATTACHED,
				     .sites = 1u << SITE_DEFERRED_COPY,
				     .missed_known = true,
				     .missed = 3};
	struct known known = everything;
	struct account account = example();

	(void)state;
	known.probes = &probe;
	known.probe_count = 1;
	account__judge(&account, &known);
	assert_int_equal(only_reason(&account), REMARK_MISSED_EVENTS);
	account.tally.site[SITE_SEND_COPY] = account.tally.site[SITE_SEND_PIN];
	account.tally.site[SITE_SEND_PIN] = (struct counter){};
	account__judge(&account, &known);
	assert_true(account.ledger.valid);
	assert_int_equal(noted(&account, REMARK_MISSED_ELSEWHERE, "events"), 3);

	/* pages that were referenced by sendfile may be copied too */
	account.tally.site[SITE_SEND_SPLICE].bytes = 1;
	account__judge(&account, &known);
	assert_int_equal(only_reason(&account), REMARK_MISSED_EVENTS);
	account.tally.site[SITE_SEND_SPLICE].bytes = 0;
	known.evidence[SITE_SEND_PIN] = EVIDENCE_UNAVAILABLE;
	account__judge(&account, &known);
	assert_true(remarks__of(&account.ledger.reasons, REMARK_MISSED_EVENTS));
	known.evidence[SITE_SEND_PIN] = EVIDENCE_EXACT;
	/* a send that is not seen leaves no trace */
	probe.sites = 1u << SITE_SEND_COPY;
	account__judge(&account, &known);
	assert_int_equal(only_reason(&account), REMARK_MISSED_EVENTS);
	account__reset(&account);
}

static struct probe_status a_probe(const char *program, enum group group, unsigned int missed)
{
	return (struct probe_status){.program = program,
				     .function = "inet_sk_error_report",
				     .state = PROBE_ATTACHED,
				     .groups = 1u << group,
				     .missed_known = true,
				     .missed = missed};
}

/* Two programs see each event: it is lost only if both were skipped. */
static void test_a_miss_of_one_of_two(void **state)
{
	struct probe_status probes[] = {a_probe("completion", GROUP_COMPLETIONS, 3),
					a_probe("completion_probe", GROUP_COMPLETIONS, 0)};
	struct known known = everything;
	struct account account = example();

	(void)state;
	probes[0].other = "completion_probe";
	probes[1].other = "completion";
	known.probes = probes;
	known.probe_count = 2;
	account__judge(&account, &known);
	assert_true(account.ledger.valid);
	assert_int_equal(noted(&account, REMARK_MISSED_ELSEWHERE, "events"), 3);
	probes[1].missed = 1;
	account__judge(&account, &known);
	assert_true(remarks__of(&account.ledger.reasons, REMARK_MISSED_EVENTS));
	probes[1].missed = 0;
	probes[1].missed_known = false;
	account__judge(&account, &known);
	assert_int_equal(only_reason(&account), REMARK_MISSED_EVENTS);
	probes[1].state = PROBE_NOT_NEEDED;
	account__judge(&account, &known);
	assert_int_equal(only_reason(&account), REMARK_MISSED_EVENTS);
	account__reset(&account);
}

/* A run has no sockets of kTLS and the like; a watched program may. */
static void test_a_miss_of_others_sockets(void **state)
{
	struct probe_status probe = a_probe("send_length", GROUP_NOT_COVERED, 3);
	struct known known = everything;
	struct account account = example();

	(void)state;
	known.probes = &probe;
	known.probe_count = 1;
	account__judge(&account, &known);
	assert_int_equal(only_reason(&account), REMARK_MISSED_EVENTS);
	known.own_sockets = true;
	account__judge(&account, &known);
	assert_true(account.ledger.valid);
	probe.groups |= 1u << GROUP_SEND;
	account__judge(&account, &known);
	assert_int_equal(only_reason(&account), REMARK_MISSED_EVENTS);
	probe.groups = 1u << GROUP_NOT_COVERED;
	known.evidence[SITE_RECEIVE_COPY] = EVIDENCE_UNAVAILABLE;
	account__judge(&account, &known);
	assert_true(remarks__of(&account.ledger.reasons, REMARK_MISSED_EVENTS));
	account__reset(&account);
}

/* Each completion has the COPIED flag, and no copy was counted. */
static void test_uncopied(void **state)
{
	struct account account = example();
	struct known known = everything;

	(void)state;
	known.departures = known.whole = true;
	account.tally.extra[EXTRA_COMPLETIONS].calls = 2;
	account.tally.extra[EXTRA_COPIED].calls = 2;
	account.tally.site[SITE_DEFERRED_COPY].bytes = 990;
	account__judge(&account, &known);
	assert_int_equal(only_reason(&account), REMARK_PINNED_BYTES_UNCOPIED);
	assert_int_equal(remark__whole(&account.ledger.reasons.remark[0], "bytes"), 10);
	account.tally.extra[EXTRA_DROPPED].bytes = 10;
	account__judge(&account, &known);
	assert_true(account.ledger.valid);
	account.tally.extra[EXTRA_DROPPED].bytes = 0;

	/* one send is not complete, one was not copied, hardware took pages, or others follow */
	account.tally.extra[EXTRA_COMPLETIONS].calls = account.tally.extra[EXTRA_COPIED].calls = 1;
	account__judge(&account, &known);
	assert_true(account.ledger.valid);
	account.tally.extra[EXTRA_COMPLETIONS].calls = 2;
	account__judge(&account, &known);
	assert_true(account.ledger.valid);
	account.tally.extra[EXTRA_COPIED].calls = 2;
	account.tally.site[SITE_DMA_OUT].bytes = 10;
	account__judge(&account, &known);
	assert_true(account.ledger.valid);
	account.tally.site[SITE_DMA_OUT].bytes = 0;
	known.whole = false;
	account__judge(&account, &known);
	assert_true(account.ledger.valid);
	account__reset(&account);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_a_missed_copy_is_invalid),
		cmocka_unit_test(test_uncovered_sends_are_invalid),
		cmocka_unit_test(test_readers_are_named),
		cmocka_unit_test(test_unknown_is_not_zero),
		cmocka_unit_test(test_peeks_are_copies_and_no_payload),
		cmocka_unit_test(test_causes_in_words),
		cmocka_unit_test(test_advice),
		cmocka_unit_test(test_flag_and_ledger_disagree),
		cmocka_unit_test(test_not_covered_is_named),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_who_taps),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_retransmits),
		cmocka_unit_test(test_collapsed),
		cmocka_unit_test(test_unseen),
		cmocka_unit_test(test_peeked_and_discarded),
		cmocka_unit_test(test_a_miss_elsewhere),
		cmocka_unit_test(test_a_miss_of_one_of_two),
		cmocka_unit_test(test_a_miss_of_others_sockets),
		cmocka_unit_test(test_uncopied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
