/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HARNESS_PRIVILEGE_H
#define HARNESS_PRIVILEGE_H

#include <stdint.h>

/*
 * Whether this process may load tracing programs: CAP_SYS_ADMIN, or CAP_BPF with CAP_PERFMON.
 * 0, or -EPERM with one line on stderr that names what is missing.
 */
int privilege__check_bpf(void);

/* The effective capabilities, bit (1 << CAP_...) for each; none when the kernel does not say. */
uint64_t privilege__capabilities(void);

#endif
