/* SPDX-License-Identifier: GPL-2.0 */
/* Runs side by side: a row a site, a column a run. */
#ifndef HARNESS_SITE_TABLE_H
#define HARNESS_SITE_TABLE_H

#include "output/results.h"
#include "output/screen.h"
#include "output/sheet.h"

/* Prints runs that differ only in their transports. 0 or a negative errno. */
int site_table__print(FILE *stream, const struct screen *screen, const struct results *results);

/* Adds "0/0", of sends and receives; in red if one is not 0. */
void site_table__add_residual(struct sheet *sheet, const struct maybe residual[SIDE_COUNT]);

/* The legend of the marks and pairs in these tables, in one line. */
void site_table__print_legend(FILE *stream, const struct screen *screen,
			      const struct results *results);

#endif
