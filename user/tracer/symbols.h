/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's symbols, from /proc/kallsyms. The kernel makes that text anew for each reader, so it
 * is read once and kept.
 */
#ifndef HARNESS_SYMBOLS_H
#define HARNESS_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SYMBOL_NAME 64

struct symbol {
	uint64_t address;
	const char *name; /* points into the list's text */
	bool function;
	bool module; /* of a module, not of the kernel itself */
};

struct symbols {
	struct symbol *symbol; /* as listed: the kernel's own first, by address */
	size_t count;
	char *text;
	int err; /* why there are none: -ENODATA or another negative errno */
};

/* Starts to read the kernel's list beside what the caller does meanwhile. */
void symbols__start(void);

/* The kernel's list, read now unless it was. Kept until the process ends; empty on an error. */
const struct symbols *symbols__kernel(void);

/* Reads a listing. The result is the caller's; an error is in `err`. */
struct symbols symbols__read(FILE *file);
void symbols__free(struct symbols *symbols);

/* The address of a symbol of any kind, 0 if none has that name or the kernel hides addresses. */
uint64_t symbols__address(const struct symbols *symbols, const char *name);

struct symbol_range {
	const char *name;    /* in: the function */
	uint64_t start, end; /* out: [start, end), end being the next symbol; both 0 if not found */
};

/*
 * Fills in the ranges of these functions. 0, -EPERM when the kernel hides addresses
 * (kernel.kptr_restrict), or the list's error. A name that does not exist is no error.
 */
int symbols__ranges(const struct symbols *symbols, struct symbol_range *ranges, size_t count);

/*
 * The function of the kernel an address is in, suffixes that the compiler added (.constprop.0,
 * .isra.0) taken off; the address in hexadecimal where there is none. Reads the list anew for a
 * module's address, as modules come and go.
 */
void symbols__name_now(uint64_t address, char name[SYMBOL_NAME]);

#endif
