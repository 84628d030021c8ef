/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ledger of one process, or of one connection, of another program, which is sender and receiver
 * at once. Pure: no system calls.
 */
#ifndef HARNESS_ACCOUNT_H
#define HARNESS_ACCOUNT_H

#include "ledger/ledger.h"
#include "tracer/sites.h"
#include "tracer/tracer.h"

struct account {
	struct ledger ledger; /* causes are added to it until it is judged */
	/* set by the caller */
	struct row row; /* kind ROW_FREE: all watched processes together */
	const char
		*command;   /* the full command line; NULL: not known, use row.command. Borrowed. */
	double seconds;	    /* of the interval */
	bool tapped;	    /* tap copies were counted after `tappers` was last set */
	char tappers[256];  /* processes with taps, "tcpdump, pid 812"; "": not known */
	bool copying_known; /* `copying` is set */
	char copying[256];  /* devices that cause transmit_copy, "veth1:scatter_gather_off
			       wg0:encrypts", or "none_lacks" */
	struct tally tally; /* sums of readings */
	struct times times; /* sums of readings */
	/* set by account__judge(): */
	bool sent_known, received_known;
	uint64_t sent, received; /* what calls returned, without MSG_PEEK and MSG_TRUNC */
	struct maybe uncovered[SIDE_COUNT]; /* bytes that no site explains */
};

/* Sockets that the sites do not cover, and the extra that has their bytes. */
#define SOCKET_KINDS 3
extern const struct socket_kind {
	enum extra extra;
	const char *name; /* "ktls" */
} not_covered_sockets[SOCKET_KINDS];

void account__add(struct account *account, const struct tally *tally);
void account__add_times(struct account *account, const struct times *times);
/* Adds all of another account. 0 or -ENOMEM. */
int account__merge(struct account *account, const struct account *other);
/* The bytes sent, and the number of send calls. */
struct counter account__sends(const struct account *account);
bool account__is_empty(const struct account *account);
uint64_t account__bytes(const struct account *account); /* bytes of both directions */

/* Computes and judges the account; again if more was added. */
void account__judge(struct account *account, const struct known *known);
/* Zeroes the counts, and keeps the process or connection. */
void account__reset(struct account *account);

/* "nginx[123]", "nginx[123] 127.0.0.1:80 > 127.0.0.1:34567 lo", "" for all together. */
void account__name(const struct account *account, char *text, size_t size);
/* "127.0.0.1:80", "[::1]:80" */
void account__address(const struct account *account, enum side side, char *text, size_t size);

/* In account_judge.c: makes the ledger invalid if no site explains some bytes. */
void account__judge_uncovered(struct account *account, const struct known *known);
/* In account_notes.c: adds the notes that only a watched program has. */
void account__add_notes(struct account *account, const struct known *known);

#endif
