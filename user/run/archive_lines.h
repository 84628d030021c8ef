/* SPDX-License-Identifier: GPL-2.0 */
/* The lines of runs.jsonl, which may have been changed since they were written. */
#ifndef HARNESS_ARCHIVE_LINES_H
#define HARNESS_ARCHIVE_LINES_H

#include <jansson.h>

/*
 * An array of runs, each of another combination or repeat, or NULL with one line on stderr that
 * names file and line.
 */
json_t *archive_lines__parse(const char *text, size_t length, const char *file);

#endif
