/* SPDX-License-Identifier: GPL-2.0 */
/* The results of --expect and --baseline, as text, TAP and JUnit XML. */
#ifndef HARNESS_RULING_H
#define HARNESS_RULING_H

#include <stddef.h>
#include <stdio.h>

enum ruling_outcome {
	RULING_MET,
	RULING_UNMET,
	RULING_SKIPPED, /* nothing to compare with */
};

struct ruling {
	enum ruling_outcome outcome;
	char expected[160]; /* "copies_per_byte.send <= 1" */
	char found[32];	    /* "1.5" or "not known" */
	char cause[1024];   /* "": not known */
};

/* Empty if zeroed; free it with rulings__free(). */
struct rulings {
	struct ruling *each;
	size_t count;
	int err; /* -ENOMEM: some are missing */
};

void rulings__add(struct rulings *rulings, const struct ruling *ruling);
size_t rulings__unmet(const struct rulings *rulings);
/* Prints a line for each ruling that is not met. */
void rulings__print(const struct rulings *rulings, FILE *stream);
void rulings__free(struct rulings *rulings);

/* In ruling_report.c: prints all rulings, as TAP version 13 and as JUnit XML. */
void rulings__print_tap(const struct rulings *rulings, FILE *stream);
void rulings__print_junit(const struct rulings *rulings, FILE *stream);

#endif
