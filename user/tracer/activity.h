/* SPDX-License-Identifier: GPL-2.0 */
/* What a thread does in each system call. */
#ifndef HARNESS_ACTIVITY_H
#define HARNESS_ACTIVITY_H

#include "tracer/sites.h"

/* By the number of the call on this machine; DOING_ELSEWHERE for any other. */
enum activity activity__of_system_call(long number);

/* Whether and how the call sends; SENDS_NOTHING for any other. */
enum sends sends__by_system_call(long number);

/* "send", "receive", "completions", "elsewhere": the keys of blocked_in. */
const char *activity__name(enum activity activity);

#endif
