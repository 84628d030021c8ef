// SPDX-License-Identifier: GPL-2.0
#include "ledger/account.h"

static void note_peeked(struct account *account)
{
	uint64_t peeked = account->tally.extra[EXTRA_PEEKED].bytes;
	uint64_t discarded = account->tally.extra[EXTRA_DISCARDED].bytes;

	if (peeked)
		ledger__note(&account->ledger, REMARK_PEEKED, VALUES(WHOLE("bytes", peeked)));
	if (discarded)
		ledger__note(&account->ledger, REMARK_DISCARDED, VALUES(WHOLE("bytes", discarded)));
}

static void note_beside(struct account *account)
{
	const struct counter *extra = account->tally.extra;

	if (extra[EXTRA_FLAG_IGNORED].bytes)
		ledger__note(&account->ledger, REMARK_FLAG_IGNORED,
			     VALUES(WORD("site", sites[SITE_SEND_COPY].name),
				    WHOLE("bytes", extra[EXTRA_FLAG_IGNORED].bytes),
				    WHOLE("sends", extra[EXTRA_FLAG_IGNORED].calls)));
	if (extra[EXTRA_TUN_OUT].bytes || extra[EXTRA_TUN_IN].bytes)
		ledger__note(&account->ledger, REMARK_TUN_COPIES,
			     VALUES(WHOLE("sent_bytes", extra[EXTRA_TUN_OUT].bytes),
				    WHOLE("received_bytes", extra[EXTRA_TUN_IN].bytes)));
	if (extra[EXTRA_REPAIRED].bytes)
		ledger__note(&account->ledger, REMARK_REPAIRED,
			     VALUES(WHOLE("bytes", extra[EXTRA_REPAIRED].bytes)));
}

static void note_ring(struct account *account, const struct known *known)
{
	if (!known->rings && *account->tappers)
		ledger__note(&account->ledger, REMARK_TAP_RING_UNSEEN,
			     VALUES(WORD("taps", account->tappers)));
}

static void note_not_covered(struct account *account, const struct known *known)
{
	const struct counter *extra = account->tally.extra;

	for (size_t i = 0; i < SOCKET_KINDS; i++) {
		const struct socket_kind *kind = &not_covered_sockets[i];

		if (extra[kind->extra].calls)
			ledger__note(&account->ledger, REMARK_NOT_COVERED,
				     VALUES(WORD("sockets", kind->name),
					    WHOLE("bytes", extra[kind->extra].bytes)));
	}
	if (!known->io_uring && extra[EXTRA_IO_URING].calls)
		ledger__note(&account->ledger, REMARK_IO_URING_NOT_COVERED,
			     VALUES(WHOLE("calls", extra[EXTRA_IO_URING].calls)));
	if (!known->not_covered)
		ledger__note(&account->ledger, REMARK_NOT_COVERED_UNKNOWN, NO_VALUES);
}

/*
 * Notes what is not accounted for. Sent bytes must leave, and pinned bytes that left for this host
 * must be copied. The rest is under way, or passed where this kernel runs no program (`harness
 * doctor`: bpf_runs). An interval always has bytes under way, so only a whole watch is noted.
 */
static void note_pending(struct account *account, const struct known *known)
{
	uint64_t left = tally__departed(&account->tally);
	uint64_t unsent = account->tally.extra[EXTRA_UNSENT].bytes;
	uint64_t undelivered = ledger__undelivered(&account->ledger, &account->tally);

	if (account->tally.extra[EXTRA_MIXED].calls && account->row.kind == ROW_PROCESS)
		ledger__note(&account->ledger, REMARK_TURNS_MIXED,
			     VALUES(WHOLE("turns", account->tally.extra[EXTRA_MIXED].calls)));
	/* a packet with bytes of two processes leaves as the last sender's */
	if (!known->departures || !known->whole ||
	    (account->tally.extra[EXTRA_SHARED].calls && account->row.kind == ROW_PROCESS))
		return;
	if (unsent)
		ledger__note(&account->ledger, REMARK_UNSENT, VALUES(WHOLE("bytes", unsent)));
	left += unsent;
	if (account->sent > left)
		ledger__note(&account->ledger, REMARK_DEPARTURES_PENDING,
			     VALUES(WHOLE("bytes", account->sent - left)));
	if (undelivered)
		ledger__note(&account->ledger, REMARK_COPIES_PENDING,
			     VALUES(WHOLE("bytes", undelivered)));
}

void account__add_notes(struct account *account, const struct known *known)
{
	note_beside(account);
	note_peeked(account);
	note_ring(account, known);
	note_pending(account, known);
	note_not_covered(account, known);
}
