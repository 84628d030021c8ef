// SPDX-License-Identifier: GPL-2.0
#include "watch/watch_accounts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "host/tasks.h"
#include "tracer/causes.h"
#include "watch/watch_devices.h"
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
	account = calloc(1, sizeof(struct watch_account));
	if (!account)
		return NULL;
	if (row)
		account->row = *row;
	all->account[all->count++] = account;
	return account;
}

const struct watch_group *watch_account__group(const struct account *account)
{
	return &((const struct watch_account *)account)->group;
}

/* The account of the row's group. A linear search: there are few groups. */
static struct account *accounts__account_of_group(struct watch_accounts *all, const struct row *row)
{
	struct watch_group group, *own;
	struct account *account;

	watch_group__of(all->by, row, &group);
	for (size_t i = 0; i < all->count; i++)
		if (!strcmp(watch_account__group(all->account[i])->name, group.name))
			return all->account[i];
	account = accounts__new_account(all, NULL);
	if (account) {
		own = &((struct watch_account *)account)->group;
		*own = group;
		account->command = own->name;
	}
	return account;
}

/* The account of the row's process, for rows that are connections. */
static struct account *accounts__account_of_process(struct watch_accounts *all,
						    const struct row *row)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->account[i]->row.kind == ROW_PROCESS &&
		    all->account[i]->row.process == row->process)
			return all->account[i];
	return accounts__new_account(all, row);
}

static struct account *accounts__choose(struct watch_accounts *all, const struct row *row)
{
	if (all->by == BY_NOTHING)
		return all->together;
	if (watch_by__groups(all->by))
		return accounts__account_of_group(all, row);
	if (all->by == BY_PROCESS && all->filter)
		return accounts__account_of_process(all, row);
	return accounts__new_account(all, row);
}

/*
 * A filter leaves out connections only: a process's own row has those that found no row free.
 */
static bool accounts__leaves_out(const struct watch_accounts *all, const struct row *row)
{
	return all->filter && row->kind == ROW_SOCKET && !row_filter__passes(all->filter, row);
}

/*
 * The account of a row. Accounts of ended rows are kept until they are printed, two per row at
 * most.
 */
static struct account *accounts__account_of(struct watch_accounts *all, unsigned int number,
					    const struct row *row)
{
	if (all->count > 2 * (size_t)all->rows)
		return all->by_row[number] ?: all->rest;
	if (!all->by_row[number])
		all->by_row[number] = all->filter && row->kind != ROW_SOCKET
					      ? all->rest
					      : accounts__choose(all, row);
	return all->by_row[number];
}

/*
 * Sets the account's name. exec changes a process's name; a process older than the watch has none
 * in its row.
 */
static void accounts__take_name(struct account *account, const struct row *row)
{
	struct row named = *row;

	if (!*named.command && named.process == account->row.process)
		memcpy(named.command, account->row.command, sizeof(named.command));
	if (!*named.command && named.process)
		tasks__name(named.process, named.command, sizeof(named.command));
	account->row = named;
}

/* With --by process, a connection is shown as its process. */
static struct row accounts__shown(const struct watch_accounts *all, const struct row *row)
{
	struct row shown = {.kind = ROW_PROCESS, .process = row->process};

	if (all->by != BY_PROCESS)
		return *row;
	memcpy(shown.command, row->command, sizeof(shown.command));
	return shown;
}

static int accounts__take_row(void *context, const struct row_reading *reading)
{
	struct watch_accounts *all = context;
	struct row row = accounts__shown(all, reading->row);
	static const struct tally nothing;
	struct account *account;

	/* find a process's group at once: it may have ended when it has counts */
	if (!watch_by__groups(all->by) && !all->by_row[reading->number] &&
	    !memcmp(reading->tally, &nothing, sizeof(nothing)))
		return 0;
	if (accounts__leaves_out(all, reading->row))
		return 0;
	account = accounts__account_of(all, reading->number, reading->row);
	if (!account)
		return -ENOMEM;
	if (account->row.kind != ROW_FREE)
		accounts__take_name(account, &row);
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
	struct account *account = all->by_row[reading->number];

	if (!account && all->filter)
		return 0; /* the cause of a connection that is left out */
	account = account ?: all->rest;
	if (reading->kind != CAUSE_COPIED)
		return readers__add(&account->ledger.readers, reading->kind, reading->function,
				    &reading->counter);
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

/* Finds the taps of each account. Call it after the causes are read: they name the devices. */
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

/* Finds the devices of each account's transmit copies. Connections of one process share them. */
static void accounts__find_devices(struct watch_accounts *all)
{
	const struct account *last = NULL;

	for (size_t i = 0; i < all->count; i++) {
		struct account *account = all->account[i];

		if (account->copying_known || !account->tally.site[SITE_TRANSMIT_COPY].bytes)
			continue;
		if (last && last->row.process == account->row.process) {
			memcpy(account->copying, last->copying, sizeof(account->copying));
			account->copying_known = true;
			continue;
		}
		watch_devices__find(account);
		last = account;
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

	if (!err) {
		accounts__find_tappers(all);
		accounts__find_devices(all);
	}
	return err;
}

int account__take_in(struct account *all, const struct account *account)
{
	if (!strstr(all->tappers, account->tappers))
		text__append(all->tappers, sizeof(all->tappers), "%s%s", *all->tappers ? "; " : "",
			     account->tappers);
	if (!strstr(all->copying, account->copying))
		text__append(all->copying, sizeof(all->copying), "%s%s", *all->copying ? " " : "",
			     account->copying);
	all->copying_known |= account->copying_known;
	return account__merge(all, account);
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
		if (account == all->together || account == all->rest ||
		    accounts__refers(all, account))
			all->account[kept++] = account;
		else
			free(account);
	}
	all->count = kept;
}

int watch_accounts__open(struct watch_accounts *all, const struct watch_options *options)
{
	*all = (struct watch_accounts){.rows = options->rows, .by = options->by};
	if (row_filter__asks(&options->filter))
		all->filter = &options->filter;
	all->by_row = calloc(all->rows, sizeof(*all->by_row));
	all->together = all->by_row ? accounts__new_account(all, NULL) : NULL;
	all->rest = all->together && all->filter ? accounts__new_account(all, NULL) : all->together;
	if (!all->rest)
		return -ENOMEM;
	all->by_row[0] = all->rest;
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
