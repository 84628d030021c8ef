/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The BPF programs of bpf/ and, from their sections (SEC), the kernel function or tracepoint that
 * each attaches to, and how.
 */
#ifndef HARNESS_PROGRAMS_H
#define HARNESS_PROGRAMS_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stddef.h>

#include "tracer/attach.h"

enum hook_kind {
	KIND_FENTRY,
	KIND_FEXIT,
	KIND_TRACEPOINT,
	KIND_KPROBE,
	KIND_KRETPROBE,
	KIND_KRETPROBE_MULTI, /* the return is kept on the task's own stack (fprobe) */
};

/* "fentry", "fexit", "tracepoint", "kprobe", "kretprobe", "kretprobe.multi"; never NULL. */
const char *hook_kind__name(enum hook_kind kind);
enum attach hook_kind__attach(enum hook_kind kind);

struct program {
	char name[32];
	char function[64]; /* kernel function or tracepoint */
	enum hook_kind kind;
};

#define PROGRAMS_MAX 128

struct programs {
	struct program program[PROGRAMS_MAX]; /* in the order in which they are to attach */
	size_t count;
};

/*
 * Reads each program of the object that attaches by its section. 0, or -E2BIG: raise PROGRAMS_MAX.
 */
int programs__read(struct programs *programs, struct bpf_object *object);

/* The index of the program of this name; -1 if there is none. */
int programs__find(const struct programs *programs, const char *name);

/*
 * Before load: makes a tracepoint's program a tp_btf program, whose arguments are typed. Only on a
 * kernel with BTF of its own. 0 or a negative errno.
 */
int program__make_typed(struct bpf_program *program, const char *tracepoint);

/* After load: attaches the program to its function. NULL and errno on failure. */
struct bpf_link *program__attach(const struct bpf_program *program, const char *function);

#endif
