/* SPDX-License-Identifier: GPL-2.0 */
/* Tasks during which this kernel runs no BPF programs. */
#ifndef HARNESS_GAPS_H
#define HARNESS_GAPS_H

#include "doctor/diagnosis.h"

/* Takes a second; needs the tracer. */
void diagnosis__look_for_gaps(struct diagnosis *diagnosis);
/* Whether programs run while any task is on a processor, from what was seen during that time. */
void diagnosis__gaps(const struct diagnosis *diagnosis, struct finding *finding);

#endif
