// SPDX-License-Identifier: GPL-2.0
/* Judges bytes that sequence numbers or calls' results show and that no site explains. */
#include <string.h>

#include "base/text.h"
#include "ledger/account.h"

/* Appends the functions that were seen to take uncovered bytes. Returns these bytes. */
static double append_readers(const struct readers *readers, char *text, size_t size)
{
	double bytes = 0;

	for (size_t i = 0; i < readers->count; i++) {
		const struct reader *reader = &readers->reader[i];

		if (reader->kind != CAUSE_UNCOVERED)
			continue;
		/* without the module, which follows a space */
		text__append(text, size, "%s%.*s", *text ? " " : "",
			     (int)strcspn(reader->function, " "), reader->function);
		bytes += reader->bytes;
	}
	return bytes;
}

/*
 * Names what moved such bytes: kTLS, sockmap, MPTCP or io_uring's zero-copy receive, the functions
 * that were seen to take them, and for the rest io_uring or "unknown".
 */
static void uncovered__by(const struct account *account, const struct known *known, enum side side,
			  char *text, size_t size)
{
	const struct counter *extra = account->tally.extra;
	double rest = account->ledger.residual[side].value;

	text[0] = '\0';
	for (size_t i = 0; i < SOCKET_KINDS; i++)
		if (extra[not_covered_sockets[i].extra].bytes)
			text__append(text, size, "%s%s", *text ? " " : "",
				     not_covered_sockets[i].name);
	if (side == RECEIVER && extra[EXTRA_ZCRX].bytes) {
		text__append(text, size, "%sio_uring_zcrx", *text ? " " : "");
		rest -= extra[EXTRA_ZCRX].bytes;
	}
	if (side == RECEIVER)
		rest -= append_readers(&account->ledger.readers, text, size);
	if (rest <= 0)
		return;
	text__append(text, size, "%s%s", *text ? " " : "",
		     !known->io_uring && extra[EXTRA_IO_URING].calls ? "io_uring" : "unknown");
}

void account__judge_uncovered(struct account *account, const struct known *known)
{
	const struct counter *extra = account->tally.extra;
	const uint64_t elsewhere[SIDE_COUNT] = {extra[EXTRA_ELSEWHERE_SENT].bytes,
						extra[EXTRA_ELSEWHERE_RECEIVED].bytes};
	const bool compared[SIDE_COUNT] = {known->sequences && !extra[EXTRA_UNCOMPARED].calls,
					   known->received};
	char by[256];

	for (int side = 0; side < SIDE_COUNT; side++) {
		const struct maybe *residual = &account->ledger.residual[side];
		struct maybe *uncovered = &account->uncovered[side];

		*uncovered = (struct maybe){
			.known = residual->known && compared[side] && known->not_covered,
			.value = residual->value + elsewhere[side],
		};
		if (uncovered->value <= 0)
			continue;
		uncovered__by(account, known, side, by, sizeof(by));
		ledger__invalidate(&account->ledger, REMARK_UNCOVERED_BYTES,
				   VALUES(WORD("side", side == SENDER ? "send" : "receive"),
					  WHOLE("bytes", uncovered->value), WORD("by", by)));
	}
}
