// SPDX-License-Identifier: GPL-2.0
#include "base/text.h"
#include "ledger/account.h"

static void note_ignored_flag(struct account *account)
{
	const struct counter *ignored = &account->tally.extra[EXTRA_FLAG_IGNORED];

	if (ignored->bytes)
		ledger__note(&account->ledger, REMARK_FLAG_IGNORED,
			     VALUES(WORD("site", sites[SITE_SEND_COPY].name),
				    WHOLE("bytes", ignored->bytes),
				    WHOLE("sends", ignored->calls)));
}

static void note_tun(struct account *account)
{
	uint64_t out = account->tally.extra[EXTRA_TUN_OUT].bytes;
	uint64_t in = account->tally.extra[EXTRA_TUN_IN].bytes;

	if (out || in)
		ledger__note(&account->ledger, REMARK_TUN_COPIES,
			     VALUES(WHOLE("sent_bytes", out), WHOLE("received_bytes", in)));
}

static void note_bytes(struct account *account, enum remark_code code, enum extra extra)
{
	uint64_t bytes = account->tally.extra[extra].bytes;

	if (bytes)
		ledger__note(&account->ledger, code, VALUES(WHOLE("bytes", bytes)));
}

/* Names the functions that took what receive_read has. */
static void note_readers(struct account *account)
{
	const struct readers *readers = &account->ledger.readers;
	uint64_t bytes = 0;
	char text[256] = "";

	for (size_t i = 0; i < readers->count; i++) {
		const struct reader *reader = &readers->reader[i];

		if (reader->kind != CAUSE_READ)
			continue;
		text__append(text, sizeof(text), "%s%s", *text ? ", " : "", reader->function);
		bytes += reader->bytes;
	}
	if (bytes)
		ledger__note(&account->ledger, REMARK_KERNEL_READERS,
			     VALUES(WHOLE("bytes", bytes), WORD("readers", text)));
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

static void note_mixed(struct account *account)
{
	uint64_t turns = account->tally.extra[EXTRA_MIXED].calls;

	if (turns && account->row.kind == ROW_PROCESS)
		ledger__note(&account->ledger, REMARK_TURNS_MIXED, VALUES(WHOLE("turns", turns)));
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

	/* a packet with bytes of two processes leaves as the last sender's */
	if (!known->departures || !known->whole ||
	    (account->tally.extra[EXTRA_SHARED].calls && account->row.kind == ROW_PROCESS))
		return;
	note_bytes(account, REMARK_UNSENT, EXTRA_UNSENT);
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
	note_ignored_flag(account);
	note_tun(account);
	note_bytes(account, REMARK_REPAIRED, EXTRA_REPAIRED);
	note_bytes(account, REMARK_PEEKED, EXTRA_PEEKED);
	note_bytes(account, REMARK_DISCARDED, EXTRA_DISCARDED);
	note_readers(account);
	note_ring(account, known);
	note_mixed(account);
	note_pending(account, known);
	note_not_covered(account, known);
}
