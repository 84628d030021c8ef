/* SPDX-License-Identifier: GPL-2.0 */
/* One method of counting: its name, and why it is closed. */
#ifndef HARNESS_METHOD_REPORT_H
#define HARNESS_METHOD_REPORT_H

#include "doctor/diagnosis.h"

/* Fills in name, verdict and why, from `method`, which is set. */
void method__report(const struct diagnosis *diagnosis, struct method_report *report);
/* Fills in the costs of the method besides its counting. */
void method__cost(struct method_report *report);
/* Whether both methods have the same programs. */
bool method__is_same(const struct hook_method *a, const struct hook_method *b);
bool method_part__refused(const struct hook_part *part);

#endif
