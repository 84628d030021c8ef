/* SPDX-License-Identifier: GPL-2.0 */
/* One way to count something: what it is called, and why it is closed. */
#ifndef HARNESS_WAY_REPORT_H
#define HARNESS_WAY_REPORT_H

#include "doctor/diagnosis.h"

/* Fills in name, verdict and why, from the way that is there. */
void way__report(const struct diagnosis *diagnosis, struct way_report *report);
/* Whether both are of the very same programs. */
bool way__is_same(const struct hook_way *a, const struct hook_way *b);
bool way_part__refused(const struct hook_part *part);

#endif
