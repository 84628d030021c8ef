/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The transport that makes the fewest copies, the one that takes the least CPU time a byte and the
 * fastest one, among runs with one message size and one number of threads. Made from the runs'
 * JSON. Pure.
 */
#ifndef HARNESS_ADVICE_H
#define HARNESS_ADVICE_H

#include <jansson.h>
#include <stdio.h>

#include "output/screen.h"
#include "run/options.h"

/*
 * New: "fewest_copies", "least_cpu" and "fastest"; each is null without a valid run. A rival is
 * undecided when the interval of its ratio to the best includes 1; the intervals of all pairs of
 * transports together have 95% (Bonferroni).
 */
json_t *advice__json(const struct options *options, const json_t *runs);

/* The same as sentences, and what each transport needs. */
void advice__print(FILE *stream, const struct screen *screen, const struct options *options,
		   const json_t *runs);

#endif
