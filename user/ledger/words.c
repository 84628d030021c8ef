// SPDX-License-Identifier: GPL-2.0
#include "ledger/words.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/*
 * {name} is a value, {part%whole} a percentage, {+name} an "s" unless it is 1. {extent} is how much
 * of the pinned bytes, {causes} names the causes of the remark's site, {on} its device, {taps} the
 * processes with taps, {more} what was copied beyond what was pinned, {times} each site's share of
 * the time, {remedy} the advice against a cause, {movers} what moved bytes past the sites.
 */
static const char *const templates[REMARK_COUNT] = {
	[REMARK_BYTES_DISAGREE] = "{sent} bytes were sent, but {received} were received",
	[REMARK_COMPLETIONS_MISSING] = "{expected} completions were expected, but {received} came",
	[REMARK_REQUESTS_UNANSWERED] = "{asked} messages were asked for, but {answered} answered",
	[REMARK_NUMBER_UNKNOWN] = "{number} is unknown: no count of {why}",
	[REMARK_NOTHING_RECEIVED] = "{number} is unknown: nothing was received",
	[REMARK_PATH_NOT_COUNTED] = "{number} is unknown: {why}",
	[REMARK_RESIDUAL_NOT_ZERO] =
		"the {side} residual is {bytes} bytes, not 0: the ledger "
		"misses a copy or counts one twice",
	[REMARK_UNCOVERED_BYTES] =
		"{bytes} bytes to {side} passed no site, and how often they were copied is "
		"unknown: {movers}",
	[REMARK_REQUEST_RESIDUAL_NOT_ZERO] =
		"the residual of the {side}'s requests is {bytes} bytes, not 0",
	[REMARK_WITNESS_DISAGREES] =
		"TCP's own count of the {side} side is {tcp_bytes} bytes, but "
		"the probes counted {counted_bytes}",
	[REMARK_SWITCHES_UNKNOWN] = "context switches are unknown: {why}",
	[REMARK_MISSED_EVENTS] =
		"the kernel skipped probe {probe} on {function} {events} "
		"time{+events}",
	[REMARK_LOST_EVENTS] =
		"{events} event{+events} could not be counted: a map was full "
		"(--map-entries) or memory was unreadable",
	[REMARK_DEPARTURES_UNSEEN] = "TCP sent {bytes} bytes that no probe saw leave",
	[REMARK_DELIVERY_UNSEEN] =
		"{bytes} pinned bytes were delivered on this host, and no probe "
		"saw their copy",
	[REMARK_LINEAR_UNSEEN] =
		"{bytes} bytes were copied on the way to the device, and no probe "
		"saw the copy",
	[REMARK_PINNED_BYTES_UNCOPIED] =
		"all {completions} completions say COPIED, but no probe "
		"saw the copy of {bytes} pinned bytes",
	[REMARK_DEPARTURES_UNKNOWN] =
		"packets that the probes do not see would stay unnoticed: "
		"what leaves a device, or is dropped before, is not counted "
		"here",
	[REMARK_MISSED_ELSEWHERE] =
		"the kernel skipped probe {probe} on {function} {events} "
		"time{+events}; no number here depends on it",
	[REMARK_DEFERRED_COPIES] = "{extent} copied after all, {causes}{more}",
	[REMARK_REMEDY] = "to avoid it: {remedy}",
	[REMARK_TRANSMIT_COPIES] =
		"{bytes} bytes ({bytes%sent_bytes} of those sent) were copied "
		"on the way to the device: the packet was made linear, or cut "
		"into segments without scatter-gather (ethtool -k DEVICE: "
		"scatter-gather, tx-checksumming)",
	[REMARK_TAP_COPIES] =
		"a packet tap{taps} copied {bytes} bytes{on}, which "
		"copies per byte leaves out",
	[REMARK_PIN_REFUSED] =
		"{bytes} bytes ({bytes%sent_bytes} of those sent) were copied in "
		"tcp_sendmsg although MSG_ZEROCOPY was asked for",
	[REMARK_PINS_UNDONE] =
		"{bytes} bytes more were pinned, and unpinned before the send "
		"returned",
	[REMARK_FLAG_DISAGREES] =
		"{flagged} of {completions} completions say COPIED, but "
		"{copied_bytes%pinned_bytes} of the pinned bytes were copied",
	[REMARK_OWN_COPIES] =
		"{own} of the {copies_per_byte} copies per byte is the program's own "
		"memcpy",
	[REMARK_RETRANSMITS] =
		"{bytes} bytes ({bytes%sent_bytes} of those sent) were sent again, "
		"in {segments} retransmitted segment{+segments}",
	[REMARK_COLLAPSED] =
		"{bytes} received bytes ({bytes%received_bytes}) were copied at least "
		"once more in the receive queue, whose buffer was full "
		"(tcp_collapse); copies per byte leaves it out; a larger receive "
		"buffer (net.ipv4.tcp_rmem, SO_RCVBUF) avoids it",
	[REMARK_COMPLETION_WAITS] =
		"{sends} send{+sends} had to wait for completions (ENOBUFS: "
		"net.core.optmem_max bounds what may be pinned)",
	[REMARK_THREADS_TAKE_TURNS] =
		"{threads} threads a side on {processors} processor"
		"{+processors}: they take turns, which the latency and the "
		"switches show",
	[REMARK_SEND_COPIES] =
		"{bytes%sent_bytes} of the sent bytes were copied by the send "
		"calls; sendfile avoids it for files, MSG_ZEROCOPY for large "
		"messages to another host",
	[REMARK_RECEIVE_COPIES] =
		"{bytes%received_bytes} of the received bytes were copied by the "
		"receive calls; splice avoids it, or TCP_ZEROCOPY_RECEIVE where "
		"packets hold whole pages",
	[REMARK_PEEKED] =
		"{bytes} bytes were copied to the program with MSG_PEEK and left in the "
		"queue; a later read copies them again, unless it discards them",
	[REMARK_DISCARDED] =
		"{bytes} bytes were discarded from the queue without a copy "
		"(MSG_TRUNC, or the urgent byte); received bytes leave them out",
	[REMARK_IN_FLIGHT] =
		"{bytes} bytes belong to {calls} call{+calls} that had begun before "
		"the count did, and are not in it",
	[REMARK_NOT_COVERED] =
		"NOT COVERED: {bytes} bytes went through {sockets} sockets, whose "
		"copies other code makes; they are in no number here",
	[REMARK_IO_URING_NOT_COVERED] =
		"NOT COVERED: the program called io_uring {calls} "
		"time{+calls}; what it sends and receives there is not "
		"seen",
	[REMARK_NOT_COVERED_UNKNOWN] =
		"whether there were kTLS, sockmap or MPTCP sockets, which "
		"are not covered, is unknown on this kernel",
	[REMARK_COPIES_TIMED] =
		"copying took {ns} ns, {ns%of_ns} of one processor ({times}); "
		"removing these copies wins that at most",
	[REMARK_COPIES_UNTIMED] = "only {timed_bytes} of {bytes} bytes of {site} were timed",
	[REMARK_DEPARTURES_PENDING] =
		"{bytes} sent bytes were not seen to leave: they are still "
		"under way, or no probe saw them (harness doctor: bpf_runs); "
		"later copies of them are not in this ledger",
	[REMARK_TAP_RING_UNSEEN] =
		"a packet tap{taps} is open: what the kernel copies into its ring is not counted "
		"by tracepoints",
	[REMARK_TURNS_MIXED] =
		"{turns} time{+turns} several processes sent on one socket at once: which of them "
		"copies of its pages belong to is not known, deferred_copy of each is an estimate",
	[REMARK_UNSENT] =
		"{bytes} bytes were never sent: the connection was closed or reset before",
	[REMARK_COPIES_PENDING] =
		"{bytes} pinned bytes left for this host and were not seen "
		"copied: they are still under way, or no probe saw them (harness "
		"doctor: bpf_runs)",
	[REMARK_RETRIED] = "the run was made {tries} times, because events were missed: {reasons}",
	[REMARK_TURNED_TO_KPROBES] =
		"from here on the probes are kprobes: this kernel kept "
		"skipping the other programs, which it may preempt",
};

/* Against a cause of deferred copies, by its code. */
static const char *remedy(const char *cause)
{
	static const struct {
		const char *cause, *remedy;
	} remedies[] = {
		{"local_delivery",
		 "the peer is on this host, where MSG_ZEROCOPY copies all the "
		 "same: send plainly, or use splice or a Unix socket"},
		{"local_receive",
		 "the peer is on this host, where MSG_ZEROCOPY copies all the "
		 "same: send plainly, or use splice or a Unix socket"},
		{"tun_device",
		 "a tun or tap device (a VPN, a virtual machine) takes the packets: "
		 "send plainly on this path"},
		{"transmit_timestamp",
		 "transmit timestamps carry the data back: set "
		 "SOF_TIMESTAMPING_OPT_TSONLY"},
		{"device_without_zero_copy",
		 "the device's driver cannot hold pinned pages: turn "
		 "its napi_tx on, or send plainly on this path"},
	};

	for (size_t i = 0; i < sizeof(remedies) / sizeof(*remedies); i++)
		if (!strcmp(remedies[i].cause, cause))
			return remedies[i].remedy;
	return "unknown";
}

static enum site site__named(const char *name)
{
	int site = 0;

	while (site < SITE_COUNT && strcmp(sites[site].name, name))
		site++;
	return site;
}

/* "by local delivery on lo", with shares when there are several. */
static void append_causes(const struct ledger *ledger, const struct remark *remark, char *text,
			  size_t size)
{
	enum site site = site__named(remark__word(remark, "site"));
	uint64_t all = site < SITE_COUNT ? ledger__bytes(ledger, site) : 0, named = 0;
	char share[TEXT_NUMBER];

	for (size_t i = 0; i < ledger->causes.count; i++) {
		const struct cause *cause = &ledger->causes.cause[i];

		if (cause->site != site)
			continue;
		text__append(text, size, "%s%s%s%s", named ? ", " : "by ", cause->cause,
			     cause->device[0] ? " on " : "", cause->device);
		if (cause->bytes < all)
			text__append(text, size, " (%s)", text__percent(share, cause->bytes, all));
		named += cause->bytes;
	}
	if (named && named < all)
		text__append(text, size, ", unknown causes (%s)",
			     text__percent(share, all - named, all));
	if (!named)
		text__append(text, size, "cause unknown");
}

/* " on eth0" when all of it was there. */
static void append_device(const struct ledger *ledger, const struct remark *remark, char *text,
			  size_t size)
{
	enum site site = site__named(remark__word(remark, "site"));
	const char *device = "";

	for (size_t i = 0; i < ledger->causes.count; i++) {
		const struct cause *cause = &ledger->causes.cause[i];

		if (cause->site != site)
			continue;
		if (*device && strcmp(device, cause->device))
			return;
		device = cause->device;
	}
	if (*device)
		text__append(text, size, " on %s", device);
}

static void append_more(const struct remark *remark, char *text, size_t size)
{
	uint64_t excess = remark__whole(remark, "excess_bytes");
	uint64_t pinned = remark__whole(remark, "pinned_bytes");
	char number[TEXT_NUMBER], percent[TEXT_NUMBER];

	if (excess)
		text__append(
			text, size, ", and %s bytes more (%s): %s", text__grouped(number, excess),
			text__percent(percent, excess, pinned),
			remark__whole(remark, "retransmitted_bytes")
				? "of retransmitted packets"
				: "of packets that were copied twice, or hold plain bytes too");
}

static void append_times(const struct remark *remark, char *text, size_t size)
{
	uint64_t whole = remark__whole(remark, "of_ns");
	char percent[TEXT_NUMBER];
	const char *separator = "";

	for (size_t i = 0; i < remark->value_count; i++) {
		if (site__named(remark->value[i].name) == SITE_COUNT)
			continue;
		text__append(text, size, "%s%s %s", separator, remark->value[i].name,
			     text__percent(percent, remark->value[i].whole, whole));
		separator = ", ";
	}
}

static void append_movers(const struct remark *remark, char *text, size_t size)
{
	static const struct {
		const char *by, *words;
	} movers[] = {
		{"ktls", "kTLS"},
		{"sockmap", "a BPF sockmap"},
		{"mptcp", "MPTCP"},
		{"io_uring", "io_uring, where only system calls are seen"},
		{"unknown", "code in the kernel, or a process that is not watched"},
	};
	const char *by = remark__word(remark, "by"), *separator = "";

	for (size_t i = 0; i < sizeof(movers) / sizeof(*movers); i++) {
		if (!strstr(by, movers[i].by))
			continue;
		text__append(text, size, "%s%s", separator, movers[i].words);
		separator = "; ";
	}
}

static void append_value(const struct remark *remark, const char *name, char *text, size_t size)
{
	const struct value *value = remark__value(remark, name);
	char number[TEXT_NUMBER];

	if (!value)
		text__append(text, size, "?");
	else if (value->kind == VALUE_WORD)
		text__append(text, size, "%s", value->word);
	else if (value->kind == VALUE_REAL)
		text__append(text, size, "%.4g", value->real);
	else
		text__append(text, size, "%s%s", value->whole < 0 ? "-" : "",
			     text__grouped(number, value->whole < 0 ? -(uint64_t)value->whole
								    : (uint64_t)value->whole));
}

static void append_share(const struct remark *remark, const char *part, const char *whole,
			 char *text, size_t size)
{
	uint64_t some = remark__whole(remark, part), all = remark__whole(remark, whole);
	char percent[TEXT_NUMBER];

	if (!all || some > all)
		some = all = 1;
	text__append(text, size, "%s", text__percent(percent, some, all));
}

/* "every pinned byte was" only of every one of them. */
static void append_extent(const struct remark *remark, char *text, size_t size)
{
	uint64_t copied = remark__whole(remark, "bytes");
	uint64_t pinned = remark__whole(remark, "pinned_bytes");
	char percent[TEXT_NUMBER], some[TEXT_NUMBER], all[TEXT_NUMBER];

	if (copied >= pinned)
		text__append(text, size, "every pinned byte was");
	else
		text__append(text, size, "%s of the pinned bytes (%s of %s) were",
			     text__percent(percent, copied, pinned), text__grouped(some, copied),
			     text__grouped(all, pinned));
}

static void append_part(const struct ledger *ledger, const struct remark *remark, char *name,
			char *text, size_t size)
{
	char *whole = strchr(name, '%');
	const char *taps;

	if (whole) {
		*whole = '\0';
		append_share(remark, name, whole + 1, text, size);
	} else if (*name == '+') {
		text__append(text, size, "%s", remark__whole(remark, name + 1) == 1 ? "" : "s");
	} else if (!strcmp(name, "causes")) {
		append_causes(ledger, remark, text, size);
	} else if (!strcmp(name, "extent")) {
		append_extent(remark, text, size);
	} else if (!strcmp(name, "on")) {
		append_device(ledger, remark, text, size);
	} else if (!strcmp(name, "more")) {
		append_more(remark, text, size);
	} else if (!strcmp(name, "times")) {
		append_times(remark, text, size);
	} else if (!strcmp(name, "remedy")) {
		text__append(text, size, "%s", remedy(remark__word(remark, "cause")));
	} else if (!strcmp(name, "movers")) {
		append_movers(remark, text, size);
	} else if (!strcmp(name, "taps")) {
		taps = remark__word(remark, name);
		text__append(text, size, *taps ? " (%s)" : "%s", taps);
	} else {
		append_value(remark, name, text, size);
	}
}

void words__sentence(const struct ledger *ledger, const struct remark *remark, char *text,
		     size_t size)
{
	const char *from = templates[remark->code];
	char name[64];

	text[0] = '\0';
	while (*from) {
		size_t plain = strcspn(from, "{"), length;

		text__append(text, size, "%.*s", (int)plain, from);
		from += plain;
		if (!*from)
			break;
		length = strcspn(++from, "}");
		snprintf(name, sizeof(name), "%.*s", (int)length, from);
		append_part(ledger, remark, name, text, size);
		from += length + 1;
	}
}
