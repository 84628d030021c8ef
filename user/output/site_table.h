/* SPDX-License-Identifier: GPL-2.0 */
/* Runs side by side: a row a site, a column a run. */
#ifndef HARNESS_SITE_TABLE_H
#define HARNESS_SITE_TABLE_H

#include "output/results.h"
#include "output/screen.h"

/* Prints runs that differ only in their transports. 0 or a negative errno. */
int site_table__print(FILE *stream, const struct screen *screen, const struct results *results);

/* The legend of the marks and pairs in these tables, in one line. */
void site_table__print_legend(FILE *stream, const struct screen *screen,
			      const struct results *results);

#endif
