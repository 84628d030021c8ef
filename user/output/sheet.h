/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one printer of tables: columns and rows of text and numbers, fitted to the width of a screen.
 *
 * Whole numbers are printed with all their digits: grouped ("1,234,567") or, where that does not
 * fit, plain. Where that does not fit either, they have three digits and a unit ("1.23M"). A table
 * that is still too wide loses the columns that may be left out; their names are printed below it.
 * Without such columns the table continues below itself. A table of few rows and many columns is
 * transposed before a digit is lost.
 *
 * sheet__print() returns an earlier failure of memory. Heads and texts are copied.
 */
#ifndef HARNESS_SHEET_H
#define HARNESS_SHEET_H

#include <stdint.h>
#include <stdio.h>

#include "output/screen.h"

struct sheet;

struct sheet_column {
	const char *head;	/* "\n" separates its lines, at most two */
	const char *brief_head; /* used where numbers have units; NULL: head */
	const char *name;	/* its name in the list of columns left out; NULL: head */
	bool left;		/* aligned left; numbers are aligned right */
	unsigned int spare;	/* in which order it may be left out, the highest first; 0: never */
	enum colour colour;	/* of the head */
};

/* NULL without memory; all functions below accept NULL. */
struct sheet *sheet__new(void);
void sheet__free(struct sheet *sheet);

/* All columns come before the first row. The first column is repeated where a table continues. */
void sheet__add_column(struct sheet *sheet, struct sheet_column column);

/* Starts a row; its cells follow from left to right, and those that are missing stay empty. */
void sheet__add_row(struct sheet *sheet);
/* A rule before the next row. */
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
