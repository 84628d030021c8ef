// SPDX-License-Identifier: GPL-2.0
/* All sentences. A changed sentence changes this test and no other. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/words.h"
#include "tracer/refusal.h"

static struct cause causes[] = {
	{.cause = "local delivery", .device = "lo", .site = SITE_DEFERRED_COPY, .bytes = 600},
	{.cause = "tun or tap device", .device = "tun0", .site = SITE_DEFERRED_COPY, .bytes = 300},
	{.cause = "packet tap", .device = "eth0", .site = SITE_TAP_COPY, .bytes = 20},
};

static const struct ledger ledger = {
	.site = {[SITE_DEFERRED_COPY] = {.bytes = 1000}, [SITE_TAP_COPY] = {.bytes = 20}},
	.causes = {causes, 3},
};

static void assert_sentence(const struct ledger *of, enum remark_code code,
			    const struct value *values, const char *sentence)
{
	struct remarks remarks = {};
	char text[SENTENCE_MAX];

	assert_int_equal(remarks__add(&remarks, code, values), 0);
	words__sentence(of, &remarks.remark[0], text, sizeof(text));
	assert_string_equal(text, sentence);
	remarks__free(&remarks);
}

#define SENTENCE(code, sentence, ...)                                                              \
	assert_sentence(&ledger, REMARK_##code, VALUES(__VA_ARGS__), sentence)

static void test_reasons(void **state)
{
	(void)state;
	SENTENCE(BYTES_DISAGREE, "1,000,000 bytes were sent, but 999,999 were received",
		 WHOLE("sent", 1000000), WHOLE("received", 999999));
	SENTENCE(COMPLETIONS_MISSING, "10 completions were expected, but 9 came",
		 WHOLE("expected", 10), WHOLE("received", 9));
	SENTENCE(REQUESTS_UNANSWERED, "12 messages were asked for, but 10 answered",
		 WHOLE("asked", 12), WHOLE("answered", 10));
	SENTENCE(NUMBER_UNKNOWN,
		 "send_residual is unknown: no count of send_pin (f: not permitted)",
		 WORD("number", "send_residual"), WORD("why", "send_pin (f: not permitted)"));
	SENTENCE(NOTHING_RECEIVED, "copies_per_byte is unknown: nothing was received",
		 WORD("number", "copies_per_byte"));
	SENTENCE(PATH_NOT_COUNTED,
		 "copies_per_byte is unknown: the kernel copies what comes by eth0 for the generic "
		 "XDP program there, and no probe counts that",
		 WORD("number", "copies_per_byte"), WORD("device", "eth0"),
		 WORD("why", "xdp_copies"), WORD("mode", "generic"));
	SENTENCE(PATH_NOT_COUNTED,
		 "copies_per_byte is unknown: whether the kernel copies what comes by eth0 for an "
		 "XDP program cannot be seen",
		 WORD("number", "copies_per_byte"), WORD("device", "eth0"),
		 WORD("why", "xdp_unknown"), WORD("mode", "unknown"));
	SENTENCE(RESIDUAL_NOT_ZERO,
		 "the send residual is -4,096 bytes, not 0: the ledger misses a copy or counts one "
		 "twice",
		 WORD("side", "send"), WHOLE("bytes", -4096));
	SENTENCE(UNCOVERED_BYTES,
		 "4,096 bytes to receive passed no site, and how often they were copied is "
		 "unknown: kTLS; code in the kernel, or a process that is not watched",
		 WORD("side", "receive"), WHOLE("bytes", 4096), WORD("by", "ktls unknown"));
	SENTENCE(UNCOVERED_BYTES,
		 "4,096 bytes to receive passed no site, and how often they were copied is "
		 "unknown: the kernel's nvme_tcp_try_recv; a receive call that is not watched",
		 WORD("side", "receive"), WHOLE("bytes", 4096),
		 WORD("by", "nvme_tcp_try_recv tcp_recvmsg_locked"));
	SENTENCE(REQUEST_RESIDUAL_NOT_ZERO,
		 "the residual of the sender's requests is 1 bytes, not 0", WORD("side", "sender"),
		 WHOLE("bytes", 1));
	SENTENCE(WITNESS_DISAGREES,
		 "TCP's own count of the send side is 1,000 bytes, but the probes counted 999",
		 WORD("side", "send"), WHOLE("tcp_bytes", 1000), WHOLE("counted_bytes", 999));
	SENTENCE(SWITCHES_UNKNOWN, "context switches are unknown: sched_switch: not permitted",
		 WORD("why", "sched_switch: not permitted"));
	SENTENCE(MISSED_EVENTS, "the kernel skipped probe p on f 3 times", WORD("probe", "p"),
		 WORD("function", "f"), WHOLE("events", 3));
	SENTENCE(MISSED_EVENTS, "the kernel skipped probe p on f 1 time", WORD("probe", "p"),
		 WORD("function", "f"), WHOLE("events", 1));
	SENTENCE(LOST_EVENTS,
		 "7 events could not be counted: a map was full (--map-entries) or memory was "
		 "unreadable",
		 WHOLE("events", 7));
	SENTENCE(DEPARTURES_UNSEEN, "TCP sent 100,000 bytes that no probe saw leave",
		 WHOLE("bytes", 100000));
	SENTENCE(DELIVERY_UNSEEN,
		 "3 pinned bytes were delivered on this host, and no probe saw their copy",
		 WHOLE("bytes", 3));
	SENTENCE(LINEAR_UNSEEN,
		 "7 bytes were copied on the way to the device, and no probe saw the copy",
		 WHOLE("bytes", 7));
	SENTENCE(PINNED_BYTES_UNCOPIED,
		 "all 10 completions say COPIED, but no probe saw the copy of 981,525 pinned bytes",
		 WHOLE("bytes", 981525), WHOLE("completions", 10));
	SENTENCE(DEPARTURES_UNKNOWN,
		 "packets that the probes do not see would stay unnoticed: what leaves a device, "
		 "or is dropped before, is not counted here",
		 {});
}

static void test_notes_of_copies(void **state)
{
	(void)state;
	SENTENCE(MISSED_ELSEWHERE,
		 "the kernel skipped probe p on f 3 times; no number here depends on it",
		 WORD("probe", "p"), WORD("function", "f"), WHOLE("events", 3));
	SENTENCE(DEFERRED_COPIES,
		 "every pinned byte was copied after all, by local delivery on lo (60.0%), tun or "
		 "tap device on tun0 (30.0%), unknown causes (10.0%)",
		 WORD("site", "deferred_copy"), WHOLE("bytes", 1000), WHOLE("pinned_bytes", 1000));
	SENTENCE(DEFERRED_COPIES,
		 ">99.9% of the pinned bytes (999,999 of 1,000,000) were copied after all, by "
		 "local delivery on lo (60.0%), tun or tap device on tun0 (30.0%), unknown causes "
		 "(10.0%), and 5 bytes more (<0.1%): of packets that were copied twice, or hold "
		 "plain bytes too",
		 WORD("site", "deferred_copy"), WHOLE("bytes", 999999),
		 WHOLE("pinned_bytes", 1000000), WHOLE("excess_bytes", 5));
	SENTENCE(DEFERRED_COPIES,
		 "every pinned byte was copied after all, by local delivery on lo (60.0%), tun or "
		 "tap device on tun0 (30.0%), unknown causes (10.0%), and with them 20 bytes of "
		 "the same packets that were not pinned, and 5 bytes more (0.5%): of packets that "
		 "were copied twice",
		 WORD("site", "deferred_copy"), WHOLE("bytes", 1000), WHOLE("pinned_bytes", 1000),
		 WHOLE("excess_bytes", 5), WHOLE("beside_bytes", 20));
	SENTENCE(DEFERRED_COPIES,
		 "every pinned byte was copied after all, by local delivery on lo (60.0%), tun or "
		 "tap device on tun0 (30.0%), unknown causes (10.0%), and 131 bytes more (13.1%): "
		 "of retransmitted packets",
		 WORD("site", "deferred_copy"), WHOLE("bytes", 1000), WHOLE("pinned_bytes", 1000),
		 WHOLE("excess_bytes", 131), WHOLE("retransmitted_bytes", 131));
	SENTENCE(
		REMEDY,
		"to avoid it: the peer is on this host, where MSG_ZEROCOPY copies all the same: "
		"send plainly; vmsplice and splice from end to end, or a Unix socket, avoid copies",
		WORD("cause", "local_delivery"));
	SENTENCE(
		REMEDY,
		"to avoid it: the peer is on this host, where MSG_ZEROCOPY copies all the same: "
		"send plainly; vmsplice and splice from end to end, or a Unix socket, avoid copies",
		WORD("cause", "local_receive"));
	SENTENCE(REMEDY,
		 "to avoid it: a tun or tap device (a VPN, a virtual machine) takes the packets: "
		 "send plainly on this path",
		 WORD("cause", "tun_device"));
	SENTENCE(REMEDY,
		 "to avoid it: transmit timestamps carry the data back: set "
		 "SOF_TIMESTAMPING_OPT_TSONLY",
		 WORD("cause", "transmit_timestamp"));
	SENTENCE(REMEDY,
		 "to avoid it: the device's driver cannot hold pinned pages: turn its napi_tx on, "
		 "or send plainly on this path",
		 WORD("cause", "device_without_zero_copy"));
	SENTENCE(TRANSMIT_COPIES,
		 "250,000 bytes (25.0% of those sent) were copied on the way to the device: the "
		 "packets were made linear, or cut into segments without scatter-gather",
		 WHOLE("bytes", 250000), WHOLE("sent_bytes", 1000000));
	SENTENCE(TRANSMIT_COPIES,
		 "250,000 bytes (25.0% of those sent) were copied on the way to the device: br0: "
		 "scatter-gather is off",
		 WHOLE("bytes", 250000), WHOLE("sent_bytes", 1000000),
		 WORD("devices", "br0:scatter_gather_off"));
	SENTENCE(TRANSMIT_COPIES,
		 "1 bytes (25.0% of those sent) were copied on the way to the device: eth0.5: "
		 "scatter-gather is off and cannot be turned on; eth1: transmit checksum is off; "
		 "eth2: transmit checksum is off and cannot be turned on; wg0: it encrypts each "
		 "packet in a copy; no device lacks scatter-gather or transmit checksums; the "
		 "process ended before its devices were read",
		 WHOLE("bytes", 1), WHOLE("sent_bytes", 4),
		 WORD("devices",
		      "eth0.5:scatter_gather_never eth1:tx_checksum_off "
		      "eth2:tx_checksum_never wg0:encrypts none_lacks process_ended"));
	SENTENCE(PAYLOAD_HIDDEN,
		 "2,000 bytes of transmit_copy are whole packets, encrypted or in fragments: their "
		 "payload is less, by their headers",
		 WORD("site", "transmit_copy"), WHOLE("bytes", 2000));
	SENTENCE(CAUSE_UNKNOWN,
		 "30 bytes of deferred_copy were copied for new_function: whether that is a "
		 "delivery, or something beside it, is not known",
		 WORD("site", "deferred_copy"), WHOLE("bytes", 30),
		 WORD("function", "new_function"));
	SENTENCE(TAP_COPIES,
		 "a packet tap (tcpdump, pid 812) copied 20 bytes on eth0, which copies per "
		 "byte leaves out",
		 WORD("site", "tap_copy"), WHOLE("bytes", 20), WORD("taps", "tcpdump, pid 812"));
	SENTENCE(TAP_COPIES, "a packet tap copied 20 bytes, which copies per byte leaves out",
		 WORD("site", "send_copy"), WHOLE("bytes", 20), WORD("taps", ""));
	SENTENCE(PIN_REFUSED,
		 "1,000 bytes (100.0% of those sent) were copied in tcp_sendmsg although "
		 "MSG_ZEROCOPY was asked for",
		 WHOLE("bytes", 1000), WHOLE("sent_bytes", 1000));
	SENTENCE(PINS_UNDONE, "4,096 bytes more were pinned, and unpinned before the send returned",
		 WHOLE("bytes", 4096));
	SENTENCE(FLAG_DISAGREES,
		 "9 of 10 completions say COPIED, but <0.1% of the pinned bytes were copied",
		 WHOLE("flagged", 9), WHOLE("completions", 10), WHOLE("copied_bytes", 1),
		 WHOLE("pinned_bytes", 1000000));
	SENTENCE(OWN_COPIES, "0.25 of the 2.25 copies per byte is the program's own memcpy",
		 REAL("own", 0.25), REAL("copies_per_byte", 2.25));
	SENTENCE(RETRANSMITS,
		 "2,896 bytes (0.3% of those sent) were sent again, in 2 retransmitted segments",
		 WHOLE("bytes", 2896), WHOLE("sent_bytes", 1000000), WHOLE("segments", 2));
	SENTENCE(RETRANSMITS,
		 "2,896 bytes (0.3% of those sent) were sent again, in 1 retransmitted segment",
		 WHOLE("bytes", 2896), WHOLE("sent_bytes", 1000000), WHOLE("segments", 1));
	SENTENCE(COLLAPSED,
		 "250 received bytes (50.0%) were copied at least once more in the receive queue, "
		 "whose buffer was full (tcp_collapse); copies per byte leaves it out; a larger "
		 "receive buffer (net.ipv4.tcp_rmem, SO_RCVBUF) avoids it",
		 WHOLE("bytes", 250), WHOLE("received_bytes", 500));
	SENTENCE(COMPLETION_WAITS,
		 "1,234 sends had to wait for completions (ENOBUFS: net.core.optmem_max bounds "
		 "what may be pinned)",
		 WHOLE("sends", 1234));
	SENTENCE(STRANGERS, "dropped 2 connections of other programs to the sender's port",
		 WHOLE("connections", 2));
}

static void test_other_notes(void **state)
{
	(void)state;
	SENTENCE(THREADS_TAKE_TURNS,
		 "4 threads a side on 1 processor: they take turns, which the latency and the "
		 "switches show",
		 WHOLE("threads", 4), WHOLE("processors", 1));
	SENTENCE(SEND_COPIES,
		 "90.0% of the sent bytes were copied by the send calls; sendfile avoids it for "
		 "files, MSG_ZEROCOPY for large messages",
		 WHOLE("bytes", 900), WHOLE("sent_bytes", 1000), WORD("to", "card"));
	SENTENCE(SEND_COPIES,
		 "90.0% of the sent bytes were copied by the send calls; sendfile avoids it for "
		 "files, vmsplice and splice for memory; MSG_ZEROCOPY would be copied all the "
		 "same, as no network card takes the bytes",
		 WHOLE("bytes", 900), WHOLE("sent_bytes", 1000), WORD("to", "host"));
	SENTENCE(RECEIVE_COPIES,
		 "100.0% of the received bytes were copied by the receive calls; splice avoids it, "
		 "or TCP_ZEROCOPY_RECEIVE where packets hold whole pages",
		 WHOLE("bytes", 500), WHOLE("received_bytes", 500));
	SENTENCE(TUN_COPIES,
		 "9,000 sent bytes left by a tun or tap device, 100 received bytes came by one: "
		 "its program copies each packet in or out there, and again where it passes it "
		 "on; these copies are in no site",
		 WHOLE("sent_bytes", 9000), WHOLE("received_bytes", 100));
	SENTENCE(FLAG_IGNORED,
		 "9,000 bytes were sent with MSG_ZEROCOPY on sockets without SO_ZEROCOPY: the "
		 "kernel ignores the flag there and copies",
		 WHOLE("bytes", 9000));
	SENTENCE(REPAIRED,
		 "9,000 bytes were copied into the program's own receive queue (TCP_REPAIR): they "
		 "are not sent, and in no site until they are received",
		 WHOLE("bytes", 9000));
	SENTENCE(PEEKED,
		 "250 bytes were copied to the program with MSG_PEEK and left in the queue; a "
		 "later read copies them again, unless it discards them",
		 WHOLE("bytes", 250));
	SENTENCE(DISCARDED,
		 "250 bytes were discarded from the queue without a copy (MSG_TRUNC, or the urgent "
		 "byte); received bytes leave them out",
		 WHOLE("bytes", 250));
	SENTENCE(KERNEL_READERS,
		 "250 bytes were taken inside the kernel, by nvme_tcp_try_recv [nvme_tcp]; what it "
		 "did with them is not counted",
		 WHOLE("bytes", 250), WORD("readers", "nvme_tcp_try_recv [nvme_tcp]"));
	SENTENCE(IN_FLIGHT,
		 "4,096 bytes belong to 1 call that had begun before the count did, and are not in "
		 "it",
		 WHOLE("bytes", 4096), WHOLE("calls", 1));
	SENTENCE(NOT_COVERED,
		 "NOT COVERED: 4,096 bytes went through ktls sockets, whose copies other code "
		 "makes; they are in no number here",
		 WORD("sockets", "ktls"), WHOLE("bytes", 4096));
	SENTENCE(IO_URING_NOT_COVERED,
		 "NOT COVERED: the program called io_uring 3 times; what it sends and receives "
		 "there is not seen",
		 WHOLE("calls", 3));
	SENTENCE(NOT_COVERED_UNKNOWN,
		 "whether there were kTLS, sockmap or MPTCP sockets, which are not covered, is "
		 "unknown on this kernel",
		 {});
	SENTENCE(COPIES_TIMED,
		 "copying 80.0% of the copied bytes took 250,000,000 ns, 12.5% of one processor's "
		 "whole time, idle or not (send_copy 2.5%, receive_copy 10.0%); removing these "
		 "copies wins that at most",
		 WHOLE("ns", 250000000), WHOLE("of_ns", 2000000000), WHOLE("timed_bytes", 400),
		 WHOLE("copied_bytes", 500), WHOLE("send_copy", 50000000),
		 WHOLE("receive_copy", 200000000));
	SENTENCE(COPIES_UNTIMED, "only 400 of 500 bytes of receive_copy were timed",
		 WORD("site", "receive_copy"), WHOLE("timed_bytes", 400), WHOLE("bytes", 500));
	SENTENCE(DEPARTURES_PENDING,
		 "40 sent bytes were not seen to leave: they are still under way, or no probe saw "
		 "them (harness doctor: bpf_runs); later copies of them are not in this ledger",
		 WHOLE("bytes", 40));
	SENTENCE(COPIES_PENDING,
		 "7 pinned bytes left for this host and were not seen copied: they are still under "
		 "way, or no probe saw them (harness doctor: bpf_runs)",
		 WHOLE("bytes", 7));
	SENTENCE(RETRIED, "the run was made 3 times, because events were missed: missed_events",
		 WHOLE("tries", 3), WORD("reasons", "missed_events"));
	SENTENCE(TURNED_TO_KPROBES,
		 "from here on the probes are kprobes: this kernel kept skipping the other "
		 "programs, which it may preempt",
		 {});
}

/* Without causes, and with too little room. */
static void test_edges(void **state)
{
	static const struct ledger nothing;
	struct remarks remarks = {};
	char small[8];

	(void)state;
	assert_sentence(
		&nothing, REMARK_DEFERRED_COPIES,
		VALUES(WORD("site", "deferred_copy"), WHOLE("bytes", 5), WHOLE("pinned_bytes", 10)),
		"50.0% of the pinned bytes (5 of 10) were copied after all, cause unknown");
	remarks__add(&remarks, REMARK_NOT_COVERED_UNKNOWN, NO_VALUES);
	words__sentence(&nothing, &remarks.remark[0], small, sizeof(small));
	assert_string_equal(small, "whether");
	remarks__free(&remarks);
}

/* Each code has its own name, and a sentence. */
static void test_codes(void **state)
{
	(void)state;
	for (int code = 0; code < REMARK_COUNT; code++) {
		struct remark remark = {.code = code};
		char text[SENTENCE_MAX];

		words__sentence(&ledger, &remark, text, sizeof(text));
		assert_true(strlen(text) > 0);
		for (int other = 0; other < code; other++)
			assert_string_not_equal(remark__name(code), remark__name(other));
	}
}

static void test_actions(void **state)
{
	(void)state;
	SENTENCE(SET_SYSCTL, "sysctl net.core.optmem_max=524288",
		 WORD("name", "net.core.optmem_max"), WORD("value", "524288"));
	SENTENCE(TURN_ON_OFFLOAD, "ethtool -K veth0 sg on", WORD("device", "veth0"),
		 WORD("offload", "sg"));
	SENTENCE(END_TAP, "kill 12345", WHOLE("pid", 12345), WORD("comm", "tcpdump"));
}

static size_t occurrences(const char *text, char c)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == c;
	return count;
}

/* The names in a finding's sentence are plain values: each is filled in. */
static void test_findings(void **state)
{
	char name[VALUES_MAX][64], text[SENTENCE_MAX];

	(void)state;
	for (int code = REMARK_FOUND; code < REMARK_GIVE_TYPES; code++) {
		struct remark remark = {.code = code};
		const char *at = words__template(code);

		for (; (at = strchr(at, '{')); remark.value_count++) {
			assert_in_range(remark.value_count, 0, VALUES_MAX - 1);
			assert_int_equal(sscanf(at++, "{%63[a-z_]}", name[remark.value_count]), 1);
			remark.value[remark.value_count] =
				(struct value)WORD(name[remark.value_count], "#");
		}
		words__sentence(NULL, &remark, text, sizeof(text));
		assert_int_equal(occurrences(text, '#'), remark.value_count);
	}
}

static void assert_refusal(enum refusal_code code, int error, const char *detail,
			   const char *sentence)
{
	struct refusal refusal = {.code = code, .error = error};
	char text[256];

	snprintf(refusal.detail, sizeof(refusal.detail), "%s", detail);
	refusal__describe(&refusal, text, sizeof(text));
	assert_string_equal(text, sentence);
}

static void test_refusals(void **state)
{
	(void)state;
	assert_refusal(REFUSAL_NONE, 0, "", "");
	assert_refusal(REFUSAL_LEFT_OUT, 0, "", "left out by --without");
	assert_refusal(REFUSAL_NO_TRACEPOINT, -ENOENT, "", "this kernel has no such tracepoint");
	assert_refusal(REFUSAL_NO_FUNCTION, -ENOENT, "", "this kernel's BTF has no such function");
	assert_refusal(REFUSAL_NO_KPROBES, -ENOENT, "",
		       "this kernel has no kprobes (CONFIG_KPROBES)");
	assert_refusal(REFUSAL_NOT_OWN_BTF, -EOPNOTSUPP, "",
		       "fentry/fexit need the kernel's own BTF");
	assert_refusal(REFUSAL_BY_KERNEL, -EPERM, "fentry/fexit",
		       "fentry/fexit is refused by this kernel: Operation not permitted");
	assert_refusal(REFUSAL_BY_KERNEL, -524, "fentry/fexit",
		       "fentry/fexit is refused by this kernel: Operation not supported "
		       "(ENOTSUPP)");
	assert_refusal(REFUSAL_SPLIT, -ENOTUNIQ, "the compiler split it: f.part.0",
		       "the compiler split it: f.part.0");
	assert_refusal(REFUSAL_LOAD, -EINVAL, "R0 !read_ok", "R0 !read_ok");
	assert_refusal(REFUSAL_ATTACH, -EBUSY, "",
		       "attaching is refused by this kernel: Device or resource busy");
	assert_refusal(REFUSAL_HIDDEN_SYMBOLS, -EPERM, "",
		       "the kernel hides its symbols (kernel.kptr_restrict)");
	assert_refusal(REFUSAL_NO_SYSLOG, -EPERM, "",
		       "the kernel hides its symbols: missing CAP_SYSLOG");
	assert_refusal(REFUSAL_NO_SYMBOL, -ENOENT, "skb_copy_ubufs",
		       "the kernel lists no skb_copy_ubufs in kallsyms");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),	    cmocka_unit_test(test_notes_of_copies),
		cmocka_unit_test(test_other_notes), cmocka_unit_test(test_edges),
		cmocka_unit_test(test_codes),	    cmocka_unit_test(test_actions),
		cmocka_unit_test(test_findings),    cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
