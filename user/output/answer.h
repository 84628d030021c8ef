/* SPDX-License-Identifier: GPL-2.0 */
/* The answer, a sentence a transport: how many copies per byte, where, and what is surprising. */
#ifndef HARNESS_ANSWER_H
#define HARNESS_ANSWER_H

#include "output/results.h"
#include "output/screen.h"
#include "traffic/transport.h"

/* The requested transports, where known. */
struct asked {
	const struct transport *const *transport; /* borrowed */
	size_t count;
};

/*
 * In the order of the runs. A transport that was requested and has no run comes last, as "not run".
 */
void answer__print(FILE *stream, const struct screen *screen, const struct results *results,
		   const struct asked *asked);

#endif
