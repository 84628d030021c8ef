/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which transport makes the fewest copies, takes the least CPU time a byte and is the fastest, of
 * runs with one message size and one number of threads. Made from the runs' JSON. Pure.
 */
#ifndef HARNESS_ADVICE_H
#define HARNESS_ADVICE_H

#include <jansson.h>
#include <stdio.h>

#include "output/screen.h"
#include "run/options.h"

/*
 * New: "fewest_copies", "least_cpu" and "fastest", each null where no valid run says. A rival is
 * undecided when the interval of its ratio to the best holds 1; the intervals of all pairs
 * of transports together have 95% (Bonferroni).
 */
json_t *advice__json(const struct options *options, const json_t *runs);

/* The same as sentences, and what each transport needs. */
void advice__print(FILE *stream, const struct screen *screen, const struct options *options,
		   const json_t *runs);

#endif
