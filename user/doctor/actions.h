/* SPDX-License-Identifier: GPL-2.0 */
/* The actions that would change the findings: each action once, the most useful first. */
#ifndef HARNESS_ACTIONS_H
#define HARNESS_ACTIONS_H

#include "doctor/doctor.h"

/* First the actions for what is missing, then those for notes. The caller frees them. */
struct remarks actions__of(const struct doctor *doctor);

#endif
