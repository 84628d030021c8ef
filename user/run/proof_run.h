/* SPDX-License-Identifier: GPL-2.0 */
/*
 * --prove: before the timed runs, short runs in which other probes look for the effect of each
 * copy.
 */
#ifndef HARNESS_PROOF_RUN_H
#define HARNESS_PROOF_RUN_H

#include "ledger/proof.h"
#include "run/measure.h"

/*
 * Fills in a proof for each transport asked for. Where all of them agree the evidence of the proved
 * sites is exact in the runs that follow. 0 or a negative errno with one line on stderr; that a
 * kernel has no kprobes is no error, but the proofs' `why`.
 */
int proof__make(struct measure *measure, struct proof *proofs);

#endif
