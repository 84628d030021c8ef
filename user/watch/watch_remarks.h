/* SPDX-License-Identifier: GPL-2.0 */
/* Sentences below the table of watch, and names of its rows. */
#ifndef HARNESS_WATCH_REMARKS_H
#define HARNESS_WATCH_REMARKS_H

#include <stdio.h>

#include "watch/watch.h"

/* A row's name; a long one loses its middle, or with a command its end. "": it has none. */
void report__name(const struct account *account, char *text, size_t size);
/* Whether a site has a column. In watch_table.c. */
bool report__shows(const struct report *report, enum site site);
/* Whether the processor copies there, for the payload or for a tap. */
bool site__is_copy(enum site site);

/*
 * What there is to remark on all rows together, in the notes of `all`: once, however many rows it
 * is about. 0 or -ENOMEM; free it with account__reset().
 */
int watch_remarks__collect(const struct report *report, struct account *all);
/* 0 or -ENOMEM. */
int watch_remarks__print(FILE *stream, const struct report *report);

#endif
