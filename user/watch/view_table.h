/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rows of the live view, as lines of text. Pure. Each column has a fixed place and width; a
 * wider screen has more columns.
 */
#ifndef HARNESS_VIEW_TABLE_H
#define HARNESS_VIEW_TABLE_H

#include "ledger/account.h"

#define VIEW_NAME   128
#define VIEW_FILTER 32
#define VIEW_HEADS  2
#define VIEW_LINE   512 /* bytes of a line; a wider screen stays empty */

enum view_rate {
	RATE_SENT,
	RATE_RECEIVED,
	RATE_RETRANSMITS,
	RATE_SWITCHES,
	RATE_SITE, /* and those of the other sites */
	RATE_COUNT = RATE_SITE + SITE_COUNT
};

struct view_row {
	char name[VIEW_NAME];
	bool valid;
	struct maybe copies[SIDE_COUNT]; /* per byte */
	struct maybe rate[RATE_COUNT];	 /* per second */
};

enum view_sort {
	SORT_BYTES,
	SORT_SENT,
	SORT_RECEIVED,
	SORT_COPIES,
	SORT_NAME,
	SORT_COUNT
};

extern const char *const view_sort_names[SORT_COUNT];

/* Computes the rates of a judged account over its seconds. */
void view_row__take(struct view_row *row, const struct account *account, const struct known *known,
		    const char *name);
/* Moves the rows whose name contains the filter to the front, sorted. Returns their number. */
size_t view_rows__choose(struct view_row *rows, size_t count, const char *filter,
			 enum view_sort sort);
/* Sums all rows into one: "total of 3". */
void view_rows__sum(const struct view_row *rows, size_t count, struct view_row *sum);

/* `line` is 0 or 1. */
void view_heads__print(unsigned int width, int line, char text[static VIEW_LINE]);
void view_row__print(const struct view_row *row, unsigned int width, char text[static VIEW_LINE]);

#endif
