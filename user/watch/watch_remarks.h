/* SPDX-License-Identifier: GPL-2.0 */
/* Sentences below the table of watch, and names of its rows. */
#ifndef HARNESS_WATCH_REMARKS_H
#define HARNESS_WATCH_REMARKS_H

#include <stdio.h>

#include "watch/watch.h"

/* A row's name, shortened in the middle, or for a command at the end. "": it has none. */
void report__name(const struct account *account, char *text, size_t size);
/* In watch_table.c. Whether a site has a column. */
bool report__shows(const struct report *report, enum site site);

/*
 * Collects the notes on all rows in `all`, each note once. 0 or -ENOMEM; free it with
 * account__reset().
 */
int watch_remarks__collect(const struct report *report, struct account *all);
/* Prints the notes and reasons. 0 or -ENOMEM. */
int watch_remarks__print(FILE *stream, const struct report *report);

#endif
