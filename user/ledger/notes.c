// SPDX-License-Identifier: GPL-2.0
/* The notes of a ledger: what would surprise a reader, as codes. */
#include <stdlib.h>
#include <string.h>

#include "ledger/copy_times.h"
#include "ledger/ledger.h"

static uint64_t sent(const struct counted *counted)
{
	return counted->side[SENDER].payload;
}

/*
 * Notes deferred copies. All of a packet is copied, so plain bytes beside pinned ones are, too. A
 * retransmit is copied again, so more may be copied than was pinned.
 */
static void note_deferred(struct ledger *ledger)
{
	uint64_t pinned = ledger__bytes(ledger, SITE_SEND_PIN);
	uint64_t beside = ledger__deferred_beside(ledger);
	uint64_t deferred = ledger__bytes(ledger, SITE_DEFERRED_COPY) - beside;
	uint64_t excess = deferred > pinned ? deferred - pinned : 0;
	bool again = ledger->retransmit_known && excess <= ledger->retransmit_bytes;
	struct value values[] = {WORD("site", sites[SITE_DEFERRED_COPY].name),
				 WHOLE("bytes", deferred - excess),
				 WHOLE("pinned_bytes", pinned),
				 WHOLE("excess_bytes", excess),
				 WHOLE("retransmitted_bytes", again ? excess : 0),
				 WHOLE("beside_bytes", beside),
				 {}};

	if (!ledger->deferred_own.known)
		values[5] = (struct value){};
	if (pinned && deferred)
		ledger__note(ledger, REMARK_DEFERRED_COPIES, values);
}

/* Whether a user would notice the copies, so that advice is due. */
static bool matters(const struct counted *counted, uint64_t bytes)
{
	uint64_t all = sent(counted) + counted->side[RECEIVER].payload;

	return bytes && bytes >= counted->known->advise_above * all;
}

/* Notes what would avoid the copies of the biggest cause that has a remedy. */
static void note_remedy(struct ledger *ledger, const struct counted *counted)
{
	for (size_t i = 0; i < ledger->causes.count; i++) {
		const struct cause *cause = &ledger->causes.cause[i];
		const struct cause_info *info = cause__find(cause->function);

		if (info->site != SITE_DEFERRED_COPY || !info->avoidable ||
		    !matters(counted, cause->bytes))
			continue;
		ledger__note(ledger, REMARK_REMEDY,
			     VALUES(WORD("site", sites[SITE_DEFERRED_COPY].name),
				    WORD("cause", info->code), WORD("device", cause->device)));
		return;
	}
}

static void note_transmit(struct ledger *ledger, const struct counted *counted)
{
	uint64_t copied = ledger__bytes(ledger, SITE_TRANSMIT_COPY);

	if (copied && (!counted->advise || matters(counted, copied)))
		ledger__note(ledger, REMARK_TRANSMIT_COPIES,
			     VALUES(WORD("site", sites[SITE_TRANSMIT_COPY].name),
				    WHOLE("bytes", copied), WHOLE("sent_bytes", sent(counted)),
				    WORD("devices", counted->copying ?: "")));
}

/* Notes packets with hidden payload, whose headers tracepoints count in transmit_copy too. */
static void note_hidden(struct ledger *ledger, const struct counted *counted)
{
	uint64_t hidden = counted->tally[SENDER]->extra[EXTRA_LEFT_HIDDEN].bytes;

	if (hidden && ledger__bytes(ledger, SITE_TRANSMIT_COPY))
		ledger__note(ledger, REMARK_PAYLOAD_HIDDEN,
			     VALUES(WORD("site", sites[SITE_TRANSMIT_COPY].name),
				    WHOLE("bytes", hidden)));
}

/* Notes copies for a function that no table has. They count in copies per byte. */
static void note_unknown(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->causes.count; i++) {
		const struct cause *cause = &ledger->causes.cause[i];

		if (!strcmp(cause__find(cause->function)->code, "unknown"))
			ledger__note(ledger, REMARK_CAUSE_UNKNOWN,
				     VALUES(WORD("site", sites[cause->site].name),
					    WHOLE("bytes", cause->bytes),
					    WORD("function", cause->function)));
	}
}

static void note_tap(struct ledger *ledger, const struct counted *counted)
{
	uint64_t copied = ledger__bytes(ledger, SITE_TAP_COPY);

	if (copied)
		ledger__note(ledger, REMARK_TAP_COPIES,
			     VALUES(WORD("site", sites[SITE_TAP_COPY].name), WHOLE("bytes", copied),
				    WHOLE("pinned_bytes", ledger__bytes(ledger, SITE_SEND_PIN)),
				    WORD("taps", counted->tappers ?: "")));
}

/* Notes bytes that were pinned and unpinned in one send: more were tried than stayed pinned. */
static void note_undone(struct ledger *ledger)
{
	uint64_t attempted = ledger->pin_attempted.known ? ledger->pin_attempted.value : 0;
	uint64_t pinned = ledger__bytes(ledger, SITE_SEND_PIN);

	if (ledger__knows(ledger, SITE_SEND_PIN) && attempted > pinned)
		ledger__note(ledger, REMARK_PINS_UNDONE,
			     VALUES(WHOLE("bytes", attempted - pinned)));
}

/* 0: none, 1: some, 2: all. Exact: a rounded share may be 0% or 100% of some. */
static int extent(uint64_t part, uint64_t whole)
{
	return part == 0 ? 0 : part >= whole ? 2 : 1;
}

/*
 * Notes COPIED flags that differ from the counts: one flag is for many packets, and some copies
 * never set it.
 */
static void note_flag(struct ledger *ledger, const struct counted *counted)
{
	uint64_t flagged = counted->completed.copied, all = counted->completed.all;
	uint64_t pinned = ledger__bytes(ledger, SITE_SEND_PIN);
	uint64_t copied = ledger__bytes(ledger, SITE_DEFERRED_COPY) +
			  ledger__bytes(ledger, SITE_TRANSMIT_COPY);

	if (!counted->completed.known || !pinned || !all ||
	    !ledger__knows(ledger, SITE_DEFERRED_COPY) ||
	    !ledger__knows(ledger, SITE_TRANSMIT_COPY))
		return;
	copied -= ledger__deferred_beside(ledger);
	copied = copied < pinned ? copied : pinned;
	if (extent(flagged, all) == extent(copied, pinned) &&
	    llabs((long long)(1000 * flagged / all) - (long long)(1000 * copied / pinned)) < 10)
		return;
	ledger__note(ledger, REMARK_FLAG_DISAGREES,
		     VALUES(WHOLE("flagged", flagged), WHOLE("completions", all),
			    WHOLE("copied_bytes", copied), WHOLE("pinned_bytes", pinned)));
}

/* Notes retransmits. A retransmitted FIN has no payload, and none is noted for it. */
static void note_retransmits(struct ledger *ledger, const struct counted *counted)
{
	if (ledger->retransmit_known && ledger->retransmit_bytes)
		ledger__note(ledger, REMARK_RETRANSMITS,
			     VALUES(WHOLE("bytes", ledger->retransmit_bytes),
				    WHOLE("sent_bytes", sent(counted)),
				    WHOLE("segments", ledger->retransmit_segments)));
}

/* Notes copies within the receive queue, when the receive buffer was full. No site counts them. */
static void note_collapsed(struct ledger *ledger, const struct counted *counted)
{
	if (ledger->collapsed.known && ledger->collapsed.value)
		ledger__note(ledger, REMARK_COLLAPSED,
			     VALUES(WHOLE("bytes", ledger->collapsed.value),
				    WHOLE("received_bytes", counted->side[RECEIVER].returned)));
}

static void note_in_flight(struct ledger *ledger)
{
	if (ledger->in_flight.calls)
		ledger__note(ledger, REMARK_IN_FLIGHT,
			     VALUES(WHOLE("bytes", ledger->in_flight.bytes),
				    WHOLE("calls", ledger->in_flight.calls)));
}

/* "card" if most bytes went to a network card, where MSG_ZEROCOPY avoids the copy; else "host". */
static const char *destination(const struct ledger *ledger, const struct counted *counted)
{
	return 2 * ledger__bytes(ledger, SITE_DMA_OUT) > sent(counted) ? "card" : "host";
}

static void note_copying_calls(struct ledger *ledger, const struct counted *counted)
{
	uint64_t in = ledger__bytes(ledger, SITE_SEND_COPY);
	uint64_t out = ledger__bytes(ledger, SITE_RECEIVE_COPY);
	uint64_t received = counted->side[RECEIVER].returned;

	if (matters(counted, in))
		ledger__note(ledger, REMARK_SEND_COPIES,
			     VALUES(WORD("site", sites[SITE_SEND_COPY].name), WHOLE("bytes", in),
				    WHOLE("sent_bytes", sent(counted)),
				    WORD("to", destination(ledger, counted))));
	if (out <= received && matters(counted, out))
		ledger__note(ledger, REMARK_RECEIVE_COPIES,
			     VALUES(WORD("site", sites[SITE_RECEIVE_COPY].name),
				    WHOLE("bytes", out), WHOLE("received_bytes", received)));
}

void ledger__add_notes(struct ledger *ledger, const struct counted *counted)
{
	note_deferred(ledger);
	if (counted->advise)
		note_remedy(ledger, counted);
	note_unknown(ledger);
	note_transmit(ledger, counted);
	note_hidden(ledger, counted);
	note_undone(ledger);
	note_flag(ledger, counted);
	note_tap(ledger, counted);
	note_retransmits(ledger, counted);
	if (counted->advise)
		note_copying_calls(ledger, counted);
	note_collapsed(ledger, counted);
	note_in_flight(ledger);
	ledger__note_times(ledger, counted);
}
