/* SPDX-License-Identifier: GPL-2.0 */
/* The accounts of all that is watched. Readings of the rows are added to them. */
#ifndef HARNESS_WATCH_ACCOUNTS_H
#define HARNESS_WATCH_ACCOUNTS_H

#include "ledger/account.h"
#include "tracer/rows.h"

struct watch_accounts {
	struct account **account; /* owned, in no order */
	size_t count, room;
	struct account **by_row;  /* whose readings go where; NULL: to a new account */
	struct account *together; /* everything, or what found no row free; one of the accounts */
	unsigned int rows;
	bool alone; /* everything goes together */
};

/* 0 or -ENOMEM. */
int watch_accounts__open(struct watch_accounts *all, unsigned int rows, bool alone);
void watch_accounts__close(struct watch_accounts *all);

/* Adds what was counted since the last reading. 0 or a negative errno, with one line on stderr. */
int watch_accounts__read(struct watch_accounts *all, struct rows *rows);
/* Names the taps that see what each process sends, where no probe counts what rings take. */
void watch_accounts__find_taps(struct watch_accounts *all);

/* After an interval was printed: what has ended goes, the rest starts from 0. */
void watch_accounts__reset(struct watch_accounts *all);

#endif
