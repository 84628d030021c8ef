// SPDX-License-Identifier: GPL-2.0
#include "base/choices.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "base/text.h"

#define PREFIX_MIN 3 /* shorter prefixes fit too many words */

void choices__add(struct choices *choices, const char *format, ...)
{
	va_list args;

	if (choices->count == CHOICES_MAX)
		return;
	va_start(args, format);
	vsnprintf(choices->word[choices->count++], CHOICE_SIZE, format, args);
	va_end(args);
}

const char *choices__list(const struct choices *choices, char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < choices->count; i++)
		text__append(text, size, "%s%s", i ? ", " : "", choices->word[i]);
	return text;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* A row has the distances of a's first i characters to each prefix of b. */
size_t choices__distance(const char *a, const char *b)
{
	size_t rows[3][CHOICE_SIZE + 1], *before = rows[0], *last = rows[1], *row = rows[2], *spare;
	size_t length = strlen(b);

	if (strlen(a) > CHOICE_SIZE || length > CHOICE_SIZE)
		return CHOICE_SIZE;
	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		spare = before;
		before = last;
		last = row;
		row = spare;
		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			row[j] = MIN(last[j], row[j - 1]) + 1;
			row[j] = MIN(row[j], last[j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				row[j] = MIN(row[j], before[j - 2] + 1);
		}
	}
	return row[length];
}

/* The only choice with the prefix `word`; NULL when none or several have it. */
static const char *choices__with_prefix(const struct choices *choices, const char *word)
{
	const char *match = NULL;
	size_t length = strlen(word);

	if (length < PREFIX_MIN)
		return NULL;
	for (size_t i = 0; i < choices->count; i++) {
		if (strncasecmp(choices->word[i], word, length))
			continue;
		if (match)
			return NULL;
		match = choices->word[i];
	}
	return match;
}

const char *choices__nearest(const struct choices *choices, const char *word)
{
	size_t least = MAX(strlen(word) / 3, 1) + 1, distance;
	const char *nearest = NULL;

	for (size_t i = 0; i < choices->count; i++) {
		distance = choices__distance(word, choices->word[i]);
		/* a word without a character of the choice is not near, however short the choice */
		if (distance < least && distance < strlen(choices->word[i])) {
			least = distance;
			nearest = choices->word[i];
		}
	}
	return nearest ?: choices__with_prefix(choices, word);
}

const char *choices__hint(const struct choices *choices, const char *word, char *text, size_t size)
{
	const char *nearest = choices__nearest(choices, word);

	text[0] = '\0';
	if (nearest)
		snprintf(text, size, "; did you mean '%s'?", nearest);
	return text;
}
