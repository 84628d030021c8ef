/* SPDX-License-Identifier: GPL-2.0 */
/* The accounts of all that is watched. Readings of the rows are added to them. */
#ifndef HARNESS_WATCH_ACCOUNTS_H
#define HARNESS_WATCH_ACCOUNTS_H

#include "ledger/account.h"
#include "tracer/rows.h"
#include "watch/watch_group.h"

/* With --by peer, cgroup or container it is of a group. */
struct watch_account {
	struct account account; /* the first: an account of `watch_accounts` is one of these */
	struct watch_group group;
};

struct watch_accounts {
	struct account **account; /* owned, in no order */
	size_t count, room;
	struct account **by_row;  /* whose readings go where; NULL: to a new account */
	struct account *together; /* with --by nothing everything, but not `rest` */
	struct account *rest;	  /* what found no row free: `together`, unless there is a filter */
	unsigned int rows;
	enum watch_by by;		 /* nothing: everything goes together */
	const struct row_filter *filter; /* NULL: none */
};

/* 0 or -ENOMEM. */
int watch_accounts__open(struct watch_accounts *all, const struct watch_options *options);
void watch_accounts__close(struct watch_accounts *all);

/* Adds what was counted since the last reading. 0 or a negative errno, with one line on stderr. */
int watch_accounts__read(struct watch_accounts *all, struct rows *rows);
/* Names the taps that see what each process sends, where no probe counts what rings take. */
void watch_accounts__find_taps(struct watch_accounts *all);

const struct watch_group *watch_account__group(const struct account *account);

/* Adds what was counted in another, and what was found out about it. 0 or -ENOMEM. */
int account__take_in(struct account *all, const struct account *account);

/* After an interval was printed: what has ended goes, the rest starts from 0. */
void watch_accounts__reset(struct watch_accounts *all);

#endif
