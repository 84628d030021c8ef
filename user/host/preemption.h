/* SPDX-License-Identifier: GPL-2.0 */
/* Whether the kernel preempts a task inside the kernel. */
#ifndef HARNESS_PREEMPTION_H
#define HARNESS_PREEMPTION_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes the preemption model into `word`: "voluntary", "lazy", "PREEMPT_RT" ... `version` is
 * uname's, which has the model of the build. A kernel that selects it at boot (PREEMPT_DYNAMIC)
 * shows the choice in debugfs, to root. `root` goes before that path: "" except in tests. False:
 * there is no such word.
 */
bool preemption__model(const char *root, const char *version, char *word, size_t size);

/*
 * Whether the running kernel preempts BPF programs on fentry, fexit and, since 7.0, tracepoints. It
 * skips them for the next tasks on that processor (bpf_prog->active). False, too, if the model
 * cannot be read.
 */
bool preemption__is_on(const char *root);

#endif
