/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Estimates over the repeats of each combination: the median of every quantity, and an interval.
 * Made from the runs' JSON. Pure.
 */
#ifndef HARNESS_SUMMARY_H
#define HARNESS_SUMMARY_H

#include <jansson.h>

/* A new document, schema "harness.summary/1"; a row a combination, in the order they first appear.
 */
json_t *summary__json(const json_t *runs);
/* The same as CSV; the caller frees it. NULL without memory. */
char *summary__csv(const json_t *summary);

#endif
