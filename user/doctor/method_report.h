/* SPDX-License-Identifier: GPL-2.0 */
/* One method to count something: what it is called, and why it is closed. */
#ifndef HARNESS_METHOD_REPORT_H
#define HARNESS_METHOD_REPORT_H

#include "doctor/diagnosis.h"

/* Fills in name, verdict and why, from the method that is there. */
void method__report(const struct diagnosis *diagnosis, struct method_report *report);
/* Fills in what it costs beside what it counts. */
void method__cost(struct method_report *report);
/* Whether both are of the very same programs. */
bool method__is_same(const struct hook_method *a, const struct hook_method *b);
bool method_part__refused(const struct hook_part *part);

#endif
