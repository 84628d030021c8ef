// SPDX-License-Identifier: GPL-2.0
/* The ledger of a program that is not ours: residuals, copies per byte, sentences. */
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

static bool says(const struct account *account, const char *words)
{
	for (size_t i = 0; i < account->note_count; i++)
		if (strstr(account->notes[i], words))
			return true;
	return false;
}

static void test_closed(void **state)
{
	struct account account = example();

	(void)state;
	account__judge(&account, &everything);
	assert_true(account.valid);
	assert_true(account.residual[SENDER].known && account.residual[RECEIVER].known);
	assert_true(account.residual[SENDER].value == 0 && account.residual[RECEIVER].value == 0);
	assert_true(account.per_sent.known && account.per_sent.value == 0);
	assert_true(account.per_received.value == 1 && account.copies_per_byte.value == 1);
	assert_true(account.site[SITE_USER_MEMCPY].evidence == EVIDENCE_UNAVAILABLE);
	account__reset(&account);
	assert_true(account__is_empty(&account));
}

static void test_a_missed_copy_is_invalid(void **state)
{
	struct account account = example();

	(void)state;
	account.tally.site[SITE_RECEIVE_COPY].bytes--;
	account__judge(&account, &everything);
	assert_false(account.valid);
	assert_true(account.residual[RECEIVER].value == 1);
	assert_int_equal(account.reason_count, 1);
	assert_non_null(strstr(account.reasons[0], "receive residual is 1 bytes"));
	account__reset(&account);
}

static void test_unknown_is_not_zero(void **state)
{
	struct account account = example();
	struct known known = everything;

	(void)state;
	known.received = false;
	account__judge(&account, &known);
	assert_false(account.valid);
	assert_false(account.residual[RECEIVER].known);
	assert_true(account.site[SITE_RECEIVE_COPY].evidence == EVIDENCE_UNAVAILABLE);
	assert_true(account.residual[SENDER].known);
	account__reset(&account);
}

static void test_peeks_are_copies_and_no_payload(void **state)
{
	struct account account = example();

	(void)state;
	account.tally.extra[EXTRA_PEEKED].bytes = 250;
	account.tally.site[SITE_RECEIVE_COPY].bytes += 250;
	account__judge(&account, &everything);
	assert_true(account.valid);
	assert_int_equal(account.received, 500);
	assert_true(account.per_received.value == 1.5);
	assert_true(says(&account, "250 bytes were received with MSG_PEEK"));
	account__reset(&account);
}

static void test_causes_in_words(void **state)
{
	struct account account = example();
	const struct counter most = {600, 6}, some = {20, 1};

	(void)state;
	assert_int_equal(causes__add(&account.causes, "ip_local_deliver_finish", "lo", &some), 0);
	assert_int_equal(causes__add(&account.causes, "tun_net_xmit", "tun0", &some), 0);
	assert_int_equal(causes__add(&account.causes, "ip_local_deliver_finish", "lo", &most), 0);
	assert_int_equal(causes__add(&account.causes, "dev_queue_xmit_nit", "eth0", &some), 0);
	assert_int_equal(account.causes.count, 3);
	account__judge(&account, &everything);
	assert_int_equal(account.site[SITE_DEFERRED_COPY].bytes, 640);
	assert_int_equal(account.site[SITE_TAP_COPY].bytes, 20);
	assert_true(says(&account,
			 "64.0% of what it sent with MSG_ZEROCOPY was copied after all: "
			 "62.0% because the peer is on this host (lo, "
			 "ip_local_deliver_finish), 2.0% because a tun"));
	assert_true(says(&account, "what would avoid it: MSG_ZEROCOPY only pays"));
	assert_true(
		says(&account,
		     "because a packet tap (tcpdump or its like, not found any more) is running"));
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
	assert_true(says(&account,
			 "the COPIED flag is set for 3 of 4 completed sends, but the "
			 "ledger says that 100.0% of the bytes pinned were copied"));
	account.tally.extra[EXTRA_COPIED].calls = 4;
	account__judge(&account, &everything);
	assert_false(says(&account, "COPIED"));
	account__reset(&account);
}

static void test_not_covered_is_named(void **state)
{
	struct account account = example();
	struct known known = everything;

	(void)state;
	account.tally.extra[EXTRA_TLS] = (struct counter){4096, 1};
	account__judge(&account, &known);
	assert_true(account.valid);
	assert_true(says(&account, "NOT COVERED: 4,096 bytes went through kTLS sockets"));
	assert_false(says(&account, "io_uring"));
	account.tally.extra[EXTRA_IO_URING].calls = 3;
	account__judge(&account, &known);
	assert_false(says(&account, "io_uring"));
	known.io_uring = false;
	account__judge(&account, &known);
	assert_true(says(&account, "NOT COVERED: it called io_uring 3 times"));
	known.not_covered = false;
	account__judge(&account, &known);
	assert_true(says(&account, "is unknown on this kernel"));
	account__reset(&account);
}

static void test_merge(void **state)
{
	struct account account = example(), other = example();
	const struct counter counter = {5, 1};

	(void)state;
	causes__add(&other.causes, "ip_local_deliver_finish", "lo", &counter);
	assert_int_equal(account__merge(&account, &other), 0);
	assert_int_equal(account__bytes(&account), 3000);
	assert_int_equal(account.causes.count, 1);
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

/* Only those that see what leaves by the device are named, each once. */
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
	assert_int_equal(causes__add(&account.causes, "dev_queue_xmit_nit", "eth0", &some), 0);
	account__judge(&account, &everything);
	assert_true(says(&account,
			 "2.0% of what it sent with MSG_ZEROCOPY was copied because a "
			 "packet tap (tcpdump, pid 812; dumpcap, pid 900) is running on "
			 "eth0: 20 bytes"));
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
	assert_true(account.time_ns[SITE_RECEIVE_COPY].known &&
		    account.time_ns[SITE_RECEIVE_COPY].value == 250000000);
	/* copied, but none of it seen by the clock: unknown */
	assert_false(account.time_ns[SITE_SEND_COPY].known);
	assert_false(account.time_ns[SITE_DEFERRED_COPY].known);
	assert_true(account.copying_ns.known && account.copying_ns.value == 250000000);
	assert_true(says(&account,
			 "copying took 250,000,000 ns, 12.5% of one processor "
			 "(receive_copy 12.5%): that is what removing"));
	assert_true(says(&account, "only 400 of 500 bytes of receive_copy were timed"));
	account__reset(&account);
	assert_int_equal(account.times.site[SITE_RECEIVE_COPY].ns, 0);
}

static void test_retransmits(void **state)
{
	struct account account = example();

	(void)state;
	account.tally.extra[EXTRA_RETRANSMIT] = (struct counter){500, 3};
	account__judge(&account, &everything);
	assert_true(says(&account,
			 "500 bytes (50.0% of what it sent) were sent again, in 3 retransmitted "
			 "segments"));
	account__reset(&account);
}

static void test_collapsed(void **state)
{
	struct account account = example();

	(void)state;
	account__judge(&account, &everything);
	assert_false(says(&account, "tcp_collapse"));
	account.tally.extra[EXTRA_COLLAPSED].bytes = 250;
	account__judge(&account, &everything);
	assert_true(says(&account,
			 "50.0% of what it received (250 bytes) was copied at least once more in "
			 "its queue, whose buffer was full (tcp_collapse); copies per byte leaves "
			 "it out; what would avoid it: "));
	account__reset(&account);
}

/* all that was sent has left, lent, for this host, and was copied: but for some of it */
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
	assert_true(says(&account, "40 bytes of what it sent were not seen to leave"));
	assert_true(says(&account,
			 "7 bytes of what it lent and what left for this host were not "
			 "seen to be copied"));
	known.whole = false; /* in an interval something is always under way */
	account__judge(&account, &known);
	assert_false(says(&account, "not seen"));
	known.whole = true;
	account.tally.extra[EXTRA_LEFT].bytes = 940;
	account.tally.site[SITE_DEFERRED_COPY].bytes = 800;
	account__judge(&account, &known);
	assert_false(says(&account, "not seen"));
	account__reset(&account);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_a_missed_copy_is_invalid),
		cmocka_unit_test(test_unknown_is_not_zero),
		cmocka_unit_test(test_peeks_are_copies_and_no_payload),
		cmocka_unit_test(test_causes_in_words),
		cmocka_unit_test(test_flag_and_ledger_disagree),
		cmocka_unit_test(test_not_covered_is_named),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_who_taps),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_retransmits),
		cmocka_unit_test(test_collapsed),
		cmocka_unit_test(test_unseen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
