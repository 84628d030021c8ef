// SPDX-License-Identifier: GPL-2.0
#include "doctor/site_list.h"

#include <errno.h>

#include "output/json.h"
#include "output/screen.h"
#include "output/sheet.h"

static int print_json(FILE *stream)
{
	json_t *table = json__site_table();
	int err = json__print(stream, table);

	json_decref(table);
	return err;
}

int site_list__print(FILE *stream, bool json)
{
	const struct screen screen = screen__of(stream);
	struct sheet *sheet;
	int err;

	if (json)
		return print_json(stream);
	sheet = sheet__new();
	sheet__add_column(sheet, (struct sheet_column){.head = "site", .left = true});
	sheet__add_column(sheet, (struct sheet_column){.head = "copy", .left = true});
	sheet__add_column(sheet, (struct sheet_column){.head = "side", .left = true, .spare = 1});
	sheet__add_column(sheet, (struct sheet_column){.head = "by", .left = true, .spare = 2});
	sheet__add_column(sheet, (struct sheet_column){.head = "bytes that were", .left = true});
	for (int site = 0; site < SITE_COUNT; site++) {
		sheet__add_row(sheet);
		sheet__add_text(sheet, COLOUR_NONE, "%s", sites[site].name);
		sheet__add_text(sheet, COLOUR_NONE, "%s", sites[site].cpu_copy ? "yes" : "no");
		sheet__add_text(sheet, COLOUR_NONE, "%s", side_names[sites[site].side]);
		sheet__add_text(sheet, COLOUR_NONE, "%s", sites[site].function);
		sheet__add_text(sheet, COLOUR_NONE, "%s", sites[site].meaning);
	}
	err = sheet__print(sheet, stream, &screen);
	sheet__free(sheet);
	return err;
}
