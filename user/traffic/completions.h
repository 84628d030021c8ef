/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which MSG_ZEROCOPY sends have no completion yet. Pure: no system call.
 *
 * The kernel numbers a socket's successful sends from 0, with 32 bits that wrap (sk_zckey). It
 * completes them in ranges, usually but not always in order. Numbers here have 64 bits and never
 * wrap.
 */
#ifndef HARNESS_COMPLETIONS_H
#define HARNESS_COMPLETIONS_H

#include <stdbool.h>
#include <stdint.h>

#define COMPLETIONS_WINDOW 1024 /* most sends in flight; a power of two */

struct completions {
	uint64_t sent;			/* sends so far, and the number of the next one */
	uint64_t finished;		/* each send with a smaller number is complete */
	bool early[COMPLETIONS_WINDOW]; /* complete, by number modulo the window, from `finished` up
					 */
};

/* Adds a send that the kernel took. Not when completions__full(). */
void completions__add(struct completions *completions);
unsigned int completions__in_flight(const struct completions *completions);
bool completions__full(const struct completions *completions);

/*
 * Completes sends `first` to `last`, both included. Returns their number. -EPROTO, with nothing
 * changed: one of them is not in flight.
 */
int completions__finish(struct completions *completions, uint32_t first, uint32_t last);

#endif
