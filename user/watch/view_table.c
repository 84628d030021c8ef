// SPDX-License-Identifier: GPL-2.0
#include "watch/view_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "base/text.h"

#define NAME_MIN    14
#define COPIES_WIDE 11 /* "1.000/1.000" */

const char *const view_sort_names[SORT_COUNT] = {"bytes", "sent", "received", "copies", "name"};

/*
 * The columns from left to right, after the name and the copies per byte. A site's column is headed
 * by its name.
 */
static const struct column {
	enum view_rate rate;
	int width;
	const char *head[VIEW_HEADS]; /* NULL: the site's */
} columns[] = {
	{RATE_SENT, 5, {"sent", "B/s"}},	 {RATE_RECEIVED, 5, {"recv", "B/s"}},
	{RATE_SITE + SITE_SEND_COPY, 8, {}},	 {RATE_SITE + SITE_RECEIVE_COPY, 8, {}},
	{RATE_SITE + SITE_DEFERRED_COPY, 8, {}}, {RATE_SITE + SITE_SEND_PIN, 8, {}},
	{RATE_SITE + SITE_SEND_SPLICE, 8, {}},	 {RATE_SITE + SITE_TRANSMIT_COPY, 8, {}},
	{RATE_SWITCHES, 8, {"switches", "/s"}},	 {RATE_RETRANSMITS, 8, {"retrans.", "B/s"}},
	{RATE_SITE + SITE_TAP_COPY, 8, {}},	 {RATE_SITE + SITE_RECEIVE_SPLICE, 8, {}},
	{RATE_SITE + SITE_RECEIVE_MAP, 8, {}},	 {RATE_SITE + SITE_RECEIVE_READ, 8, {}},
	{RATE_SITE + SITE_DMA_OUT, 8, {}},	 {RATE_SITE + SITE_DMA_IN, 8, {}},
};

#define COLUMNS (sizeof(columns) / sizeof(*columns))

static struct maybe rate_of(bool known, uint64_t number, double seconds)
{
	return (struct maybe){.known = known && seconds > 0, .value = number / seconds};
}

void view_row__take(struct view_row *row, const struct account *account, const struct known *known,
		    const char *name)
{
	const struct switches *switches = &account->ledger.switches[SENDER];
	double seconds = account->seconds;

	*row = (struct view_row){.valid = account->ledger.valid};
	snprintf(row->name, sizeof(row->name), "%s", name);
	memcpy(row->copies, account->ledger.copies, sizeof(row->copies));
	row->rate[RATE_SENT] = rate_of(account->sent_known, account->sent, seconds);
	row->rate[RATE_RECEIVED] = rate_of(account->received_known, account->received, seconds);
	row->rate[RATE_RETRANSMITS] =
		rate_of(known->retransmits, account->tally.extra[EXTRA_RETRANSMIT].bytes, seconds);
	row->rate[RATE_SWITCHES] =
		rate_of(switches->known, switches->voluntary + switches->involuntary, seconds);
	for (int site = 0; site < SITE_COUNT; site++)
		row->rate[RATE_SITE + site] =
			rate_of(ledger__knows(&account->ledger, site),
				ledger__bytes(&account->ledger, site), seconds);
}

/* Bytes that the CPU copied, per second. */
static double copied(const struct view_row *row)
{
	double sum = 0;

	for (int site = 0; site < SITE_COUNT; site++)
		if (sites[site].cpu_copy)
			sum += row->rate[RATE_SITE + site].value;
	return sum;
}

static double weight(const struct view_row *row, enum view_sort sort)
{
	double sent = row->rate[RATE_SENT].value, received = row->rate[RATE_RECEIVED].value;

	return sort == SORT_SENT       ? sent
	       : sort == SORT_RECEIVED ? received
	       : sort == SORT_COPIES   ? copied(row)
	       : sort == SORT_BYTES    ? sent + received
				       : 0;
}

/* Sorts equal rows by their names, so that they keep their places. */
static int compare(const void *a, const void *b, void *sort)
{
	const struct view_row *left = a, *right = b;
	double l = weight(left, *(enum view_sort *)sort);
	double r = weight(right, *(enum view_sort *)sort);

	return l < r ? 1 : l > r ? -1 : strcmp(left->name, right->name);
}

size_t view_rows__choose(struct view_row *rows, size_t count, const char *filter,
			 enum view_sort sort)
{
	size_t chosen = 0;

	for (size_t i = 0; i < count; i++) {
		struct view_row row = rows[i];

		if (!strcasestr(row.name, filter))
			continue;
		rows[i] = rows[chosen];
		rows[chosen++] = row;
	}
	if (chosen)
		qsort_r(rows, chosen, sizeof(*rows), compare, &sort);
	return chosen;
}

static void add(struct maybe *sum, const struct maybe *number)
{
	sum->known = sum->known && number->known;
	sum->value += number->value;
}

void view_rows__sum(const struct view_row *rows, size_t count, struct view_row *sum)
{
	static const enum view_rate payload[SIDE_COUNT] = {RATE_SENT, RATE_RECEIVED};

	*sum = (struct view_row){.valid = true};
	snprintf(sum->name, sizeof(sum->name), "total of %zu", count);
	for (int rate = 0; rate < RATE_COUNT; rate++) {
		sum->rate[rate].known = true;
		for (size_t i = 0; i < count; i++)
			add(&sum->rate[rate], &rows[i].rate[rate]);
	}
	for (int side = 0; side < SIDE_COUNT; side++) {
		const struct maybe *all = &sum->rate[payload[side]];
		struct maybe *copies = &sum->copies[side];

		copies->known = all->known && all->value > 0;
		for (size_t i = 0; i < count && copies->known; i++) {
			double part = rows[i].rate[payload[side]].value;

			copies->known = rows[i].copies[side].known || part == 0;
			copies->value += rows[i].copies[side].value * part / all->value;
		}
	}
	for (size_t i = 0; i < count; i++)
		sum->valid = sum->valid && rows[i].valid;
}

/* The number of columns that fit beside the name. */
static size_t columns__fit(unsigned int width)
{
	size_t count = 0;
	int left = (int)width - NAME_MIN - 1 - COPIES_WIDE;

	for (; count < COLUMNS && left > columns[count].width; count++)
		left -= columns[count].width + 1;
	return count;
}

static int name__width(unsigned int width)
{
	int left = (int)MIN(width, VIEW_LINE - 1) - 1 - COPIES_WIDE;

	for (size_t i = 0; i < columns__fit(width); i++)
		left -= columns[i].width + 1;
	return left < NAME_MIN ? NAME_MIN : left;
}

/* "send_copy" is "send" above "copy". */
static const char *column__head(const struct column *column, int line, char text[16])
{
	const char *name, *cut;

	if (column->head[line])
		return column->head[line];
	name = sites[column->rate - RATE_SITE].name;
	cut = strchr(name, '_');
	snprintf(text, 16, "%.*s", line ? 15 : (int)(cut - name), line ? cut + 1 : name);
	return text;
}

void view_heads__print(unsigned int width, int line, char text[static VIEW_LINE])
{
	static const char *const copies[VIEW_HEADS] = {"copies/byte", "send/recv"};
	char head[16];

	snprintf(text, VIEW_LINE, "%-*s %*s", name__width(width), line ? "" : "process",
		 COPIES_WIDE, copies[line]);
	for (size_t i = 0; i < columns__fit(width); i++)
		text__append(text, VIEW_LINE, " %*s", columns[i].width,
			     column__head(&columns[i], line, head));
}

static void append_copies(const struct view_row *row, char *text)
{
	char both[64] = "";

	for (int side = 0; side < SIDE_COUNT; side++) {
		const struct maybe *copies = &row->copies[side];

		text__append(both, sizeof(both), copies->known ? "%s%.3f" : "%s-", side ? "/" : "",
			     copies->value);
	}
	text__append(text, VIEW_LINE, " %*s", COPIES_WIDE, both);
}

/* Appends a name, without characters that a terminal does not show as one column. */
static void append_name(const char *name, int width, char *text)
{
	char shown[VIEW_NAME];
	size_t length = 0;

	for (; length < sizeof(shown) - 1 && name[length]; length++)
		shown[length] = name[length] < ' ' || name[length] > '~' ? '?' : name[length];
	shown[length] = '\0';
	snprintf(text, VIEW_LINE, "%-*.*s", width, width, shown);
}

void view_row__print(const struct view_row *row, unsigned int width, char text[static VIEW_LINE])
{
	char number[TEXT_NUMBER];

	append_name(row->name, name__width(width), text);
	append_copies(row, text);
	for (size_t i = 0; i < columns__fit(width); i++) {
		const struct maybe *rate = &row->rate[columns[i].rate];

		text__append(text, VIEW_LINE, " %*s", columns[i].width,
			     rate->known ? text__brief(number, llround(rate->value)) : "n/a");
	}
}
