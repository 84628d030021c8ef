/* SPDX-License-Identifier: GPL-2.0 */
/* Repeats and grids on a screen: a row a combination, then the comparisons. */
#ifndef HARNESS_COMBINATIONS_H
#define HARNESS_COMBINATIONS_H

#include <jansson.h>
#include <stdio.h>

#include "output/table.h"
#include "run/options.h"

/* Whether a transport has more than one run. */
bool combinations__several(const struct options *options);

/*
 * `runs`: JSON of all runs, those of earlier sessions included; the rows and comparisons use them.
 * `results`: the runs of this session, which the sentences describe. 0 or a negative errno.
 */
int combinations__print(FILE *stream, const struct view *view, const struct options *options,
			const json_t *runs, const struct results *results);

#endif
