/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which MSG_ZEROCOPY sends have no completion yet. Pure: no system call.
 *
 * The kernel numbers the successful sends of a socket from 0 with 32 bits that wrap (sk_zckey) and
 * completes them in ranges, usually but not always in order. Here numbers have 64 bits and never
 * wrap.
 */
#ifndef HARNESS_COMPLETIONS_H
#define HARNESS_COMPLETIONS_H

#include <stdbool.h>
#include <stdint.h>

#define COMPLETIONS_WINDOW 1024 /* most sends in flight; a power of two */

struct completions {
	uint64_t sent;			/* sends so far, and the number of the next one */
	uint64_t finished;		/* every send below is complete */
	bool early[COMPLETIONS_WINDOW]; /* complete above finished, at its number modulo the window
					 */
};

/* The kernel took one more send. Not when completions__full(). */
void completions__add(struct completions *completions);
unsigned int completions__in_flight(const struct completions *completions);
bool completions__full(const struct completions *completions);

/*
 * The kernel completed first to last, both included. Returns how many sends that is, or -EPROTO,
 * with nothing changed, when one of them is not in flight: never sent, or complete already.
 */
int completions__finish(struct completions *completions, uint32_t first, uint32_t last);

#endif
