/* SPDX-License-Identifier: GPL-2.0 */
/* Sentences below the table of watch, and which rows of a report are shown. */
#ifndef HARNESS_WATCH_REMARKS_H
#define HARNESS_WATCH_REMARKS_H

#include <stdio.h>

#include "watch/watch.h"

/* How many rows there is room for. */
size_t report__rows(const struct report *report);
/* Whether a site has a column. In watch_table.c. */
bool report__shows(const struct report *report, enum site site);
/* Whether the processor copies there, for the payload or for a tap. */
bool site__is_copy(enum site site);

void watch_remarks__print(FILE *stream, const struct report *report);

#endif
