// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "output/sheet.h"
#include "output/sheet_block.h"

#define NAME 128 /* room for the name of a row that was a column */

struct sheet *sheet__new(void)
{
	return calloc(1, sizeof(struct sheet));
}

void sheet__free(struct sheet *sheet)
{
	if (!sheet)
		return;
	for (size_t i = 0; i < sheet->row_count; i++) {
		for (size_t c = 0; c < sheet->rows[i].count; c++)
			free(sheet->rows[i].cell[c].text);
		free(sheet->rows[i].cell);
	}
	for (size_t c = 0; c < sheet->column_count; c++) {
		free((char *)sheet->columns[c].head);
		free((char *)sheet->columns[c].brief_head);
		free((char *)sheet->columns[c].name);
	}
	free(sheet->rows);
	free(sheet);
}

static char *copy(struct sheet *sheet, const char *text)
{
	char *copied = text ? strdup(text) : NULL;

	if (text && !copied)
		sheet->err = -ENOMEM;
	return copied;
}

void sheet__add_column(struct sheet *sheet, struct sheet_column column)
{
	if (!sheet)
		return;
	if (sheet->column_count == SHEET_COLUMNS_MAX) {
		sheet->err = -E2BIG;
		return;
	}
	column.head = copy(sheet, column.head ?: "");
	column.brief_head = copy(sheet, column.brief_head);
	column.name = copy(sheet, column.name);
	sheet->columns[sheet->column_count++] = column;
}

void sheet__add_row(struct sheet *sheet)
{
	struct sheet_row *rows, row = {};

	if (!sheet || sheet->err)
		return;
	rows = reallocarray(sheet->rows, sheet->row_count + 1, sizeof(*rows));
	if (rows)
		sheet->rows = rows;
	row.cell = calloc(sheet->column_count, sizeof(*row.cell));
	row.rule = sheet->rule_next;
	if (!rows || !row.cell) {
		free(row.cell);
		sheet->err = -ENOMEM;
		return;
	}
	rows[sheet->row_count++] = row;
	sheet->rule_next = false;
}

void sheet__add_rule(struct sheet *sheet)
{
	if (sheet)
		sheet->rule_next = true;
}

static void sheet__add_cell(struct sheet *sheet, struct sheet_cell cell)
{
	struct sheet_row *row = sheet->row_count ? &sheet->rows[sheet->row_count - 1] : NULL;

	if (!sheet->err && row && row->count < sheet->column_count) {
		row->cell[row->count++] = cell;
		return;
	}
	if (!sheet->err)
		sheet->err = -E2BIG;
	free(cell.text);
}

void sheet__add_text(struct sheet *sheet, enum colour colour, const char *format, ...)
{
	struct sheet_cell cell = {.colour = colour};
	va_list args;

	if (!sheet)
		return;
	va_start(args, format);
	if (vasprintf(&cell.text, format, args) < 0) {
		cell.text = NULL;
		sheet->err = -ENOMEM;
	}
	va_end(args);
	sheet__add_cell(sheet, cell);
}

void sheet__add_number(struct sheet *sheet, uint64_t number)
{
	if (sheet)
		sheet__add_cell(sheet, (struct sheet_cell){.numbers = 1, .number = {number}});
}

void sheet__add_pair(struct sheet *sheet, uint64_t first, uint64_t second)
{
	if (sheet)
		sheet__add_cell(sheet,
				(struct sheet_cell){.numbers = 2, .number = {first, second}});
}

void sheet__add_unknown(struct sheet *sheet)
{
	sheet__add_text(sheet, COLOUR_FAINT, "n/a");
}

/* Leaves out the last column with the highest `spare`, and returns it. -1: none can be spared. */
static int block__leave_out(const struct sheet *sheet, struct sheet_block *block)
{
	int chosen = -1, column;
	unsigned int most = 1;

	for (size_t c = 1; c < block->count; c++)
		if (sheet->columns[block->column[c]].spare >= most) {
			most = sheet->columns[block->column[c]].spare;
			chosen = c;
		}
	if (chosen < 0)
		return -1;
	column = block->column[chosen];
	block->count--;
	memmove(block->column + chosen, block->column + chosen + 1,
		(block->count - chosen) * sizeof(*block->column));
	return column;
}

/*
 * Makes the block fit: with fewer digits, then without columns that can be left out. Returns
 * whether it fits.
 */
static bool block__fit(const struct sheet *sheet, struct sheet_block *block, unsigned int width,
		       char *left_out, size_t size)
{
	int column;

	left_out[0] = '\0';
	for (enum digits digits = 0; digits < DIGITS_COUNT; digits++) {
		block->digits = digits;
		if (!width || block__width(block, sheet) <= width)
			return true;
	}
	do {
		column = block__leave_out(sheet, block);
		if (column < 0)
			return false;
		text__append(left_out, size, "%s%s", *left_out ? ", " : "",
			     sheet->columns[column].name ?: sheet->columns[column].head);
	} while (block__width(block, sheet) > width);
	return true;
}

/* Takes the first column and as many others as fit, but at least one. Returns the next column. */
static size_t block__fill(struct sheet_block *block, const struct sheet_block *all, size_t next,
			  const struct sheet *sheet, unsigned int width)
{
	*block = (struct sheet_block){.digits = DIGITS_GROUPED, .count = 1};
	for (; next < all->count; next++) {
		block->column[block->count++] = all->column[next];
		if (block->count > 2 && block__width(block, sheet) > width) {
			block->count--;
			break;
		}
	}
	return next;
}

/* Parts of the table, one below the other, with all digits of the numbers. */
static int sheet__print_blocks(const struct sheet *sheet, FILE *stream, const struct screen *screen,
			       const struct sheet_block *all)
{
	struct sheet_block block;
	size_t next = 1;
	int err = 0;

	while (next < all->count && !err) {
		if (next > 1)
			fputc('\n', stream);
		next = block__fill(&block, all, next, sheet, screen->width);
		err = block__print(&block, sheet, stream, screen);
	}
	return err;
}

static bool sheet__can_spare(const struct sheet *sheet)
{
	for (size_t c = 0; c < sheet->column_count; c++)
		if (sheet->columns[c].spare)
			return true;
	return false;
}

static void cell__copy(struct sheet *to, const struct sheet_row *row, size_t column)
{
	static const struct sheet_cell empty = {.text = ""};
	const struct sheet_cell *cell = column < row->count ? &row->cell[column] : &empty;

	if (cell->text)
		sheet__add_text(to, cell->colour, "%s", cell->text);
	else if (cell->numbers == 2)
		sheet__add_pair(to, cell->number[0], cell->number[1]);
	else
		sheet__add_number(to, cell->number[0]);
}

/* A new sheet: a column for each row, headed by its first cell, which must be text. */
static struct sheet *sheet__transpose(const struct sheet *sheet)
{
	struct sheet *other = sheet__new();
	char name[NAME], *line;

	sheet__add_column(other,
			  (struct sheet_column){.head = sheet->columns[0].head, .left = true});
	for (size_t row = 0; row < sheet->row_count; row++)
		sheet__add_column(other,
				  (struct sheet_column){.head = sheet->rows[row].cell[0].text,
							.colour = sheet->columns[0].colour});
	for (size_t c = 1; c < sheet->column_count; c++) {
		snprintf(name, sizeof(name), "%s", sheet->columns[c].head);
		line = strchr(name, '\n');
		if (line)
			*line = ' ';
		sheet__add_row(other);
		sheet__add_text(other, COLOUR_NONE, "%s", name);
		for (size_t row = 0; row < sheet->row_count; row++)
			cell__copy(other, &sheet->rows[row], c);
	}
	return other;
}

static struct sheet_block block__of(const struct sheet *sheet)
{
	struct sheet_block block = {};

	for (size_t c = 0; c < sheet->column_count; c++)
		block.column[block.count++] = c;
	return block;
}

/*
 * Prints the sheet with rows and columns exchanged, if that fits with all digits. Returns whether.
 */
static bool sheet__print_transposed(const struct sheet *sheet, FILE *stream,
				    const struct screen *screen, int *err)
{
	struct sheet_block block = block__of(sheet);
	struct sheet *other;
	bool fits;

	if (!screen->width || sheet__can_spare(sheet) || !sheet->row_count ||
	    sheet->row_count + 1 >= sheet->column_count ||
	    block__width(&block, sheet) <= screen->width)
		return false;
	other = sheet__transpose(sheet);
	*err = !other ? -ENOMEM : other->err;
	block = *err ? block : block__of(other);
	fits = !*err && block__width(&block, other) <= screen->width;
	if (fits)
		*err = block__print(&block, other, stream, screen);
	sheet__free(other);
	return fits || *err;
}

int sheet__print(const struct sheet *sheet, FILE *stream, const struct screen *screen)
{
	struct sheet_block block;
	char left_out[512];
	int err;

	if (!sheet)
		return -ENOMEM;
	if (sheet->err)
		return sheet->err;
	if (sheet__print_transposed(sheet, stream, screen, &err))
		return err;
	block = block__of(sheet);
	if (!block__fit(sheet, &block, screen->width, left_out, sizeof(left_out)))
		return sheet__print_blocks(sheet, stream, screen, &block);
	err = block__print(&block, sheet, stream, screen);
	if (!err && *left_out)
		fprintf(stream, "no room for: %s\n", left_out);
	return err;
}
