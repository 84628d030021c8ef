/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of a tracer, for the files of user/tracer only. */
#ifndef HARNESS_TRACER_PARTS_H
#define HARNESS_TRACER_PARTS_H

#include <bpf/libbpf.h>

#include "harness.skel.h"
#include "tracer/hooks.h"
#include "tracer/symbols.h"
#include "tracer/tracer.h"

/* Kernel functions whose addresses BPF programs compare with. */
enum traced_symbol {
	SYMBOL_COPY_UBUFS,
	SYMBOL_TAPS,
	SYMBOL_TIMESTAMPS,
	SYMBOL_SENDMSG,
	SYMBOL_RECVMSG,
	SYMBOL_RING,
	SYMBOL_TEXT,
	SYMBOL_TEXT_END,
	SYMBOL_ADJUST,
	SYMBOL_RECVMSG_LOCKED,
	SYMBOL_ZCRX,
	SYMBOL_BETWEEN,
	SYMBOL_READS = SYMBOL_BETWEEN + BETWEEN_COUNT,
	SYMBOL_COUNT = SYMBOL_READS + READS_COUNT
};

struct tracer {
	struct tracer_options options;
	struct hooks hooks;
	struct harness_bpf *bpf;
	struct bpf_link *memcpy_link;
	struct bpf_link *links[PROGRAMS_MAX];
	unsigned long long missed_before[PROGRAMS_MAX];
	int cpus;
	bool knows_calls; /* the system call that a task is in is known */
};

struct bpf_program *tracer__program(const struct tracer *tracer, size_t i);

/*
 * The number in the initial namespace, by which BPF programs know it, of a process of our PID
 * namespace. 0: there is no such process, or it cannot be found.
 */
__u32 namespace__number(struct tracer *tracer, pid_t pid);
/* 0, or -EOPNOTSUPP with one line on stderr: no process of this namespace can be followed. */
int namespace__check(struct tracer *tracer);

/* Loads and attaches all programs that it can. 0 or a negative errno with one line on stderr. */
int loader__load(struct tracer *tracer);
void loader__unload(struct tracer *tracer);

#endif
