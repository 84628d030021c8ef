// SPDX-License-Identifier: GPL-2.0
#include "ledger/account.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "tracer/causes.h"
#include "base/text.h"

const struct socket_kind not_covered_sockets[SOCKET_KINDS] = {
	{EXTRA_TLS, "ktls"}, {EXTRA_SOCKMAP, "sockmap"}, {EXTRA_MPTCP, "mptcp"}};

void account__add(struct account *account, const struct tally *tally)
{
	const __u64 *from = (const __u64 *)tally;
	__u64 *to = (__u64 *)&account->tally;

	for (size_t i = 0; i < sizeof(*tally) / sizeof(*to); i++)
		to[i] += from[i];
}

void account__add_times(struct account *account, const struct times *times)
{
	for (int site = 0; site < SITE_COUNT; site++) {
		account->times.site[site].ns += times->site[site].ns;
		account->times.site[site].bytes += times->site[site].bytes;
	}
}

int account__merge(struct account *account, const struct account *other)
{
	account__add(account, &other->tally);
	account__add_times(account, &other->times);
	return causes__merge(&account->ledger.causes, &other->ledger.causes)
		       ?: readers__merge(&account->ledger.readers, &other->ledger.readers);
}

bool account__is_empty(const struct account *account)
{
	static const struct tally nothing;

	return !account->ledger.causes.count && !account->ledger.readers.count &&
	       !memcmp(&account->tally, &nothing, sizeof(nothing));
}

/* The results of tcp_sendmsg, from the sites that each result's bytes were counted at. */
struct counter account__sends(const struct account *account)
{
	struct counter sends = {};

	for (int site = 0; site < SITE_COUNT; site++) {
		if (!sites[site].part || sites[site].side != SENDER)
			continue;
		sends.bytes += account->tally.site[site].bytes;
		sends.calls += account->tally.site[site].calls;
	}
	return sends;
}

uint64_t account__bytes(const struct account *account)
{
	const struct counter *extra = account->tally.extra;

	return account__sends(account).bytes + extra[EXTRA_TAKEN].bytes + extra[EXTRA_TLS].bytes +
	       extra[EXTRA_SOCKMAP].bytes + extra[EXTRA_MPTCP].bytes;
}

void account__reset(struct account *account)
{
	ledger__free(&account->ledger);
	memset(&account->tally, 0, sizeof(account->tally));
	memset(&account->times, 0, sizeof(account->times));
	account->tappers[0] = '\0';
	account->copying[0] = '\0';
	account->copying_known = false;
}

/*
 * One program is sender and receiver. Its sent bytes are the sum of the send sites and the bytes
 * that only its sockets' sequence numbers show. Its received bytes are those that left the queue,
 * and those that were peeked.
 */
static struct counted account__counted(const struct account *account, const struct known *known)
{
	const struct counter *extra = account->tally.extra;
	uint64_t pins = account->tally.site[SITE_SEND_PIN].calls;

	return (struct counted){
		.known = known,
		.tally = {&account->tally, &account->tally},
		.times = {&account->times, &account->times},
		.seconds = account->seconds,
		.side = {[SENDER] = {.known = account->sent_known,
				     .returned = account->sent + extra[EXTRA_UNCOVERED].bytes,
				     .payload = account->sent},
			 [RECEIVER] = {.known = account->received_known,
				       .returned = account->received + extra[EXTRA_PEEKED].bytes,
				       .payload = extra[EXTRA_TAKEN].bytes}},
		.completed = {.known = known->completions,
			      .complete = known->whole && extra[EXTRA_COMPLETIONS].calls >= pins,
			      .all = extra[EXTRA_COMPLETIONS].calls,
			      .copied = extra[EXTRA_COPIED].calls},
		.traced = TRACE_COPIES,
		.tappers = account->tappers,
		.copying = account->copying_known ? account->copying : NULL,
		.advise = true,
	};
}

void account__judge(struct account *account, const struct known *known)
{
	const struct counter *extra = account->tally.extra;
	struct counted counted;

	ledger__forget(&account->ledger);
	account->sent_known = known->evidence[SITE_SEND_COPY] != EVIDENCE_UNAVAILABLE;
	account->received_known = known->received;
	account->sent = account__sends(account).bytes;
	account->received = extra[EXTRA_TAKEN].bytes - extra[EXTRA_DISCARDED].bytes;
	counted = account__counted(account, known);
	ledger__compose(&account->ledger, &counted);
	ledger__judge(&account->ledger, &counted);
	account__judge_uncovered(account, known);
	ledger__add_notes(&account->ledger, &counted);
	account__add_notes(account, known);
}

void account__address(const struct account *account, enum side side, char *text, size_t size)
{
	const struct row *row = &account->row;
	const void *address = side == SENDER ? row->local : row->remote;
	unsigned int port = side == SENDER ? row->local_port : row->remote_port;
	char number[INET6_ADDRSTRLEN] = "?";
	bool six = row->family == AF_INET6;

	inet_ntop(row->family, address, number, sizeof(number));
	snprintf(text, size, "%s%s%s:%u", six ? "[" : "", number, six ? "]" : "", port);
}

void account__name(const struct account *account, char *text, size_t size)
{
	const struct row *row = &account->row;
	char from[64], to[64];

	text[0] = '\0';
	if (row->kind == ROW_FREE)
		return;
	if (row->process)
		text__append(text, size, "%.16s[%u]", row->command, row->process);
	else
		text__append(text, size, "%.16s[?]", row->command);
	if (row->kind != ROW_SOCKET)
		return;
	account__address(account, SENDER, from, sizeof(from));
	account__address(account, RECEIVER, to, sizeof(to));
	text__append(text, size, " %s > %s %.16s", from, to, row->device);
}
