/* SPDX-License-Identifier: GPL-2.0 */
/* Whether a program can attach: tried with a program of two instructions. */
#ifndef HARNESS_ATTEMPT_H
#define HARNESS_ATTEMPT_H

#include <bpf/btf.h>
#include <stdbool.h>
#include <stddef.h>

#include "tracer/programs.h"
#include "tracer/refusal.h"

/*
 * 0, or a negative errno and why the kernel refused. `own_btf`: `btf` is the kernel's own, so that
 * fentry and tp_btf may work.
 */
int attempt__attach(const struct program *program, const struct btf *btf, bool own_btf,
		    struct refusal *refusal);

/* Whether this kernel has kprobes at all. */
bool attempt__kernel_has_kprobes(void);

/*
 * What the verifier adds to the refusal of fentry, fexit or tp_btf: the last line of its log, from
 * another try. Empty when it says nothing.
 */
void attempt__verifier_line(const struct program *program, const struct btf *btf, char *line,
			    size_t size);

#endif
