// SPDX-License-Identifier: GPL-2.0
/* What an account means, in words: a sentence a cause, and what would avoid it. */
#include <stdlib.h>
#include <string.h>

#include "ledger/account.h"
#include "base/text.h"

#define WORDS 512

static bool is_known(const struct account *account, enum site site)
{
	return account->site[site].evidence != EVIDENCE_UNAVAILABLE;
}

static uint64_t bytes(const struct account *account, enum site site)
{
	return is_known(account, site) ? account->site[site].bytes : 0;
}

/* By the cause's words: why it is so, and what would avoid it. */
static const struct remedy {
	const char *cause, *because, *instead;
} remedies[] = {
	{"local delivery", "because the peer is on this host",
	 "MSG_ZEROCOPY only pays towards another host: send plainly here, or use a Unix socket"},
	{"local receive", "because the peer is on this host",
	 "MSG_ZEROCOPY only pays towards another host: send plainly here, or use a Unix socket"},
	{"tun or tap device", "because a tun or tap device (a VPN, a virtual machine) takes it",
	 "send plainly on this way"},
	{"transmit timestamp", "because transmit timestamps carry the data back",
	 "set SOF_TIMESTAMPING_OPT_TSONLY"},
	{"device without zero-copy", "because the device's driver cannot hold the pages",
	 "turn its napi_tx on, or send plainly on this way"},
};

static const struct remedy *remedy__find(const char *cause)
{
	static const struct remedy none = {"", "because the kernel had to", NULL};

	for (size_t i = 0; i < sizeof(remedies) / sizeof(*remedies); i++)
		if (!strcmp(remedies[i].cause, cause))
			return &remedies[i];
	return &none;
}

/* "60% because the peer is on this host (lo)" for each cause of this site, of so many bytes. */
static const char *describe_causes(const struct account *account, enum site site, uint64_t whole,
				   char *text, size_t size)
{
	const char *instead = NULL;
	char share[TEXT_NUMBER];

	text[0] = '\0';
	for (size_t i = 0; i < account->causes.count; i++) {
		const struct cause *cause = &account->causes.cause[i];
		const struct remedy *remedy = remedy__find(cause->cause);

		if (cause->site != site)
			continue;
		text__append(
			text, size, "%s%s %s (%s%s%s)", *text ? ", " : "",
			text__percent(share, cause->bytes < whole ? cause->bytes : whole, whole),
			remedy->because, cause->device[0] ? cause->device : cause->function,
			cause->device[0] ? ", " : "", cause->device[0] ? cause->function : "");
		if (!instead)
			instead = remedy->instead;
	}
	return instead;
}

static void note_deferred(struct account *account)
{
	uint64_t pinned = bytes(account, SITE_SEND_PIN);
	uint64_t deferred = bytes(account, SITE_DEFERRED_COPY);
	uint64_t whole = pinned > deferred ? pinned : deferred;
	uint64_t again = deferred > pinned ? deferred - pinned : 0;
	char causes[WORDS], percent[TEXT_NUMBER], number[TEXT_NUMBER];
	const char *instead;

	if (!pinned || !deferred)
		return;
	instead = describe_causes(account, SITE_DEFERRED_COPY, whole, causes, sizeof(causes));
	account__note(account, "%s of what it sent with MSG_ZEROCOPY was copied after all: %s",
		      text__percent(percent, deferred - again, pinned),
		      *causes ? causes : "cause unknown");
	if (again)
		account__note(account,
			      "%s bytes more than it pinned were copied: packets sent again are "
			      "copied again",
			      text__grouped(number, again));
	if (instead)
		account__note(account, "what would avoid it: %s", instead);
}

static void note_transmit(struct account *account)
{
	uint64_t copied = bytes(account, SITE_TRANSMIT_COPY);
	char number[TEXT_NUMBER], percent[TEXT_NUMBER];

	if (copied)
		account__note(
			account,
			"%s bytes (%s of what it sent) were copied on the way to the device, "
			"which lacks scatter-gather or checksum offload; what would avoid it: "
			"ethtool -K DEVICE sg on tx on",
			text__grouped(number, copied),
			text__percent(percent, copied < account->sent ? copied : account->sent,
				      account->sent ?: copied));
}

/* " on eth0" when all of it was there. */
static const char *tapped_device(const struct account *account, char *text, size_t size)
{
	const char *device = NULL;

	text[0] = '\0';
	for (size_t i = 0; i < account->causes.count; i++) {
		const struct cause *cause = &account->causes.cause[i];

		if (cause->site != SITE_TAP_COPY)
			continue;
		if (device && strcmp(device, cause->device))
			return text;
		device = cause->device;
	}
	if (device && *device)
		text__append(text, size, " on %s", device);
	return text;
}

static void note_tap(struct account *account)
{
	uint64_t copied = bytes(account, SITE_TAP_COPY), pinned = bytes(account, SITE_SEND_PIN);
	char number[TEXT_NUMBER], percent[TEXT_NUMBER], device[32];

	if (!copied)
		return;
	account__note(
		account,
		"%s of what it sent with MSG_ZEROCOPY was copied because a packet tap (%s) is "
		"running%s: %s bytes, which copies per byte leaves out; what would avoid it: "
		"stop the tap",
		text__percent(percent, copied < pinned ? copied : pinned, pinned ?: copied),
		*account->tappers ? account->tappers : "tcpdump or its like, not found any more",
		tapped_device(account, device, sizeof(device)), text__grouped(number, copied));
}

static void note_retransmits(struct account *account, const struct known *known)
{
	const struct counter *again = &account->tally.extra[EXTRA_RETRANSMIT];
	char number[TEXT_NUMBER], segments[TEXT_NUMBER], percent[TEXT_NUMBER];

	if (known->retransmits && again->calls)
		account__note(
			account,
			"%s bytes (%s of what it sent) were sent again, in %s "
			"retransmitted segments",
			text__grouped(number, again->bytes),
			text__percent(percent,
				      again->bytes < account->sent ? again->bytes : account->sent,
				      account->sent ?: again->bytes),
			text__grouped(segments, again->calls));
}

static void note_collapsed(struct account *account)
{
	uint64_t collapsed = account->tally.extra[EXTRA_COLLAPSED].bytes;
	uint64_t whole = (account->received + account->tally.extra[EXTRA_PEEKED].bytes);
	char number[TEXT_NUMBER], percent[TEXT_NUMBER];

	if (collapsed)
		account__note(account,
			      "%s of what it received (%s bytes) was copied at least once more "
			      "in its queue, whose buffer was full (tcp_collapse); copies per byte "
			      "leaves it out; what would avoid it: a larger receive buffer "
			      "(net.ipv4.tcp_rmem, SO_RCVBUF), or reading sooner",
			      text__percent(percent, collapsed < whole ? collapsed : whole,
					    whole ?: collapsed),
			      text__grouped(number, collapsed));
}

static void note_copied_sends(struct account *account)
{
	uint64_t copied = bytes(account, SITE_SEND_COPY), sent = account->sent;
	char percent[TEXT_NUMBER];

	if (copied && copied * 2 > sent)
		account__note(account,
			      "%s of what it sent was copied into the kernel by its send calls; "
			      "what would avoid it: sendfile for files, MSG_ZEROCOPY for large "
			      "messages to another host",
			      text__percent(percent, copied, sent));
}

static void note_copied_receives(struct account *account)
{
	uint64_t copied = bytes(account, SITE_RECEIVE_COPY);
	uint64_t whole = (account->received + account->tally.extra[EXTRA_PEEKED].bytes);
	char percent[TEXT_NUMBER];

	if (copied && copied <= whole && copied * 2 > whole)
		account__note(account,
			      "%s of what it received was copied out of the kernel; what would "
			      "avoid it: splice, or TCP_ZEROCOPY_RECEIVE where packets hold whole "
			      "pages",
			      text__percent(percent, copied, whole));
}

static void note_peeked(struct account *account)
{
	uint64_t peeked = account->tally.extra[EXTRA_PEEKED].bytes;
	uint64_t discarded = account->tally.extra[EXTRA_DISCARDED].bytes;
	char number[TEXT_NUMBER];

	if (peeked)
		account__note(
			account,
			"%s bytes were received with MSG_PEEK: copied, and to be copied again",
			text__grouped(number, peeked));
	if (discarded)
		account__note(account,
			      "%s bytes were taken with MSG_TRUNC and copied nowhere; they are not "
			      "in what was received",
			      text__grouped(number, discarded));
}

/* 0: none, 2: all, 1: in between. */
static int extent(uint64_t part, uint64_t whole)
{
	return part == 0 ? 0 : part >= whole ? 2 : 1;
}

static void note_flag(struct account *account, const struct known *known)
{
	uint64_t all = account->tally.extra[EXTRA_COMPLETIONS].calls;
	uint64_t flagged = account->tally.extra[EXTRA_COPIED].calls;
	uint64_t pinned = bytes(account, SITE_SEND_PIN);
	uint64_t copied = bytes(account, SITE_DEFERRED_COPY) + bytes(account, SITE_TRANSMIT_COPY);
	char part[TEXT_NUMBER], whole[TEXT_NUMBER], percent[TEXT_NUMBER];

	if (!known->completions || !pinned || !all || !is_known(account, SITE_DEFERRED_COPY) ||
	    !is_known(account, SITE_TRANSMIT_COPY))
		return;
	copied = copied < pinned ? copied : pinned;
	if (extent(flagged, all) == extent(copied, pinned) &&
	    llabs((long long)(1000 * flagged / all) - (long long)(1000 * copied / pinned)) < 10)
		return;
	account__note(
		account,
		"the COPIED flag is set for %s of %s completed sends, but the ledger says that "
		"%s of the bytes pinned were copied",
		text__grouped(part, flagged), text__grouped(whole, all),
		text__percent(percent, copied, pinned));
}

static void note_in_flight(struct account *account)
{
	const struct counter *flight = &account->tally.extra[EXTRA_IN_FLIGHT];
	char number[TEXT_NUMBER];

	if (flight->calls)
		account__note(account,
			      "%s bytes belong to %llu calls that had begun before the count did, "
			      "and are not in it",
			      text__grouped(number, flight->bytes),
			      (unsigned long long)flight->calls);
}

static void note_not_covered(struct account *account, const struct known *known)
{
	static const struct {
		enum extra extra;
		const char *name;
	} kinds[] = {{EXTRA_TLS, "kTLS"}, {EXTRA_SOCKMAP, "BPF sockmap"}, {EXTRA_MPTCP, "MPTCP"}};
	char number[TEXT_NUMBER];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (account->tally.extra[kinds[i].extra].calls)
			account__note(
				account,
				"NOT COVERED: %s bytes went through %s sockets, whose copies "
				"are made by other code; they are in no number above",
				text__grouped(number, account->tally.extra[kinds[i].extra].bytes),
				kinds[i].name);
	if (!known->io_uring && account->tally.extra[EXTRA_IO_URING].calls)
		account__note(account,
			      "NOT COVERED: it called io_uring %s times, and what that sends and "
			      "receives cannot be seen by system calls",
			      text__grouped(number, account->tally.extra[EXTRA_IO_URING].calls));
	if (!known->not_covered)
		account__note(account,
			      "whether there were kTLS, sockmap or MPTCP sockets, which "
			      "are not covered, is unknown on this kernel");
}

/* What removing a copy would win at most, a part for each site. */
static void note_time(struct account *account, const struct known *known)
{
	uint64_t whole = account->seconds * 1e9;
	char parts[WORDS] = "", number[TEXT_NUMBER], percent[TEXT_NUMBER];

	if (!known->time || !whole || !account->copying_ns.known || !account->copying_ns.value)
		return;
	for (int site = 0; site < SITE_COUNT; site++)
		if (account->time_ns[site].known && account->time_ns[site].value)
			text__append(parts, sizeof(parts), "%s%s %s", *parts ? ", " : "",
				     sites[site].name,
				     text__percent(percent, account->time_ns[site].value, whole));
	account__note(account,
		      "copying took %s ns, %s of one processor (%s): that is what removing these "
		      "copies would win at most",
		      text__grouped(number, account->copying_ns.value),
		      text__percent(percent, account->copying_ns.value, whole), parts);
}

static void note_untimed(struct account *account, const struct known *known)
{
	char some[TEXT_NUMBER], all[TEXT_NUMBER];

	for (int site = 0; site < SITE_COUNT; site++) {
		uint64_t copied = bytes(account, site), timed = account->times.site[site].bytes;

		/* a call's copies may be timed in one interval and counted in the next */
		if (known->timed[site] && timed < copied - copied / 50)
			account__note(account, "only %s of %s bytes of %s were timed",
				      text__grouped(some, timed), text__grouped(all, copied),
				      sites[site].name);
	}
}

/*
 * What was sent must leave, and what left for this host in pinned pages must be copied. What lacks
 * is under way, or passed where this kernel runs no program (`harness doctor`: bpf_runs). In an
 * interval there is always something under way.
 */
static void note_unseen(struct account *account, const struct known *known)
{
	const struct counter *extra = account->tally.extra;
	uint64_t left = tally__departed(&account->tally);
	uint64_t lent = extra[EXTRA_LEFT_PINNED].bytes;
	uint64_t found = bytes(account, SITE_DEFERRED_COPY) + bytes(account, SITE_TRANSMIT_COPY) +
			 extra[EXTRA_DROPPED_LATE].bytes;
	char number[TEXT_NUMBER];

	if (!known->departures || !known->whole)
		return;
	if (account->sent > left)
		account__note(
			account,
			"%s bytes of what it sent were not seen to leave: still under way, or "
			"unseen by the probes (harness doctor: bpf_runs); later copies of them "
			"are not in this ledger",
			text__grouped(number, account->sent - left));
	if (!bytes(account, SITE_DMA_OUT) && found < lent)
		account__note(
			account,
			"%s bytes of what it lent and what left for this host were not seen to "
			"be copied: still under way, or unseen by the probes (harness doctor: "
			"bpf_runs)",
			text__grouped(number, lent - found));
}

void account__add_notes(struct account *account, const struct known *known)
{
	note_deferred(account);
	note_transmit(account);
	note_tap(account);
	note_retransmits(account, known);
	note_copied_sends(account);
	note_copied_receives(account);
	note_collapsed(account);
	note_peeked(account);
	note_time(account, known);
	note_untimed(account, known);
	note_flag(account, known);
	note_unseen(account, known);
	note_in_flight(account);
	note_not_covered(account, known);
}
