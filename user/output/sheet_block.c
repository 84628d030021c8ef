// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "output/sheet_block.h"

#define CELL	   (2 * TEXT_NUMBER)
#define HEAD_LINES 2
#define GAP	   "  " /* between columns */

static const char *number__text(char text[static TEXT_NUMBER], uint64_t number, enum digits digits)
{
	switch (digits) {
	case DIGITS_GROUPED:
		return text__grouped(text, number);
	case DIGITS_BRIEF:
		return text__brief(text, number);
	default:
		snprintf(text, TEXT_NUMBER, "%llu", (unsigned long long)number);
		return text;
	}
}

/* Returns the cell's own text, or `text`. */
static const char *cell__text(const struct sheet_row *row, size_t column, enum digits digits,
			      char text[static CELL])
{
	const struct sheet_cell *cell = &row->cell[column];
	char number[TEXT_NUMBER];

	text[0] = '\0';
	if (column >= row->count)
		return text;
	if (cell->text)
		return cell->text;
	for (unsigned int i = 0; i < cell->numbers; i++)
		text__append(text, CELL, "%s%s", i ? "/" : "",
			     number__text(number, cell->number[i], digits));
	return text;
}

/* A line of a head, and its length. */
static const char *head__line(const struct sheet_column *column, enum digits digits, int line,
			      int *length)
{
	const char *head =
		digits == DIGITS_BRIEF && column->brief_head ? column->brief_head : column->head;

	while (line-- && *head) {
		head += strcspn(head, "\n");
		head += *head == '\n';
	}
	*length = strcspn(head, "\n");
	return head;
}

static int block__head_lines(const struct sheet_block *block, const struct sheet *sheet)
{
	int lines = 1, length;

	for (size_t c = 0; c < block->count; c++) {
		head__line(&sheet->columns[block->column[c]], block->digits, 1, &length);
		if (length)
			lines = HEAD_LINES;
	}
	return lines;
}

static size_t column__width(const struct sheet *sheet, unsigned int column, enum digits digits)
{
	size_t width = 0, length;
	char text[CELL];
	int head;

	for (int line = 0; line < HEAD_LINES; line++) {
		head__line(&sheet->columns[column], digits, line, &head);
		width = (size_t)head > width ? (size_t)head : width;
	}
	for (size_t row = 0; row < sheet->row_count; row++) {
		length = strlen(cell__text(&sheet->rows[row], column, digits, text));
		width = length > width ? length : width;
	}
	return width;
}

size_t block__width(const struct sheet_block *block, const struct sheet *sheet)
{
	size_t width = 0;

	for (size_t c = 0; c < block->count; c++)
		width += column__width(sheet, block->column[c], block->digits) +
			 (c ? strlen(GAP) : 0);
	return width;
}

static int cell__set(struct libscols_line *line, size_t column, const char *text,
		     enum colour colour)
{
	int err = scols_line_set_data(line, column, text);

	if (!err && *text && colour__start(colour))
		err = scols_cell_set_color(scols_line_get_cell(line, column),
					   colour__start(colour));
	return err;
}

/* Heads are lines like others: the library has no heads of two lines. */
static int block__add_head(const struct sheet_block *block, const struct sheet *sheet,
			   struct libscols_line *to, int line)
{
	char text[CELL];
	int err = 0, length;

	for (size_t c = 0; c < block->count && !err; c++) {
		const struct sheet_column *column = &sheet->columns[block->column[c]];
		const char *head = head__line(column, block->digits, line, &length);

		snprintf(text, sizeof(text), "%.*s", length, head);
		err = cell__set(to, c, text, column->colour);
	}
	return err;
}

static int block__add_row(const struct sheet_block *block, const struct sheet_row *row,
			  struct libscols_line *to)
{
	char text[CELL];
	int err = 0;

	for (size_t c = 0; c < block->count && !err; c++)
		err = cell__set(to, c, cell__text(row, block->column[c], block->digits, text),
				row->cell[block->column[c]].colour);
	return err;
}

static int block__fill_table(const struct sheet_block *block, const struct sheet *sheet,
			     struct libscols_table *table)
{
	int heads = block__head_lines(block, sheet), err = 0;

	for (size_t c = 0; c < block->count; c++)
		if (!scols_table_new_column(table, NULL, 0,
					    sheet->columns[block->column[c]].left ? 0
										  : SCOLS_FL_RIGHT))
			return -ENOMEM;
	for (int line = 0; line < heads && !err; line++) {
		struct libscols_line *to = scols_table_new_line(table, NULL);

		err = to ? block__add_head(block, sheet, to, line) : -ENOMEM;
	}
	for (size_t row = 0; row < sheet->row_count && !err; row++) {
		struct libscols_line *to = scols_table_new_line(table, NULL);

		err = to ? block__add_row(block, &sheet->rows[row], to) : -ENOMEM;
	}
	return err;
}

static void rule__print(FILE *stream, size_t width)
{
	while (width--)
		fputc('-', stream);
	fputc('\n', stream);
}

/* The library's lines without the blanks at their ends, and the rules between them. */
static void block__print_lines(const struct sheet_block *block, const struct sheet *sheet,
			       FILE *stream, const char *text)
{
	size_t width = block__width(block, sheet);
	int row = -block__head_lines(block, sheet);

	for (; *text; row++) {
		size_t length = strcspn(text, "\n"), used = length;

		if (!row || (row > 0 && (size_t)row < sheet->row_count && sheet->rows[row].rule))
			rule__print(stream, width);
		while (used && text[used - 1] == ' ')
			used--;
		fprintf(stream, "%.*s\n", (int)used, text);
		text += length + (text[length] == '\n');
	}
}

int block__print(const struct sheet_block *block, const struct sheet *sheet, FILE *stream,
		 const struct screen *screen)
{
	struct libscols_table *table = scols_new_table();
	char *text = NULL;
	int err;

	if (!table)
		return -ENOMEM;
	scols_table_enable_noheadings(table, 1);
	scols_table_enable_colors(table, screen->colour);
	scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	err = scols_table_set_column_separator(table, GAP);
	if (!err)
		err = block__fill_table(block, sheet, table);
	if (!err)
		err = scols_print_table_to_string(table, &text);
	if (!err)
		block__print_lines(block, sheet, stream, text);
	free(text);
	scols_unref_table(table);
	return err;
}
