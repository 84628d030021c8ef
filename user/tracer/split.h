/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions that the compiler split or cloned. gcc moves a part of foo() to foo.part.0 when it
 * inlines the rest into callers of the same file. It makes foo.constprop.0 or foo.isra.0 for
 * callers whose arguments it knows. clang's ThinLTO renames foo to foo.llvm.123. A probe on foo
 * misses those callers.
 */
#ifndef HARNESS_SPLIT_H
#define HARNESS_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include "tracer/symbols.h"

#define SPLIT_PIECES_MAX 4

struct split {
	const char *function; /* in: the function */
	unsigned int plain;   /* symbols of exactly that name; more than 1: ambiguous */
	unsigned int pieces;  /* symbols such as "foo.part.0" */
	char piece[SPLIT_PIECES_MAX][SYMBOL_NAME]; /* the first of these */
};

/*
 * Whether the symbol is a piece or a clone of the function. foo.cold is not: it is entered through
 * foo.
 */
bool split__is_piece(const char *symbol, const char *function);

/* Finds each function and its pieces among the symbols. 0, or the error of reading the symbols. */
int split__find(const struct symbols *symbols, struct split *splits, size_t count);

/* Whether a probe on the function misses calls. */
bool split__incomplete(const struct split *split);
/* "the compiler split it: foo.part.0"; empty when it is whole. */
void split__describe(const struct split *split, char *text, size_t size);

#endif
