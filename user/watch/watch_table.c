// SPDX-License-Identifier: GPL-2.0
/*
 * The table: one row per process or connection, with its sent and received bytes, copies and their
 * time.
 */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "ledger/copy_times.h"
#include "output/site_table.h"
#include "watch/watch.h"
#include "watch/watch_group.h"
#include "watch/watch_remarks.h"

#define CELL	    160
#define COLUMNS_MAX (SITE_COUNT + 8)

struct column {
	const char *head, *name;
	void (*add)(struct sheet *sheet, const struct column *column,
		    const struct account *account);
	enum site site;
	enum side side;
};

static uint64_t account__retransmits(const struct account *account)
{
	return account->tally.extra[EXTRA_RETRANSMIT].calls;
}

static void add_name(struct sheet *sheet, const struct column *column,
		     const struct account *account)
{
	char text[CELL];

	(void)column;
	report__name(account, text, sizeof(text));
	sheet__add_text(sheet, COLOUR_NONE, "%s", *text ? text : "(no row of its own)");
}

static void add_total(struct sheet *sheet, const struct column *column,
		      const struct account *account)
{
	bool sender = column->side == SENDER;

	if (sender ? account->sent_known : account->received_known)
		sheet__add_number(sheet, sender ? account->sent : account->received);
	else
		sheet__add_unknown(sheet);
}

static void add_site(struct sheet *sheet, const struct column *column,
		     const struct account *account)
{
	if (ledger__knows(&account->ledger, column->site))
		sheet__add_number(sheet, ledger__bytes(&account->ledger, column->site));
	else
		sheet__add_unknown(sheet);
}

static void add_copies(struct sheet *sheet, const struct column *column,
		       const struct account *account)
{
	const struct maybe *copies = account->ledger.copies;
	char text[CELL] = "";

	(void)column;
	for (int side = 0; side < SIDE_COUNT; side++) {
		text__append(text, CELL, "%s", side ? "/" : "");
		if (copies[side].known)
			text__append(text, CELL, "%.3f", copies[side].value);
		else
			text__append(text, CELL, "-");
	}
	sheet__add_text(sheet, COLOUR_BOLD, "%s", text);
}

static void add_residual(struct sheet *sheet, const struct column *column,
			 const struct account *account)
{
	(void)column;
	site_table__add_residual(sheet, account->ledger.residual);
}

static void add_switches(struct sheet *sheet, const struct column *column,
			 const struct account *account)
{
	const struct switches *switches = &account->ledger.switches[SENDER];

	(void)column;
	if (switches->known)
		sheet__add_pair(sheet, switches->voluntary, switches->involuntary);
	else
		sheet__add_unknown(sheet);
}

static void add_retransmits(struct sheet *sheet, const struct column *column,
			    const struct account *account)
{
	(void)column;
	sheet__add_number(sheet, account__retransmits(account));
}

static void add_maybe(struct sheet *sheet, const struct maybe *number)
{
	if (number->known)
		sheet__add_number(sheet, number->value);
	else
		sheet__add_unknown(sheet);
}

static void add_time(struct sheet *sheet, const struct column *column,
		     const struct account *account)
{
	add_maybe(sheet, &account->ledger.time[column->site].ns);
}

static void add_copying(struct sheet *sheet, const struct column *column,
			const struct account *account)
{
	(void)column;
	add_maybe(sheet, &account->ledger.copying_ns);
}

/* Adds a share of one CPU. */
static void add_share(struct sheet *sheet, const struct column *column,
		      const struct account *account)
{
	const struct maybe *time = &account->ledger.copying_ns;

	(void)column;
	if (time->known && account->seconds > 0)
		sheet__add_text(sheet, COLOUR_NONE, "%.1f", time->value / account->seconds / 1e7);
	else
		sheet__add_unknown(sheet);
}

static bool any_retransmits(const struct report *report)
{
	for (size_t i = 0; i < report->count && report->known->retransmits; i++)
		if (account__retransmits(report->accounts[i]))
			return true;
	return false;
}

static bool any_bytes(const struct report *report, enum site site)
{
	for (size_t i = 0; i < report->count; i++)
		if (ledger__bytes(&report->accounts[i]->ledger, site))
			return true;
	return false;
}

/* send_copy and receive_copy are always shown, other sites if they have bytes. */
bool report__shows(const struct report *report, enum site site)
{
	if (site == SITE_USER_MEMCPY)
		return false;
	return site == SITE_SEND_COPY || site == SITE_RECEIVE_COPY || any_bytes(report, site);
}

static const struct column copies_column = {.head = "copies/byte\nsend/recv", .add = add_copies};
static const struct column residual_column = {
	.head = "residual\nsend/recv", .name = "residual", .add = add_residual};
static const struct column retransmits_column = {
	.head = "retrans.\nsegments", .name = "retransmits", .add = add_retransmits};
static const struct column switches_column = {
	.head = "switches\nvol/invol", .name = "switches", .add = add_switches};
static const struct column copying_column = {.head = "all copies\nns", .add = add_copying};
static const struct column share_column = {.head = "of one CPU\n% of all time", .add = add_share};

static struct column name_column(const struct report *report)
{
	enum watch_by by = report->options->by;

	return (struct column){.head = watch_by__groups(by) ? watch_by_names[by] : "process",
			       .add = add_name};
}

static size_t columns__choose(const struct report *report, struct column *columns)
{
	struct column *next = columns;

	*next++ = name_column(report);
	for (int side = 0; side < SIDE_COUNT; side++) {
		*next++ =
			(struct column){.head = side == SENDER ? "sent\nbytes" : "received\nbytes",
					.add = add_total,
					.side = side};
		for (int site = 0; site < SITE_COUNT; site++)
			if (sites[site].side == (enum side)side && report__shows(report, site))
				*next++ = (struct column){
					.name = sites[site].name, .add = add_site, .site = site};
	}
	*next++ = copies_column;
	*next++ = residual_column;
	if (any_retransmits(report))
		*next++ = retransmits_column;
	*next++ = switches_column;
	return next - columns;
}

/* Chooses the columns of time: each copy site that has a column, and their sum. */
static size_t columns__choose_time(const struct report *report, struct column *columns)
{
	struct column *next = columns;

	*next++ = name_column(report);
	for (int site = 0; site < SITE_COUNT; site++)
		if (report__shows(report, site) && site__is_copy(site))
			*next++ = (struct column){
				.name = sites[site].name, .add = add_time, .site = site};
	*next++ = copying_column;
	*next++ = share_column;
	return next - columns;
}

/* Adds a column's head: "send_copy\nbytes" for a site, "send\ncopy" in brief. */
static void column__add_to(const struct column *column, struct sheet *sheet)
{
	char head[CELL], brief[CELL], *cut;

	snprintf(head, sizeof(head), "%s\n%s", column->name,
		 column->add == add_time ? "ns" : "bytes");
	snprintf(brief, sizeof(brief), "%s", column->name ?: "");
	cut = strchr(brief, '_');
	if (cut)
		*cut = '\n';
	sheet__add_column(sheet, (struct sheet_column){
					 .head = column->head ?: head,
					 .brief_head = column->head ? NULL : brief,
					 .name = column->name,
					 .left = column->add == add_name,
					 .colour = COLOUR_BOLD,
				 });
}

static int print_columns(FILE *stream, const struct report *report, const struct column *columns,
			 size_t count)
{
	struct sheet *sheet = sheet__new();
	int err;

	for (size_t c = 0; c < count; c++)
		column__add_to(&columns[c], sheet);
	for (size_t i = 0; i < report->count; i++) {
		sheet__add_row(sheet);
		for (size_t c = 0; c < count; c++)
			columns[c].add(sheet, &columns[c], report->accounts[i]);
	}
	err = sheet__print(sheet, stream, &report->screen);
	sheet__free(sheet);
	fputc('\n', stream);
	return err;
}

static int print_tables(FILE *stream, const struct report *report)
{
	struct column columns[COLUMNS_MAX];
	int err;

	err = print_columns(stream, report, columns, columns__choose(report, columns));
	if (!err && report->options->time)
		err = print_columns(stream, report, columns, columns__choose_time(report, columns));
	return err;
}

int watch_table__print(FILE *stream, const struct report *report)
{
	int err = 0;

	fprintf(stream, "%.2f s\n\n", report->seconds);
	if (report->count)
		err = print_tables(stream, report);
	else
		fputs("nothing was sent or received over TCP\n\n", stream);
	if (!err)
		err = watch_remarks__print(stream, report);
	return err ?: ferror(stream) ? -EIO : 0;
}
