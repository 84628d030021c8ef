// SPDX-License-Identifier: GPL-2.0
#include "ledger/run_ledger.h"

/* Notes bytes that the kernel copied at send although the program asked for zero-copy. */
static void note_refused_pin(struct run_ledger *run)
{
	uint64_t copied = ledger__bytes(&run->ledger, SITE_SEND_COPY);

	if (copied && run->result.sent.completions_expected)
		ledger__note(&run->ledger, REMARK_PIN_REFUSED,
			     VALUES(WHOLE("bytes", copied),
				    WHOLE("sent_bytes", run->result.sent.payload_bytes)));
}

static void note_own_copies(struct run_ledger *run)
{
	uint64_t own = ledger__bytes(&run->ledger, SITE_USER_MEMCPY);

	if (own && run->ledger.copies_per_byte.known)
		ledger__note(&run->ledger, REMARK_OWN_COPIES,
			     VALUES(REAL("own", (double)own / run->result.received_bytes),
				    REAL("copies_per_byte", run->ledger.copies_per_byte.value)));
}

static void note_waits(struct run_ledger *run)
{
	if (run->result.sent.enobufs_waits)
		ledger__note(&run->ledger, REMARK_COMPLETION_WAITS,
			     VALUES(WHOLE("sends", run->result.sent.enobufs_waits)));
}

static void note_strangers(struct run_ledger *run)
{
	if (run->result.strangers)
		ledger__note(&run->ledger, REMARK_STRANGERS,
			     VALUES(WHOLE("connections", run->result.strangers)));
}

/* Notes more threads a side than CPUs: a thread then also waits for a CPU. */
static void note_crowd(struct run_ledger *run)
{
	if (run->cores && run->threads > run->cores)
		ledger__note(
			&run->ledger, REMARK_THREADS_TAKE_TURNS,
			VALUES(WHOLE("threads", run->threads), WHOLE("processors", run->cores)));
}

void run_ledger__add_notes(struct run_ledger *run)
{
	note_refused_pin(run);
	note_own_copies(run);
	note_waits(run);
	note_strangers(run);
	note_crowd(run);
}
