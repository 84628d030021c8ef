/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's symbols, from /proc/kallsyms. The kernel formats that text for each reader, so it is
 * read once and kept.
 */
#ifndef HARNESS_SYMBOLS_H
#define HARNESS_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SYMBOL_NAME  64
#define SYMBOL_PLACE 128 /* a name, and the module in brackets */

struct symbol {
	uint64_t address;
	const char *name; /* points into the list's text */
	bool function;
	const char *module; /* its name; NULL: in the kernel itself */
};

struct symbols {
	struct symbol *symbol; /* as listed: the kernel's own first, by address */
	size_t count;
	char *text;
	int err; /* 0, or why there are none: -ENODATA or another negative errno */
};

/* Starts a thread that reads the kernel's list. */
void symbols__start(void);

/* The kernel's list, read now if it was not. Kept until the process ends; empty on an error. */
const struct symbols *symbols__kernel(void);

/* Reads a listing. The caller owns the result; `err` has an error. */
struct symbols symbols__read(FILE *file);
void symbols__free(struct symbols *symbols);

/* The address of a symbol of any kind; 0: none has that name, or the kernel hides addresses. */
uint64_t symbols__address(const struct symbols *symbols, const char *name);

struct symbol_range {
	const char *name;    /* in: the function */
	uint64_t start, end; /* out: [start, end), end being the next symbol; both 0 if not found */
};

/*
 * Sets the ranges of these functions. 0; -EPERM: the kernel hides addresses (kernel.kptr_restrict);
 * or the list's error. A name that does not exist is not an error.
 */
int symbols__ranges(const struct symbols *symbols, struct symbol_range *ranges, size_t count);

/*
 * The name of the function that an address is in, without the compiler's suffixes (.constprop.0,
 * .isra.0); the address in hexadecimal if it is in none. A module's address reads the list again,
 * as modules come and go.
 */
void symbols__name_now(uint64_t address, char name[SYMBOL_NAME]);

/* As symbols__name_now(), with a module's name behind it: "nvme_tcp_recv_skb [nvme_tcp]". */
void symbols__place_now(uint64_t address, char place[SYMBOL_PLACE]);

#endif
