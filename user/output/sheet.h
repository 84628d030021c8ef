/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one printer of tables: columns and rows of text and numbers, fitted to the width of a screen.
 *
 * Whole numbers are printed with all their digits, grouped ("1,234,567") or, where that does not
 * fit, plain; where that does not fit either, in three digits and a unit ("1.23M"). What is still
 * too wide loses the columns that can be spared, and their names are printed below; without such
 * columns the table is continued below itself. Few rows of many columns change places with them
 * before a digit is lost.
 *
 * A failure of memory is kept and returned by sheet__print(). Heads and texts are copied.
 */
#ifndef HARNESS_SHEET_H
#define HARNESS_SHEET_H

#include <stdint.h>
#include <stdio.h>

#include "output/screen.h"

struct sheet;

struct sheet_column {
	const char *head;	/* "\n" separates its lines, two at most */
	const char *brief_head; /* used instead where numbers have units; NULL: head */
	const char *name;	/* its name where it is left out; NULL: head */
	bool left;		/* aligned left; numbers are aligned right */
	unsigned int spare;	/* can be left out, the highest first; 0: never */
	enum colour colour;	/* of the head */
};

/* NULL without memory, which all functions below take. */
struct sheet *sheet__new(void);
void sheet__free(struct sheet *sheet);

/* All columns come before the first row. The first column is repeated where a table continues. */
void sheet__add_column(struct sheet *sheet, struct sheet_column column);

/* Starts a row; its cells follow from left to right, and those that are missing stay empty. */
void sheet__add_row(struct sheet *sheet);
/* A rule before the row that comes next. */
void sheet__add_rule(struct sheet *sheet);
void sheet__add_text(struct sheet *sheet, enum colour colour, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void sheet__add_number(struct sheet *sheet, uint64_t number);
/* "12/34" */
void sheet__add_pair(struct sheet *sheet, uint64_t first, uint64_t second);
/* "n/a": a number that is not known is never 0. */
void sheet__add_unknown(struct sheet *sheet);

/* 0 or a negative errno. */
int sheet__print(const struct sheet *sheet, FILE *stream, const struct screen *screen);

#endif
