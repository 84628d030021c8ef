/* SPDX-License-Identifier: GPL-2.0 */
/* What another process has open. */
#ifndef HARNESS_DESCRIPTORS_H
#define HARNESS_DESCRIPTORS_H

#include <sys/types.h>

/*
 * Calls `visit` with a descriptor of ours for each socket of process `pid`, closed again after it
 * (pidfd_getfd, which wants the right to trace the process). 0; what `visit` returned, where that
 * is not 0, which ends it; or a negative errno without a line.
 */
int descriptors__each_socket(pid_t pid, int (*visit)(void *context, int socket), void *context);

#endif
