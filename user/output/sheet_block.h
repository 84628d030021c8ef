/* SPDX-License-Identifier: GPL-2.0 */
/* Inside of sheet: the data of a table, and a part of its columns laid out and printed. */
#ifndef HARNESS_SHEET_BLOCK_H
#define HARNESS_SHEET_BLOCK_H

#include <stdint.h>
#include <stdio.h>

#include "output/sheet.h"

#define SHEET_COLUMNS_MAX 80

enum digits {
	DIGITS_GROUPED,
	DIGITS_PLAIN,
	DIGITS_BRIEF,
	DIGITS_COUNT,
};

struct sheet_cell {
	char *text; /* owned; NULL: numbers */
	unsigned int numbers;
	uint64_t number[2];
	enum colour colour;
};

struct sheet_row {
	struct sheet_cell *cell; /* room for all columns; owned */
	size_t count;
	bool rule; /* before it */
};

struct sheet {
	struct sheet_column columns[SHEET_COLUMNS_MAX]; /* their strings are owned */
	size_t column_count;
	struct sheet_row *rows;
	size_t row_count;
	bool rule_next;
	int err;
};

struct sheet_block {
	enum digits digits;
	unsigned int column[SHEET_COLUMNS_MAX];
	size_t count;
};

/* Columns of a screen that the block takes. */
size_t block__width(const struct sheet_block *block, const struct sheet *sheet);

/* 0 or a negative errno. */
int block__print(const struct sheet_block *block, const struct sheet *sheet, FILE *stream,
		 const struct screen *screen);

#endif
