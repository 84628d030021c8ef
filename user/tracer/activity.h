/* SPDX-License-Identifier: GPL-2.0 */
/* What a thread does in each system call, by the call's number on this machine. */
#ifndef HARNESS_ACTIVITY_H
#define HARNESS_ACTIVITY_H

#include "tracer/sites.h"

/* DOING_ELSEWHERE for a call that is not listed. */
enum activity activity__of_system_call(long number);

/* Whether and how the call sends; SENDS_NOTHING for a call that is not listed. */
enum sends sends__by_system_call(long number);

/* "send", "receive", "completions", "elsewhere": the keys of blocked_in. */
const char *activity__name(enum activity activity);

#endif
