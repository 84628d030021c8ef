// SPDX-License-Identifier: GPL-2.0
#include "tracer/attempt.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct bpf_insn nothing[] = {
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
	{.code = BPF_JMP | BPF_EXIT},
};

static const enum bpf_attach_type traced_types[] = {
	[KIND_FENTRY] = BPF_TRACE_FENTRY,
	[KIND_FEXIT] = BPF_TRACE_FEXIT,
	[KIND_TRACEPOINT] = BPF_TRACE_RAW_TP,
};

static int refuse(struct refusal *refusal, enum refusal_code code, int error, const char *hook)
{
	*refusal = (struct refusal){.code = code, .error = error};
	snprintf(refusal->detail, sizeof(refusal->detail), "%s", hook);
	return error;
}

/* The BTF id that fentry, fexit or tp_btf attaches to; negative: the BTF has none. */
static int traced_target(const struct program *program, const struct btf *btf)
{
	bool tracepoint = program->kind == KIND_TRACEPOINT;
	char name[128];

	snprintf(name, sizeof(name), "%s%s", tracepoint ? "btf_trace_" : "", program->function);
	return btf__find_by_name_kind(btf, name, tracepoint ? BTF_KIND_TYPEDEF : BTF_KIND_FUNC);
}

/* fentry, fexit and tp_btf name their target at load: a load is the test. */
static int try_traced(const struct program *program, const struct btf *btf, struct refusal *refusal)
{
	bool tracepoint = program->kind == KIND_TRACEPOINT;
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = traced_types[program->kind]);
	int fd = traced_target(program, btf);

	if (fd < 0)
		return refuse(refusal, tracepoint ? REFUSAL_NO_TRACEPOINT : REFUSAL_NO_FUNCTION,
			      -ENOENT, "");
	opts.attach_btf_id = fd;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "try", "GPL", nothing, COUNT(nothing), &opts);
	return fd < 0 ? refuse(refusal, REFUSAL_BY_KERNEL, fd,
			       tracepoint ? "tp_btf" : "fentry/fexit")
		      : fd;
}

/*
 * Without BTF the tracepoint's name is given at open (BPF_RAW_TRACEPOINT_OPEN): an open is the
 * test.
 */
static int try_raw_tracepoint(const struct program *program, struct refusal *refusal)
{
	int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "try", "GPL", nothing, COUNT(nothing),
			       NULL);
	int link = fd;

	if (fd >= 0) {
		link = bpf_raw_tracepoint_open(program->function, fd);
		close(fd);
	}
	if (link == -ENOENT)
		return refuse(refusal, REFUSAL_NO_TRACEPOINT, link, "");
	return link < 0 ? refuse(refusal, REFUSAL_BY_KERNEL, link, "the raw tracepoint") : link;
}

/* A number about kprobe events that the kernel publishes; -1: there is none. */
static long kprobe_number(const char *name, const char *format)
{
	char path[128];
	FILE *file;
	long number = -1;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/kprobe/%s", name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, format, &number) != 1)
		number = -1;
	fclose(file);
	return number;
}

bool attempt__kernel_has_kprobes(void)
{
	return kprobe_number("type", "%ld") >= 0;
}

/* The target of a kprobe is given at open: an open is the test. */
static int try_probed(const struct program *program, struct refusal *refusal)
{
	struct perf_event_attr attr = {.size = sizeof(attr)};
	long type = kprobe_number("type", "%ld"), bit = -1;
	int fd;

	if (type < 0)
		return refuse(refusal, REFUSAL_NO_KPROBES, -ENOENT, "");
	if (program->kind == KIND_KRETPROBE)
		bit = kprobe_number("format/retprobe", "config:%ld");
	attr.type = type;
	attr.config = bit >= 0 ? 1ull << bit : 0;
	attr.kprobe_func = (uintptr_t)program->function;
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd >= 0)
		return fd;
	return refuse(refusal, REFUSAL_BY_KERNEL, -errno, hook_kind__name(program->kind));
}

/*
 * Since 6.14 (4346ba160409) fprobe keeps a return on the task's own stack. Before, it has a fixed
 * number of instances, and a send that sleeps holds one: other returns would be lost.
 */
static int try_multi(const struct program *program, const struct btf *btf, struct refusal *refusal)
{
	const char *function = program->function;
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_KPROBE_MULTI);
	LIBBPF_OPTS(bpf_link_create_opts, to, .kprobe_multi.flags = BPF_F_KPROBE_MULTI_RETURN,
		    .kprobe_multi.cnt = 1, .kprobe_multi.syms = &function);
	int fd, link;

	if (btf__find_by_name_kind(btf, "fprobe_hlist", BTF_KIND_STRUCT) < 0)
		return refuse(refusal, REFUSAL_NO_OWN_RETURNS, -EOPNOTSUPP, "");
	fd = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "try", "GPL", nothing, COUNT(nothing), &opts);
	if (fd < 0)
		return refuse(refusal, REFUSAL_BY_KERNEL, fd, hook_kind__name(program->kind));
	link = bpf_link_create(fd, 0, BPF_TRACE_KPROBE_MULTI, &to);
	close(fd);
	return link < 0 ? refuse(refusal, REFUSAL_BY_KERNEL, link, hook_kind__name(program->kind))
			: link;
}

static int try_it(const struct program *program, const struct btf *btf, bool own_btf,
		  struct refusal *refusal)
{
	if (program->kind == KIND_KPROBE || program->kind == KIND_KRETPROBE)
		return try_probed(program, refusal);
	if (program->kind == KIND_KRETPROBE_MULTI)
		return try_multi(program, btf, refusal);
	if (own_btf)
		return try_traced(program, btf, refusal);
	if (program->kind == KIND_TRACEPOINT)
		return try_raw_tracepoint(program, refusal);
	return refuse(refusal, REFUSAL_NOT_OWN_BTF, -EOPNOTSUPP, "");
}

int attempt__attach(const struct program *program, const struct btf *btf, bool own_btf,
		    struct refusal *refusal)
{
	int fd = try_it(program, btf, own_btf, refusal);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* Copies the last line of a verifier's log that is not its statistics. */
static void last_line(char *log, char *line, size_t size)
{
	char *rest = log, *at;

	while ((at = strsep(&rest, "\n")))
		if (*at && strncmp(at, "processed ", 10))
			snprintf(line, size, "%s", at);
}

void attempt__verifier_line(const struct program *program, const struct btf *btf, char *line,
			    size_t size)
{
	char log[4096] = "";
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_level = 1, .log_buf = log,
		    .log_size = sizeof(log));
	int fd;

	line[0] = '\0';
	fd = program->kind <= KIND_TRACEPOINT ? traced_target(program, btf) : -1;
	if (fd < 0)
		return;
	opts.attach_btf_id = fd;
	opts.expected_attach_type = traced_types[program->kind];
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "try", "GPL", nothing, COUNT(nothing), &opts);
	if (fd >= 0)
		close(fd);
	else
		last_line(log, line, size);
}
