/* SPDX-License-Identifier: GPL-2.0 */
/* --baseline: an earlier ledger of watch or run. No compared number may be worse than in it. */
#ifndef HARNESS_BASELINE_H
#define HARNESS_BASELINE_H

#include <jansson.h>

#include "watch/ruling.h"

#define TOLERANCE_DEFAULT 1 /* % */

struct baseline {
	json_t *document; /* owned; NULL: no baseline */
	const json_t *row;
	double tolerance; /* % of the payload */
};

/* Reads one document with one run. 0 or -EINVAL with one line on stderr. */
int baseline__read(struct baseline *baseline, const char *path, double tolerance);
/* As baseline__read(), from text; `path` is its name. Call baseline__free() also after an error. */
int baseline__parse(struct baseline *baseline, const char *text, size_t length, const char *path);
/* Judges the copies per byte of each direction, and each copy site's bytes per byte of payload. */
void baseline__judge(const struct baseline *baseline, const json_t *row, struct rulings *rulings);
void baseline__free(struct baseline *baseline);

#endif
