// SPDX-License-Identifier: GPL-2.0
#include "tracer/programs.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *section; /* before the slash */
	const char *name;
	enum attach attach;
} kinds[] = {
	[KIND_FENTRY] = {"fentry", "fentry", ATTACH_FENTRY},
	[KIND_FEXIT] = {"fexit", "fexit", ATTACH_FENTRY},
	[KIND_TRACEPOINT] = {"raw_tp", "tracepoint", ATTACH_TRACEPOINT},
	[KIND_KPROBE] = {"kprobe", "kprobe", ATTACH_KPROBE},
	[KIND_KRETPROBE] = {"kretprobe", "kretprobe", ATTACH_KPROBE},
	[KIND_KRETPROBE_MULTI] = {"kretprobe.multi", "kretprobe.multi", ATTACH_KPROBE},
};
#define KINDS (sizeof(kinds) / sizeof(*kinds))

const char *hook_kind__name(enum hook_kind kind)
{
	return kinds[kind].name;
}

enum attach hook_kind__attach(enum hook_kind kind)
{
	return kinds[kind].attach;
}

/* Sets the hook and its kind from the section. false: the program attaches to nothing by itself. */
static bool program__describe(struct program *program, const struct bpf_program *bpf)
{
	const char *section = bpf_program__section_name(bpf);
	size_t length = strcspn(section, "/");

	if (!section[length])
		return false;
	for (size_t kind = 0; kind < KINDS; kind++) {
		if (strlen(kinds[kind].section) != length ||
		    strncmp(section, kinds[kind].section, length))
			continue;
		program->kind = kind;
		snprintf(program->name, sizeof(program->name), "%s", bpf_program__name(bpf));
		snprintf(program->function, sizeof(program->function), "%s", section + length + 1);
		return true;
	}
	return false;
}

/*
 * The order in which programs attach: the kernel runs the newest program of a function first.
 * time_* programs attach first at an entry and last at a return, so a clock starts after the
 * counting programs have run and stops before they run. Kretprobes attach before kprobes: a kprobe
 * must read the return address before the function's kretprobe replaces it by its trampoline.
 */
static int program__turn(const struct program *program)
{
	bool times = !strncmp(program->name, "time_", strlen("time_"));
	bool returns = program->kind == KIND_FEXIT || program->kind == KIND_KRETPROBE;

	if (times && !returns)
		return 0;
	if (program->kind == KIND_KRETPROBE &&
	    (!times || !strcmp(program->function, "skb_copy_ubufs")))
		return 1;
	return times ? 3 : 2;
}

static int by_turn(const void *a, const void *b)
{
	const struct program *left = a, *right = b;
	int turns = program__turn(left) - program__turn(right);

	return turns ?: strcmp(left->name, right->name);
}

int programs__read(struct programs *programs, struct bpf_object *object)
{
	struct bpf_program *bpf;

	programs->count = 0;
	bpf_object__for_each_program (bpf, object) {
		if (programs->count == PROGRAMS_MAX)
			return -E2BIG;
		if (program__describe(&programs->program[programs->count], bpf))
			programs->count++;
	}
	qsort(programs->program, programs->count, sizeof(programs->program[0]), by_turn);
	return 0;
}

int programs__find(const struct programs *programs, const char *name)
{
	for (size_t i = 0; i < programs->count; i++)
		if (!strcmp(programs->program[i].name, name))
			return i;
	return -1;
}

int program__make_typed(struct bpf_program *program, const char *tracepoint)
{
	int err = bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);

	if (!err)
		err = bpf_program__set_expected_attach_type(program, BPF_TRACE_RAW_TP);
	return err ?: bpf_program__set_attach_target(program, 0, tracepoint);
}

/* The type decides, not the section, which still says raw_tp for a tp_btf program. */
struct bpf_link *program__attach(const struct bpf_program *program, const char *function)
{
	LIBBPF_OPTS(bpf_kprobe_multi_opts, opts, .syms = &function, .cnt = 1, .retprobe = true);

	if (bpf_program__type(program) == BPF_PROG_TYPE_TRACING)
		return bpf_program__attach_trace(program);
	/* by its section libbpf (1.1) would read all of the kernel's symbols */
	if (bpf_program__expected_attach_type(program) == BPF_TRACE_KPROBE_MULTI)
		return bpf_program__attach_kprobe_multi_opts(program, NULL, &opts);
	return bpf_program__attach(program);
}
