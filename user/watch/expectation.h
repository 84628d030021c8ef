/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The expectations of --expect: "copies_per_byte.send <= 1, deferred_copy == 0". A name is a path
 * into a row of the JSON document, or a site, which means the site's bytes. A name that leads to
 * send and receive means both.
 */
#ifndef HARNESS_EXPECTATION_H
#define HARNESS_EXPECTATION_H

#include <jansson.h>
#include <stddef.h>

#include "watch/ruling.h"

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

/* Parses the list of --expect. 0 or -EINVAL with one line on stderr. */
int expectations__parse(struct expectations *expectations, const char *text);

/*
 * `row` has every key that a row can have. -EINVAL with one line on stderr: a name leads to no
 * number.
 */
int expectations__check_names(const struct expectations *expectations, const json_t *row);

/* Adds a ruling for each number. A number that is not known breaks its expectation. */
void expectations__judge(const struct expectations *expectations, const json_t *row,
			 struct rulings *rulings);

#endif
