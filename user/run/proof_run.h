/* SPDX-License-Identifier: GPL-2.0 */
/*
 * --prove: short runs before the timed ones, in which other probes count the effect of each copy.
 */
#ifndef HARNESS_PROOF_RUN_H
#define HARNESS_PROOF_RUN_H

#include "ledger/proof.h"
#include "run/measure.h"

/*
 * Fills in a proof for each requested transport. Where all of them agree, the proved sites have
 * exact evidence in the following runs. 0 or a negative errno with one line on stderr. A kernel
 * without kprobes is no error; the proofs then have the reason in `why`.
 */
int proof__make(struct measure *measure, struct proof *proofs);

#endif
