/* SPDX-License-Identifier: GPL-2.0 */
/* --baseline: an earlier ledger of watch or run, than which none may be worse. */
#ifndef HARNESS_BASELINE_H
#define HARNESS_BASELINE_H

#include <jansson.h>

#include "watch/ruling.h"

#define TOLERANCE_DEFAULT 1 /* % */

struct baseline {
	json_t *document; /* owned; NULL: none was asked for */
	const json_t *row;
	double tolerance; /* % of the payload */
};

/* One document with one run. 0 or -EINVAL with one line on stderr. */
int baseline__read(struct baseline *baseline, const char *path, double tolerance);
/* The same of a text that was read; `path` is its name. baseline__free() either way. */
int baseline__parse(struct baseline *baseline, const char *text, size_t length, const char *path);
/* Copies per byte of each direction, and each copy site's bytes for a byte of its direction. */
void baseline__judge(const struct baseline *baseline, const json_t *row, struct rulings *rulings);
void baseline__free(struct baseline *baseline);

#endif
