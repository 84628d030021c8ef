/* SPDX-License-Identifier: GPL-2.0 */
/* Runs a function in the network namespace of a watched process. */
#ifndef HARNESS_WATCH_NETNS_H
#define HARNESS_WATCH_NETNS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Calls `look` in the network namespace of the process, or in our own if it has ended or is 0.
 * Returns whether it was the process's.
 */
bool watch_netns__look(pid_t process, void (*look)(void *context), void *context);

#endif
