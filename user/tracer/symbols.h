/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel symbols, from /proc/kallsyms, read as a stream: nothing is kept. */
#ifndef HARNESS_SYMBOLS_H
#define HARNESS_SYMBOLS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol_range {
	const char *name;    /* in: the function */
	uint64_t start, end; /* out: [start, end), end being the next symbol; both 0 if not found */
};

/*
 * Fills in the ranges of these functions in a thread, for it takes tens of milliseconds. They must
 * not be touched until symbols__finish() has returned: 0, -EPERM when the kernel hides addresses
 * (kernel.kptr_restrict), or another negative errno. A name that does not exist is no error.
 * symbols__finish() may be called more than once; of a reader that is all zero it is -EINVAL.
 */
struct symbols_reader {
	struct symbol_range *ranges;
	size_t count;
	pthread_t thread;
	bool reads;
	int err;
};
void symbols__start(struct symbols_reader *reader, struct symbol_range *ranges, size_t count);
int symbols__finish(struct symbols_reader *reader);

/* The address of a symbol of any kind, 0 if the kernel lists none of that name or hides addresses.
 */
uint64_t symbol__address(const char *name);

/*
 * The function each address is in, suffixes the compiler added (.constprop.0, .isra.0) taken off;
 * the address in hexadecimal where there is none. `names` holds count strings of SYMBOL_NAME bytes.
 */
#define SYMBOL_NAME 64
int symbols__names(const uint64_t *addresses, size_t count, char (*names)[SYMBOL_NAME]);

#endif
