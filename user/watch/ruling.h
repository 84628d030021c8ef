/* SPDX-License-Identifier: GPL-2.0 */
/* What --expect and --baseline found, for people, for TAP and for JUnit. */
#ifndef HARNESS_RULING_H
#define HARNESS_RULING_H

#include <stddef.h>
#include <stdio.h>

enum ruling_outcome {
	RULING_MET,
	RULING_UNMET,
	RULING_SKIPPED, /* there is nothing to compare with */
};

struct ruling {
	enum ruling_outcome outcome;
	char expected[160]; /* "copies_per_byte.send <= 1" */
	char found[32];	    /* "1.5", "not known" */
	char cause[1024];   /* "": not known */
};

/* Zeroed it is empty; free it with rulings__free(). */
struct rulings {
	struct ruling *each;
	size_t count;
	int err; /* -ENOMEM: some are missing */
};

void rulings__add(struct rulings *rulings, const struct ruling *ruling);
size_t rulings__unmet(const struct rulings *rulings);
/* A line for each that is not met. */
void rulings__print(const struct rulings *rulings, FILE *stream);
void rulings__free(struct rulings *rulings);

/* In ruling_report.c. All of them, as TAP version 13 and as JUnit XML. */
void rulings__print_tap(const struct rulings *rulings, FILE *stream);
void rulings__print_junit(const struct rulings *rulings, FILE *stream);

#endif
