// SPDX-License-Identifier: GPL-2.0
#include "base/number.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arguments.h"
#include "base/text.h"

static bool number__read(const char *text, const struct number_range *range, uint64_t *number)
{
	unsigned long long value;
	int shift = 0;
	char *end;

	/* strtoull() would take blanks and signs. */
	if (!isdigit((unsigned char)text[0]))
		return false;
	value = strtoull(text, &end, 10); /* an overflow gives the largest value, above any max */
	if (range->suffix && (*end == 'K' || *end == 'M'))
		shift = *end++ == 'K' ? 10 : 20;
	if (*end || value > range->max >> shift)
		return false;
	*number = value << shift;
	return *number >= range->min;
}

int number__parse(const char *text, const struct number_range *range, uint64_t *number)
{
	char max[TEXT_NUMBER];

	if (number__read(text, range, number))
		return 0;
	snprintf(max, sizeof(max), "%llu", (unsigned long long)range->max);
	if (range->suffix)
		text__size(max, range->max);
	return arguments__bad("--%s %s: want %s from %llu to %s%s", range->option, text,
			      range->noun, (unsigned long long)range->min, max,
			      range->suffix ? ", such as 1000, 64K or 1M" : "");
}

int number_list__add(struct number_list *list, const struct number_range *range, const char *item)
{
	uint64_t number;
	int err;

	err = number__parse(item, range, &number);
	if (err)
		return err;
	for (size_t i = 0; i < list->count; i++)
		if (list->value[i] == number)
			return arguments__bad(
				"--%s: %s is listed twice; want each once (--repeat repeats)",
				range->option, item);
	if (list->count == LIST_MAX)
		return arguments__bad("--%s: want at most %d items", range->option, LIST_MAX);
	list->value[list->count++] = number;
	return 0;
}

bool number__read_real(const char *text, const char *unit, double *number)
{
	size_t length = strspn(text, "0123456789.");
	char *end;

	if (!length || (text[length] && strcmp(text + length, unit)))
		return false;
	*number = strtod(text, &end);
	return end == text + length;
}

int number__parse_seconds(const char *option, const char *text, bool above, double min, double max,
			  double *seconds)
{
	if (number__read_real(text, "", seconds) && *seconds >= min && *seconds <= max &&
	    !(above && *seconds == 0))
		return 0;
	if (above)
		return arguments__bad(
			"--%s %s: want seconds above 0 and up to %.0f, such as 0.5 or 10", option,
			text, max);
	return arguments__bad("--%s %s: want seconds from %g to %.0f, such as 0.5", option, text,
			      min, max);
}

int list__walk(const char *option, const char *list, void *options,
	       int (*take)(void *options, const char *item))
{
	char *copy = strdup(list), *rest = copy, *item;
	int err = copy ? 0 : -ENOMEM;

	while (!err && (item = strsep(&rest, ",")))
		err = *item ? take(options, item)
			    : arguments__bad(
				      "--%s '%s': an item is empty; want items between single "
				      "commas",
				      option, list);
	free(copy);
	return err;
}
