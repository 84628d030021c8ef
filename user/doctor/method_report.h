/* SPDX-License-Identifier: GPL-2.0 */
/* One attach method of a group: its name, and why it cannot be used. */
#ifndef HARNESS_METHOD_REPORT_H
#define HARNESS_METHOD_REPORT_H

#include "doctor/diagnosis.h"

/* Fills in name, verdict and why, from `method`, which is set. */
void method__report(const struct diagnosis *diagnosis, struct method_report *report);
/* Fills in what the method costs besides its counting. */
void method__cost(struct method_report *report);
/* Whether both methods have the same programs. */
bool method__is_same(const struct hook_method *a, const struct hook_method *b);
bool method_program__refused(const struct method_program *part);

#endif
