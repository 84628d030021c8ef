/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ledger of one process, or one connection, of a program that is not ours: it is sender and
 * receiver at once. Pure: no system calls.
 */
#ifndef HARNESS_ACCOUNT_H
#define HARNESS_ACCOUNT_H

#include "ledger/ledger.h"
#include "tracer/sites.h"
#include "tracer/tracer.h"

struct account {
	struct ledger ledger; /* its causes are added to until it is judged */
	/* set by the caller */
	struct row row;	     /* kind ROW_FREE: all that is watched together */
	const char *command; /* in full, if known; else NULL: row.command. Borrowed. */
	double seconds;	     /* of the interval */
	bool tapped;	     /* tap copies were counted since `tappers` was last looked up */
	char tappers[256];   /* processes with taps, "tcpdump, pid 812"; "": not known */
	bool searched;	     /* the devices behind its transmit copies were looked for */
	char copying[256];   /* these, "veth1:scatter_gather_off wg0:encrypts", or "none_lacks" */
	struct tally tally;  /* sums of readings */
	struct times times;  /* likewise */
	/* what follows, by account__judge() */
	bool sent_known, received_known;
	uint64_t sent, received; /* what the kernel returned; MSG_PEEK and MSG_TRUNC apart */
	struct maybe uncovered[SIDE_COUNT]; /* bytes that no site explains; what is known of them */
	struct maybe time_ns[SITE_COUNT];
	struct maybe copying_ns; /* their sum, of those that are known */
};

void account__add(struct account *account, const struct tally *tally);
void account__add_times(struct account *account, const struct times *times);
/* Adds all of another account. */
int account__merge(struct account *account, const struct account *other);
/* What was sent, and in how many calls. */
struct counter account__sends(const struct account *account);
bool account__is_empty(const struct account *account);
uint64_t account__bytes(const struct account *account); /* both directions: how busy it is */

/*
 * Evidence for the time of a site's copies where it is known: what is timed may do more than copy.
 */
enum evidence time__evidence(enum site site);

/* Computes and judges; again after more was added. */
void account__judge(struct account *account, const struct known *known);
/* Zeroes the counts; keeps the process or connection. */
void account__reset(struct account *account);

/* "nginx[123]", "nginx[123] 127.0.0.1:80 > 127.0.0.1:34567 lo", "" for all together. */
void account__name(const struct account *account, char *text, size_t size);
/* "127.0.0.1:80", "[::1]:80" */
void account__address(const struct account *account, enum side side, char *text, size_t size);

/* In account_judge.c: bytes that no site explains make it invalid. */
void account__judge_uncovered(struct account *account, const struct known *known);
/* In account_notes.c: what only a watched program has to remark. */
void account__add_notes(struct account *account, const struct known *known);

#endif
