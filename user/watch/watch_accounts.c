// SPDX-License-Identifier: GPL-2.0
#include "watch/watch_accounts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/tasks.h"
#include "tracer/causes.h"
#include "watch/watch_taps.h"

static struct account *accounts__new_account(struct watch_accounts *all, const struct row *row)
{
	struct account **more, *account;

	if (all->count == all->room) {
		size_t room = all->room ? 2 * all->room : 16;

		more = reallocarray(all->account, room, sizeof(*more));
		if (!more)
			return NULL;
		all->account = more;
		all->room = room;
	}
	account = calloc(1, sizeof(*account));
	if (!account)
		return NULL;
	if (row)
		account->row = *row;
	all->account[all->count++] = account;
	return account;
}

/* What has ended is kept until it is printed, but no more of it than there are rows. */
static struct account *accounts__account_of(struct watch_accounts *all, unsigned int number,
					    const struct row *row)
{
	bool alone = all->alone;
	bool crowded = all->count > 2 * (size_t)all->rows;

	if (!number || alone || crowded)
		return all->by_row[number] ?: all->together;
	if (!all->by_row[number])
		all->by_row[number] = accounts__new_account(all, row);
	return all->by_row[number];
}

/* exec gives a process another name; one that ran before the watch gave none yet. */
static void accounts__take_name(struct account *account, const struct row *row)
{
	struct row named = *row;

	if (!*named.command && named.process == account->row.process)
		memcpy(named.command, account->row.command, sizeof(named.command));
	if (!*named.command && named.process)
		tasks__name(named.process, named.command, sizeof(named.command));
	account->row = named;
}

static int accounts__take_row(void *context, const struct row_reading *reading)
{
	struct watch_accounts *all = context;
	static const struct tally nothing;
	struct account *account;

	if (!all->by_row[reading->number] && !memcmp(reading->tally, &nothing, sizeof(nothing)))
		return 0;
	account = accounts__account_of(all, reading->number, reading->row);
	if (!account)
		return -ENOMEM;
	if (account != all->together)
		accounts__take_name(account, reading->row);
	account__add(account, reading->tally);
	if (reading->tally->site[SITE_TAP_COPY].bytes)
		account->tapped = true;
	if (reading->times)
		account__add_times(account, reading->times);
	return 0;
}

static int accounts__take_cause(void *context, const struct cause_reading *reading)
{
	struct watch_accounts *all = context;
	struct account *account = all->by_row[reading->number] ?: all->together;

	if (cause__find(reading->function)->site == SITE_TAP_COPY)
		account->tapped = true;
	return causes__add(&account->ledger.causes, reading->function, reading->device,
			   &reading->counter);
}

static void accounts__released(void *context, unsigned int number)
{
	struct watch_accounts *all = context;

	all->by_row[number] = NULL;
}

/* Only now are the devices known whose taps made the copies. */
static void accounts__find_tappers(struct watch_accounts *all)
{
	for (size_t i = 0; i < all->count; i++) {
		struct account *account = all->account[i];

		if (account->tapped) {
			watch_taps__find(account);
			account->tapped = false;
		}
	}
}

void watch_accounts__find_taps(struct watch_accounts *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->account[i]->row.kind != ROW_SOCKET && account__bytes(all->account[i]))
			watch_taps__find(all->account[i]);
}

int watch_accounts__read(struct watch_accounts *all, struct rows *rows)
{
	const struct row_reader reader = {
		.row = accounts__take_row,
		.cause = accounts__take_cause,
		.released = accounts__released,
		.context = all,
	};

	int err = rows__read(rows, &reader);

	if (!err)
		accounts__find_tappers(all);
	return err;
}

static bool accounts__refers(const struct watch_accounts *all, const struct account *account)
{
	for (unsigned int number = 0; number < all->rows; number++)
		if (all->by_row[number] == account)
			return true;
	return false;
}

void watch_accounts__reset(struct watch_accounts *all)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->count; i++) {
		struct account *account = all->account[i];

		account__reset(account);
		if (account == all->together || accounts__refers(all, account))
			all->account[kept++] = account;
		else
			free(account);
	}
	all->count = kept;
}

int watch_accounts__open(struct watch_accounts *all, unsigned int rows, bool alone)
{
	*all = (struct watch_accounts){.rows = rows, .alone = alone};
	all->by_row = calloc(rows, sizeof(*all->by_row));
	all->together = all->by_row ? accounts__new_account(all, NULL) : NULL;
	if (!all->together)
		return -ENOMEM;
	all->by_row[0] = all->together;
	return 0;
}

void watch_accounts__close(struct watch_accounts *all)
{
	for (size_t i = 0; i < all->count; i++) {
		account__reset(all->account[i]);
		free(all->account[i]);
	}
	free(all->account);
	free(all->by_row);
	*all = (struct watch_accounts){};
}
