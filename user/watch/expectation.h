/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What --expect wants of a ledger: "copies_per_byte.send <= 1, deferred_copy == 0". A name is a
 * path into a row of the JSON document, or a site, which stands for its bytes. A name that leads to
 * send and receive stands for both.
 */
#ifndef HARNESS_EXPECTATION_H
#define HARNESS_EXPECTATION_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

#define EXPECTATION_NAME 64
#define EXPECTATIONS_MAX 32

enum comparison {
	COMPARE_EQUAL,
	COMPARE_NOT_EQUAL,
	COMPARE_AT_MOST,
	COMPARE_AT_LEAST,
	COMPARE_LESS,
	COMPARE_MORE,
};

struct expectation {
	char name[EXPECTATION_NAME];
	enum comparison comparison;
	double number;
};

struct expectations {
	struct expectation each[EXPECTATIONS_MAX];
	size_t count;
};

/* 0 or -EINVAL with one line on stderr. */
int expectations__parse(struct expectations *expectations, const char *text);

/* `row` has every key a row can have. -EINVAL with one line on stderr: a name leads to no number.
 */
int expectations__check_names(const struct expectations *expectations, const json_t *row);

/*
 * How many numbers of the row break an expectation; a line for each on `stream`, with the cause. An
 * unknown number breaks it.
 */
size_t expectations__broken(const struct expectations *expectations, const json_t *row,
			    FILE *stream);

#endif
