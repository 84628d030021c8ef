// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include "ledger/notes.h"
#include "base/text.h"

#define WORDS 512

static bool known(const struct ledger *ledger, enum site site)
{
	return ledger->site[site].evidence != EVIDENCE_UNAVAILABLE;
}

/* 0 while unknown, for sentences that only a number above 0 would start. */
static uint64_t bytes(const struct ledger *ledger, enum site site)
{
	return known(ledger, site) ? ledger->site[site].bytes : 0;
}

/* "local delivery on lo", with shares when there are several; empty when nothing is known. */
static void causes__describe(const struct ledger *ledger, enum site site, char *text, size_t size)
{
	uint64_t all = bytes(ledger, site), named = 0;
	char share[TEXT_NUMBER];

	text[0] = '\0';
	for (size_t i = 0; i < ledger->causes.count; i++) {
		const struct cause *cause = &ledger->causes.cause[i];

		if (cause->site != site)
			continue;
		text__append(text, size, "%s%s%s%s", named ? ", " : "", cause->cause,
			     cause->device[0] ? " on " : "", cause->device);
		if (cause->bytes < all)
			text__append(text, size, " (%s)", text__percent(share, cause->bytes, all));
		named += cause->bytes;
	}
	if (named && named < all)
		text__append(text, size, ", unknown causes (%s)",
			     text__percent(share, all - named, all));
}

/* A packet sent twice is copied twice, so more can be copied after all than was ever pinned. */
static void excess__describe(const struct ledger *ledger, char *text, size_t size)
{
	uint64_t pinned = bytes(ledger, SITE_SEND_PIN);
	uint64_t deferred = bytes(ledger, SITE_DEFERRED_COPY);
	uint64_t excess = deferred > pinned ? deferred - pinned : 0;
	bool retransmitted = ledger->retransmit_known && excess <= ledger->retransmit_bytes;
	char number[TEXT_NUMBER], percent[TEXT_NUMBER];

	text[0] = '\0';
	if (excess)
		text__append(text, size, ", plus %s bytes (%s) %s", text__grouped(number, excess),
			     text__percent(percent, excess, pinned),
			     retransmitted ? "retransmitted" : "copied more than once");
}

static void note_deferred(struct ledger *ledger)
{
	uint64_t pinned = bytes(ledger, SITE_SEND_PIN);
	uint64_t deferred = bytes(ledger, SITE_DEFERRED_COPY);
	char causes[WORDS], excess[WORDS], part[TEXT_NUMBER], whole[TEXT_NUMBER];
	char percent[TEXT_NUMBER];

	if (!pinned || !deferred)
		return;
	causes__describe(ledger, SITE_DEFERRED_COPY, causes, sizeof(causes));
	excess__describe(ledger, excess, sizeof(excess));
	if (deferred >= pinned)
		ledger__note(ledger, "every byte that %s pinned was copied after all, %s%s%s",
			     ledger->transport, *causes ? "by " : "cause unknown", causes, excess);
	else
		ledger__note(
			ledger,
			"%s of the bytes that %s pinned (%s of %s) were copied after all, %s%s",
			text__percent(percent, deferred, pinned), ledger->transport,
			text__grouped(part, deferred), text__grouped(whole, pinned),
			*causes ? "by " : "cause unknown", causes);
}

static void note_transmit(struct ledger *ledger)
{
	uint64_t copied = bytes(ledger, SITE_TRANSMIT_COPY);
	uint64_t sent = ledger->result.sent.payload_bytes;
	char part[TEXT_NUMBER], percent[TEXT_NUMBER];

	if (copied)
		ledger__note(ledger,
			     "%s bytes of %s (%s of those sent) were copied on the way to the "
			     "device, linearised or segmented without scatter-gather",
			     text__grouped(part, copied), ledger->transport,
			     text__percent(percent, copied, sent));
}

static void note_tap(struct ledger *ledger)
{
	uint64_t copied = bytes(ledger, SITE_TAP_COPY);
	char causes[WORDS], part[TEXT_NUMBER];

	if (!copied)
		return;
	causes__describe(ledger, SITE_TAP_COPY, causes, sizeof(causes));
	ledger__note(
		ledger,
		"a tap made a copy of its own of %s bytes of %s%s%s%s; copies per byte leaves it "
		"out",
		text__grouped(part, copied), ledger->transport, *causes ? " (" : "", causes,
		*causes ? ")" : "");
}

/* The program asked for zero-copy and the kernel copied all the same. */
static void note_refused_pin(struct ledger *ledger)
{
	uint64_t copied = bytes(ledger, SITE_SEND_COPY);
	char part[TEXT_NUMBER], percent[TEXT_NUMBER];

	if (copied && ledger->result.sent.completions_expected)
		ledger__note(
			ledger,
			"%s bytes of %s (%s of those sent) were copied inside tcp_sendmsg although "
			"MSG_ZEROCOPY was asked for",
			text__grouped(part, copied), ledger->transport,
			text__percent(percent, copied, ledger->result.sent.payload_bytes));
}

/* pinned, and let go again before the send returned: what a sum of attempts would overstate by */
static void note_rolled_back(struct ledger *ledger)
{
	uint64_t attempted = ledger->pin_attempted.known ? ledger->pin_attempted.value : 0;
	uint64_t pinned = bytes(ledger, SITE_SEND_PIN);
	char part[TEXT_NUMBER];

	if (known(ledger, SITE_SEND_PIN) && attempted > pinned)
		ledger__note(ledger, "%s bytes more were pinned by %s and let go again",
			     text__grouped(part, attempted - pinned), ledger->transport);
}

/* 0: none, 2: all, 1: in between; what a share that rounds well would hide. */
static int extent(uint64_t part, uint64_t whole)
{
	return part == 0 ? 0 : part >= whole ? 2 : 1;
}

/* The COPIED bit of a completion stands for many packets, and some copies never set it. */
static void note_flag(struct ledger *ledger)
{
	const struct send_counts *sent = &ledger->result.sent;
	uint64_t pinned = bytes(ledger, SITE_SEND_PIN);
	uint64_t copied, flagged = sent->completions_copied, all = sent->completions_received;
	char flag_part[TEXT_NUMBER], flag_all[TEXT_NUMBER], percent[TEXT_NUMBER];

	if (!pinned || !all || !known(ledger, SITE_DEFERRED_COPY) ||
	    !known(ledger, SITE_TRANSMIT_COPY))
		return;
	copied = bytes(ledger, SITE_DEFERRED_COPY) + bytes(ledger, SITE_TRANSMIT_COPY);
	copied = copied < pinned ? copied : pinned;
	if (extent(flagged, all) == extent(copied, pinned) &&
	    llabs((long long)(1000 * flagged / all) - (long long)(1000 * copied / pinned)) < 10)
		return;
	ledger__note(
		ledger,
		"the COPIED flag is set in %s of %s completions of %s, but the ledger says that %s "
		"of the bytes it pinned were copied",
		text__grouped(flag_part, flagged), text__grouped(flag_all, all), ledger->transport,
		text__percent(percent, copied, pinned));
}

static void note_own_copies(struct ledger *ledger)
{
	uint64_t own = bytes(ledger, SITE_USER_MEMCPY);

	if (own && ledger->copies_per_byte.known)
		ledger__note(ledger,
			     "%s packs with memcpy: %.4g of its %.4g copies per byte is its own",
			     ledger->transport, (double)own / ledger->result.received_bytes,
			     ledger->copies_per_byte.value);
}

/* Of pinned bytes, the excess of deferred copies has said it. */
static void note_retransmits(struct ledger *ledger)
{
	char part[TEXT_NUMBER], percent[TEXT_NUMBER], segments[TEXT_NUMBER];

	/* an end of the stream that is sent again has no payload */
	if (!ledger->retransmit_known || !ledger->retransmit_bytes ||
	    bytes(ledger, SITE_DEFERRED_COPY) > bytes(ledger, SITE_SEND_PIN))
		return;
	ledger__note(
		ledger, "%s bytes of %s (%s) were sent again, in %s retransmitted segment%s",
		text__grouped(part, ledger->retransmit_bytes), ledger->transport,
		text__percent(percent, ledger->retransmit_bytes, ledger->result.sent.payload_bytes),
		text__grouped(segments, ledger->retransmit_segments),
		ledger->retransmit_segments == 1 ? "" : "s");
}

/* A copy the kernel makes where the receive buffer is full; no site of ours. */
static void note_collapsed(struct ledger *ledger)
{
	uint64_t collapsed = ledger->collapsed.known ? ledger->collapsed.value : 0;
	char part[TEXT_NUMBER], percent[TEXT_NUMBER];

	if (collapsed)
		ledger__note(ledger,
			     "%s bytes of %s (%s) were copied at least once more in the "
			     "receiver's queue, whose buffer was full (tcp_collapse); copies per "
			     "byte leaves it out",
			     text__grouped(part, collapsed), ledger->transport,
			     text__percent(percent, collapsed, ledger->result.received_bytes));
}

static void note_waits(struct ledger *ledger)
{
	uint64_t waits = ledger->result.sent.enobufs_waits;
	char number[TEXT_NUMBER];

	if (waits)
		ledger__note(ledger,
			     "%s sends of %s had to wait for completions (ENOBUFS: "
			     "net.core.optmem_max bounds what may be pinned)",
			     text__grouped(number, waits), ledger->transport);
}

/* Of both sides: what a thread waits for is then also its turn. */
static void note_crowd(struct ledger *ledger)
{
	if (ledger->cores && ledger->threads > ledger->cores)
		ledger__note(
			ledger,
			"%u threads a side on %u processor%s: they take turns, which the latency "
			"and the switches show",
			ledger->threads, ledger->cores, ledger->cores == 1 ? "" : "s");
}

void notes__add(struct ledger *ledger)
{
	note_deferred(ledger);
	note_transmit(ledger);
	note_refused_pin(ledger);
	note_rolled_back(ledger);
	note_flag(ledger);
	note_tap(ledger);
	note_own_copies(ledger);
	note_retransmits(ledger);
	note_collapsed(ledger);
	note_waits(ledger);
	note_crowd(ledger);
}
