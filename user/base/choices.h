/* SPDX-License-Identifier: GPL-2.0 */
/* The valid words of an option or a command name, and the valid word nearest to a wrong one. */
#ifndef HARNESS_CHOICES_H
#define HARNESS_CHOICES_H

#include <stdbool.h>
#include <stddef.h>

#define CHOICES_MAX 128
#define CHOICE_SIZE 160

/* Owns its words; needs no free. Set `count` to 0 to begin. */
struct choices {
	size_t count;
	char word[CHOICES_MAX][CHOICE_SIZE];
};

/* A word beyond CHOICES_MAX is dropped; one beyond CHOICE_SIZE is cut. */
void choices__add(struct choices *choices, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "a, b, c" */
const char *choices__list(const struct choices *choices, char *text, size_t size);

/*
 * The edits between two words: characters inserted, removed or replaced, and neighbours swapped.
 * Upper and lower case are the same. A word longer than CHOICE_SIZE is far from every other.
 */
size_t choices__distance(const char *a, const char *b);

/*
 * The choice that `word` was probably meant to be: the nearest, with at most a third of its
 * characters different, or the only one with the prefix `word`. NULL when none is that near.
 */
const char *choices__nearest(const struct choices *choices, const char *word);

/* "; did you mean 'verify'?", or "" when no choice is near. */
const char *choices__hint(const struct choices *choices, const char *word, char *text, size_t size);

#endif
