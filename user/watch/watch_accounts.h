/* SPDX-License-Identifier: GPL-2.0 */
/* The accounts of all that is watched. Each reading of the rows is added to them. */
#ifndef HARNESS_WATCH_ACCOUNTS_H
#define HARNESS_WATCH_ACCOUNTS_H

#include "ledger/account.h"
#include "tracer/rows.h"
#include "watch/watch_group.h"

/* The account of a row, or of a group with --by peer, cgroup or container. */
struct watch_account {
	struct account
		account; /* first, so that a pointer to it is a pointer to its watch_account */
	struct watch_group group;
};

struct watch_accounts {
	struct account **account; /* owned, not sorted */
	size_t count, room;
	struct account **by_row;  /* by row number: the account it is added to; NULL: a new one */
	struct account *together; /* without --by: all rows, but not `rest` */
	struct account *rest;	  /* bytes without a row; the same as `together` without a filter */
	unsigned int rows;
	enum watch_by by;		 /* BY_NOTHING: all rows go to `together` */
	const struct row_filter *filter; /* NULL: no filter */
};

/* Makes `together` and `rest`. 0 or -ENOMEM. */
int watch_accounts__open(struct watch_accounts *all, const struct watch_options *options);
void watch_accounts__close(struct watch_accounts *all);

/* Adds the counts since the last reading. 0 or a negative errno, with one line on stderr. */
int watch_accounts__read(struct watch_accounts *all, struct rows *rows);
/* Finds the taps that see each process's packets, if no probe counts copies into rings. */
void watch_accounts__find_taps(struct watch_accounts *all);

const struct watch_group *watch_account__group(const struct account *account);

/* Adds another account's counts, and its taps and devices. 0 or -ENOMEM. */
int account__take_in(struct account *all, const struct account *account);

/* Call it after an interval was printed: frees ended accounts and zeroes the others. */
void watch_accounts__reset(struct watch_accounts *all);

#endif
