// SPDX-License-Identifier: GPL-2.0
#include "ledger/account.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/causes.h"
#include "base/text.h"

static void sentence__add(char *sentences[REASONS_MAX], size_t *count, const char *format,
			  va_list args)
{
	if (*count < REASONS_MAX && vasprintf(&sentences[*count], format, args) >= 0)
		(*count)++;
}

static void sentences__free(char *sentences[REASONS_MAX], size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		free(sentences[i]);
	*count = 0;
}

void account__note(struct account *account, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	sentence__add(account->notes, &account->note_count, format, args);
	va_end(args);
}

static void __attribute__((format(printf, 2, 3)))
account__invalidate(struct account *account, const char *format, ...)
{
	va_list args;

	account->valid = false;
	va_start(args, format);
	sentence__add(account->reasons, &account->reason_count, format, args);
	va_end(args);
}

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
	return causes__merge(&account->causes, &other->causes);
}

bool account__is_empty(const struct account *account)
{
	static const struct tally nothing;

	return !account->causes.count && !memcmp(&account->tally, &nothing, sizeof(nothing));
}

/* tcp_sendmsg's results: each is counted whole at the sites that its bytes went to. */
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
	sentences__free(account->notes, &account->note_count);
	sentences__free(account->reasons, &account->reason_count);
	causes__free(&account->causes);
	memset(&account->tally, 0, sizeof(account->tally));
	memset(&account->times, 0, sizeof(account->times));
	account->tappers[0] = '\0';
}

static void account__take_sites(struct account *account, const struct known *known)
{
	for (int site = 0; site < SITE_COUNT; site++)
		account->site[site] = (struct site_value){
			.evidence = known->evidence[site],
			.bytes = account->tally.site[site].bytes,
			.calls = account->tally.site[site].calls,
		};
	/* a program's own memcpy is its own affair */
	account->site[SITE_USER_MEMCPY].evidence = EVIDENCE_UNAVAILABLE;
	/* copies of a receive are booked by its end */
	if (!known->received)
		account->site[SITE_RECEIVE_COPY].evidence = EVIDENCE_UNAVAILABLE;
	for (size_t i = 0; i < account->causes.count; i++) {
		const struct cause *cause = &account->causes.cause[i];

		account->site[cause->site].bytes += cause->bytes;
		account->site[cause->site].calls += cause->calls;
	}
}

static void account__compute_residual(struct account *account, enum side side)
{
	const struct counter *extra = account->tally.extra;
	int64_t residual =
		side == SENDER ? account->sent : account->received + extra[EXTRA_PEEKED].bytes;
	struct maybe *result = &account->residual[side];

	result->known = side == SENDER || account->received_known;
	for (int site = 0; site < SITE_COUNT; site++) {
		if (!sites[site].part || sites[site].side != side)
			continue;
		residual -= account->site[site].bytes;
		result->known &= account->site[site].evidence != EVIDENCE_UNAVAILABLE;
	}
	result->value = residual;
}

/* CPU copies of one side for each of its bytes. */
static struct maybe account__copies(const struct account *account, enum side side, uint64_t bytes)
{
	struct maybe copies = {.known = bytes > 0};
	uint64_t copied = 0;

	for (int site = 0; site < SITE_COUNT; site++) {
		if (!sites[site].cpu_copy || sites[site].side != side || site == SITE_USER_MEMCPY)
			continue;
		copied += account->site[site].bytes;
		copies.known &= account->site[site].evidence != EVIDENCE_UNAVAILABLE;
	}
	if (copies.known)
		copies.value = (double)copied / bytes;
	return copies;
}

static void account__compute_copies(struct account *account)
{
	const struct maybe *sent = &account->per_sent, *received = &account->per_received;

	account->per_sent = account__copies(account, SENDER, account->sent);
	account->per_received = account__copies(account, RECEIVER, account->received);
	account->copies_per_byte = (struct maybe){};
	if ((account->sent && !sent->known) || (account->received && !received->known))
		return;
	account->copies_per_byte.known = sent->known || received->known;
	account->copies_per_byte.value =
		(sent->known ? sent->value : 0) + (received->known ? received->value : 0);
}

static void account__take_switches(struct account *account, const struct known *known)
{
	struct switches *switches = &account->switches;

	*switches = (struct switches){
		.known = known->switches,
		.blocked_known = known->switches && known->activities,
		.involuntary = account->tally.involuntary,
	};
	for (int doing = 0; doing < DOING_COUNT; doing++) {
		switches->blocked_in[doing] = account->tally.voluntary[doing];
		switches->voluntary += account->tally.voluntary[doing];
	}
}

enum evidence time__evidence(enum site site)
{
	/* the rest of tcp_sendmsg_locked; the rest of a segmentation */
	return site == SITE_SEND_COPY || site == SITE_TRANSMIT_COPY ? EVIDENCE_UPPER_BOUND
								    : EVIDENCE_EXACT;
}

/* Copies whose time was not seen make it unknown, not 0. */
static void account__take_times(struct account *account, const struct known *known)
{
	account->copying_ns = (struct maybe){};
	for (int site = 0; site < SITE_COUNT; site++) {
		const struct timing *timing = &account->times.site[site];
		struct maybe *time = &account->time_ns[site];

		*time = (struct maybe){
			.known =
				known->timed[site] && (timing->bytes || !account->site[site].bytes),
			.value = timing->ns,
		};
		if (!time->known)
			continue;
		account->copying_ns.known = true;
		account->copying_ns.value += time->value;
	}
}

static void account__judge_residuals(struct account *account)
{
	for (int side = 0; side < SIDE_COUNT; side++) {
		const char *name = side == SENDER ? "send" : "receive";

		if (!account->residual[side].known)
			account__invalidate(account, "the %s residual is unknown", name);
		else if (account->residual[side].value != 0)
			account__invalidate(account,
					    "the %s residual is %.0f bytes, not 0: the ledger "
					    "misses a copy or counts one twice",
					    name, account->residual[side].value);
	}
}

void account__judge(struct account *account, const struct known *known)
{
	const struct counter *extra = account->tally.extra;

	sentences__free(account->notes, &account->note_count);
	sentences__free(account->reasons, &account->reason_count);
	account->valid = true;
	account->sent_known = known->evidence[SITE_SEND_COPY] != EVIDENCE_UNAVAILABLE;
	account->received_known = known->received;
	account->sent = account__sends(account).bytes;
	account->received = extra[EXTRA_TAKEN].bytes - extra[EXTRA_DISCARDED].bytes;
	account__take_sites(account, known);
	for (int side = 0; side < SIDE_COUNT; side++)
		account__compute_residual(account, side);
	account__compute_copies(account);
	account__take_switches(account, known);
	account__take_times(account, known);
	causes__sort(&account->causes);
	account__judge_residuals(account);
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
	text__append(text, size, "%.16s[%u]", row->command, row->process);
	if (row->kind != ROW_SOCKET)
		return;
	account__address(account, SENDER, from, sizeof(from));
	account__address(account, RECEIVER, to, sizeof(to));
	text__append(text, size, " %s > %s %.16s", from, to, row->device);
}
