/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The order of the runs. Pure: the same options, seed and repeat give the same order, so a session
 * can be resumed or repeated.
 */
#ifndef HARNESS_PLAN_H
#define HARNESS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run/options.h"

struct plan_run {
	size_t combination; /* of transport, size and threads, in the order of the lists */
	const struct transport *transport;
	size_t message_bytes;
	unsigned int threads;
	unsigned int repeat; /* from 1 */
	bool traced;
};

size_t plan__combinations(const struct options *options);

/* Runs of a combination in one repeat: with --baseline-runs two, else one. */
unsigned int plan__variants(const struct options *options);

/*
 * The runs of one repeat, of the combinations for which `wanted` is set; `runs` has room for all
 * variants of all combinations. Returns their number. Transports vary fastest, because they are
 * compared with each other. With options->shuffle the order is random. A baseline run is beside its
 * traced run; of runs so short that attaching takes longer, some in a row are beside theirs.
 */
size_t plan__repeat(const struct options *options, unsigned int repeat, const bool *wanted,
		    struct plan_run *runs);

#endif
