/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether the kernel preempts a task inside the kernel. It then also preempts BPF programs on
 * fentry, fexit and, since 7.0, tracepoints, and skips them for the next tasks on that processor
 * (bpf_prog->active).
 */
#ifndef HARNESS_PREEMPTION_H
#define HARNESS_PREEMPTION_H

#include <stdbool.h>

/*
 * `version` is uname's. With PREEMPT_DYNAMIC the mode is read from debugfs. `root` goes before the
 * path: "" except in tests. False, too, if the mode cannot be read.
 */
bool preemption__is_on(const char *root, const char *version);

/* The running kernel's. */
bool preemption__here(void);

#endif
