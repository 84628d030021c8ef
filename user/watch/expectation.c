// SPDX-License-Identifier: GPL-2.0
#include "watch/expectation.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arguments.h"
#include "base/choices.h"
#include "output/json.h"
#include "watch/expectation_cause.h"

/* A sign precedes the signs that it begins with. */
static const struct {
	const char *sign;
	enum comparison comparison;
} signs[] = {
	{"==", COMPARE_EQUAL},	  {"!=", COMPARE_NOT_EQUAL}, {"<=", COMPARE_AT_MOST},
	{">=", COMPARE_AT_LEAST}, {"<", COMPARE_LESS},	     {">", COMPARE_MORE},
};

#define SIGNS (sizeof(signs) / sizeof(signs[0]))

static const char *sign_of(enum comparison comparison)
{
	for (size_t i = 0; i < SIGNS; i++)
		if (signs[i].comparison == comparison)
			return signs[i].sign;
	return "?";
}

static int bad(const char *item, size_t length, const char *what)
{
	return arguments__bad(
		"--expect '%.*s': %s; want NAME COMPARISON NUMBER, such as "
		"'copies_per_byte.send <= 1'",
		(int)length, item, what);
}

static const char *skip_space(const char *text)
{
	return text + strspn(text, " \t\n");
}

/* `item` ends at a comma or at the end of the text. */
static int parse_item(struct expectation *expectation, const char *item, size_t length)
{
	size_t name = strspn(item, "abcdefghijklmnopqrstuvwxyz_.0123456789");
	const char *rest = skip_space(item + name);
	size_t sign = 0;
	char *end;

	if (!name || name >= sizeof(expectation->name))
		return bad(item, length, "it begins with no name");
	memcpy(expectation->name, item, name);
	expectation->name[name] = '\0';
	while (sign < SIGNS && strncmp(rest, signs[sign].sign, strlen(signs[sign].sign)))
		sign++;
	if (sign == SIGNS)
		return bad(item, length, "no comparison (==, !=, <=, >=, <, >) follows the name");
	expectation->comparison = signs[sign].comparison;
	rest = skip_space(rest + strlen(signs[sign].sign));
	/* strtod() reads "inf", "nan" and hexadecimal numbers too */
	expectation->number = strtod(rest, &end);
	if (end == rest || strspn(rest, "+-.0123456789e") < (size_t)(end - rest) ||
	    !isfinite(expectation->number))
		return bad(item, length, "no number follows the comparison");
	if (skip_space(end) < item + length)
		return bad(item, length, "more follows the number");
	return 0;
}

int expectations__parse(struct expectations *expectations, const char *text)
{
	int err = 0;

	expectations->count = 0;
	while (!err) {
		const char *item = skip_space(text);
		size_t length = strcspn(item, ",");

		if (expectations->count == EXPECTATIONS_MAX)
			return arguments__bad("--expect: want at most %d expectations",
					      EXPECTATIONS_MAX);
		err = parse_item(&expectations->each[expectations->count++], item, length);
		if (!item[length])
			break;
		text = item + length + 1;
	}
	return err;
}

/* The value of a name in a row. A site's name alone means its bytes. */
static const json_t *value_at(const json_t *row, const char *name)
{
	const json_t *site = json_object_get(json_object_get(row, "sites"), name);

	return site ? json_object_get(site, "bytes") : json__at(row, name);
}

static bool is_both(const json_t *value)
{
	return json_object_size(value) == 2 && json_object_get(value, "send") &&
	       json_object_get(value, "receive");
}

/* Adds the names of a row's numbers: "sent_bytes", "copies_per_byte.send". */
static void add_names(struct choices *names, const json_t *row)
{
	const char *key, *part;
	json_t *value, *inner;

	json_object_foreach (json_object_get(row, "sites"), key, value)
		choices__add(names, "%s", key);
	json_object_foreach ((json_t *)row, key, value) {
		if (json_is_integer(value) || json_is_real(value) || is_both(value))
			choices__add(names, "%s", key);
		json_object_foreach (value, part, inner)
			if (is_both(value))
				choices__add(names, "%s.%s", key, part);
	}
}

int expectations__check_names(const struct expectations *expectations, const json_t *row)
{
	struct choices names = {.count = 0};
	char hint[CHOICE_SIZE + 32];

	for (size_t i = 0; i < expectations->count; i++) {
		const char *name = expectations->each[i].name;
		const json_t *value = value_at(row, name);

		if (json_is_number(value) || json_is_null(value) || is_both(value))
			continue;
		add_names(&names, row);
		return arguments__bad("--expect: the ledger has no number '%s'%s", name,
				      choices__hint(&names, name, hint, sizeof(hint)));
	}
	return 0;
}

static bool holds(const struct expectation *expectation, double value)
{
	switch (expectation->comparison) {
	case COMPARE_EQUAL:
		return value == expectation->number;
	case COMPARE_NOT_EQUAL:
		return value != expectation->number;
	case COMPARE_AT_MOST:
		return value <= expectation->number;
	case COMPARE_AT_LEAST:
		return value >= expectation->number;
	case COMPARE_LESS:
		return value < expectation->number;
	case COMPARE_MORE:
		return value > expectation->number;
	}
	return false;
}

/*
 * Judges one number of an expectation. `part` is ".send" or ".receive", or "" for a name of one
 * number.
 */
static void judge(const struct expectation *expectation, const char *part, const json_t *value,
		  const json_t *row, struct rulings *rulings)
{
	struct ruling ruling = {.outcome = RULING_UNMET};
	char name[EXPECTATION_NAME + 16];

	snprintf(name, sizeof(name), "%s%s", expectation->name, part);
	snprintf(ruling.expected, sizeof(ruling.expected), "%s %s %.12g", name,
		 sign_of(expectation->comparison), expectation->number);
	if (json_is_number(value))
		snprintf(ruling.found, sizeof(ruling.found), "%.12g", json_number_value(value));
	else
		snprintf(ruling.found, sizeof(ruling.found), "not known");
	if (json_is_number(value) && holds(expectation, json_number_value(value)))
		ruling.outcome = RULING_MET;
	else
		expectation_cause__find(row, name, ruling.cause, sizeof(ruling.cause));
	rulings__add(rulings, &ruling);
}

void expectations__judge(const struct expectations *expectations, const json_t *row,
			 struct rulings *rulings)
{
	for (size_t i = 0; i < expectations->count; i++) {
		const struct expectation *each = &expectations->each[i];
		const json_t *value = value_at(row, each->name);

		if (!is_both(value)) {
			judge(each, "", value, row, rulings);
			continue;
		}
		judge(each, ".send", json_object_get(value, "send"), row, rulings);
		judge(each, ".receive", json_object_get(value, "receive"), row, rulings);
	}
}
