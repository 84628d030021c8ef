/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HARNESS_PRIVILEGE_H
#define HARNESS_PRIVILEGE_H

#include <linux/capability.h>
#include <stdint.h>

/*
 * Whether this process may load tracing programs: CAP_SYS_ADMIN, or CAP_BPF with CAP_PERFMON.
 * 0, or -EPERM with one line on stderr that names what is missing.
 */
int privilege__check_bpf(void);

/* CAPABILITY(BPF) is the bit of CAP_BPF. */
#define CAPABILITY(name) (1ull << CAP_##name)

/* The effective capabilities, bit (1 << CAP_...) for each; none when the kernel does not say. */
uint64_t privilege__capabilities(void);

/* From here on this thread, and those it makes, have no other capabilities than these. */
void privilege__keep(uint64_t capabilities);

/*
 * Root becomes the user that called sudo, or else the one that owns nothing (65534), with no other
 * capabilities than these and no means of more. Without the privilege to become another user, or to
 * end what has become one, it stays root's, without capabilities. Clears PR_SET_PDEATHSIG.
 */
void privilege__drop(uint64_t capabilities);

#endif
