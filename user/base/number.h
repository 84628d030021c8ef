/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers as options take them, and comma-separated lists. An error is one line on stderr. */
#ifndef HARNESS_NUMBER_H
#define HARNESS_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIST_MAX   64		/* items of one list */
#define NUMBER_MAX (1ull << 53) /* exact in JSON, where many readers take numbers for doubles */

struct number_list {
	uint64_t value[LIST_MAX];
	size_t count;
};

struct number_range {
	const char *option; /* without dashes */
	const char *noun;   /* "bytes", in the message */
	uint64_t min, max;
	bool suffix; /* K and M, binary */
};

/* All return 0 or -EINVAL. */
int number__parse(const char *text, const struct number_range *range, uint64_t *number);
/* Adds a number that the list does not have yet. */
int number_list__add(struct number_list *list, const struct number_range *range, const char *item);

/* Digits and a point, then `unit`: no sign, exponent, infinity or hexadecimal. Writes no line. */
bool number__read_real(const char *text, const char *unit, double *number);
/* Seconds from `min` to `max`; `min` itself is allowed unless it is 0 and `above` is set. */
int number__parse_seconds(const char *option, const char *text, bool above, double min, double max,
			  double *seconds);

/* Calls `take` for each item of a comma-separated list until one fails; -ENOMEM too. */
int list__walk(const char *option, const char *list, void *options,
	       int (*take)(void *options, const char *item));

#endif
