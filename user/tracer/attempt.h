/* SPDX-License-Identifier: GPL-2.0 */
/* Tests whether a program can attach, with a program of two instructions. */
#ifndef HARNESS_ATTEMPT_H
#define HARNESS_ATTEMPT_H

#include <bpf/btf.h>
#include <stdbool.h>
#include <stddef.h>

#include "tracer/programs.h"
#include "tracer/refusal.h"

/*
 * 0, or a negative errno with the kernel's reason in *refusal. `own_btf`: `btf` is the kernel's
 * own, so fentry and tp_btf may work.
 */
int attempt__attach(const struct program *program, const struct btf *btf, bool own_btf,
		    struct refusal *refusal);

/* Whether this kernel has kprobes at all. */
bool attempt__kernel_has_kprobes(void);

/*
 * The last line of the verifier's log when fentry, fexit or tp_btf is refused, from a new attempt;
 * "" if the log is empty.
 */
void attempt__verifier_line(const struct program *program, const struct btf *btf, char *line,
			    size_t size);

#endif
