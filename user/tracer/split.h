/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions the compiler split or cloned. gcc moves a part of foo() to foo.part.0 when it inlines
 * the rest into callers of the same file, and makes foo.constprop.0 or foo.isra.0 for callers whose
 * arguments it knows; clang's ThinLTO renames to foo.llvm.123. Those callers pass a probe on foo
 * by.
 */
#ifndef HARNESS_SPLIT_H
#define HARNESS_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "tracer/symbols.h"

#define SPLIT_PIECES_MAX 4

struct split {
	const char *function; /* in */
	unsigned int plain;   /* symbols of just that name; more than 1: ambiguous */
	unsigned int pieces;  /* symbols such as "foo.part.0" */
	char piece[SPLIT_PIECES_MAX][SYMBOL_NAME]; /* the first of them */
};

/* Whether this symbol is a piece or clone of the function. foo.cold is not: one enters it by foo.
 */
bool split__is_piece(const char *symbol, const char *function);

/* Counts the symbols and pieces of each function in a kallsyms listing. 0 or a negative errno. */
int split__read(FILE *kallsyms, struct split *splits, size_t count);

/* A probe on it would not see every call. */
bool split__incomplete(const struct split *split);
/* "the compiler split it: foo.part.0"; empty when it is whole. */
void split__describe(const struct split *split, char *text, size_t size);

#endif
