/* SPDX-License-Identifier: GPL-2.0 */
/* The system calls of 32-bit programs on a 64-bit kernel. */
#ifndef HARNESS_COMPAT_CALLS_H
#define HARNESS_COMPAT_CALLS_H

/*
 * The number of the same call on this machine. `number`: as COMPAT_CALLS in bpf/shared.h. -1: none
 * of the calls that the programs of bpf/ need to know.
 */
int compat_call__native(int number);

#endif
