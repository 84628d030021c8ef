/* SPDX-License-Identifier: GPL-2.0 */
/* What a tracer is made of. For the files of this room only. */
#ifndef HARNESS_TRACER_PARTS_H
#define HARNESS_TRACER_PARTS_H

#include <bpf/libbpf.h>

#include "harness.skel.h"
#include "tracer/hooks.h"
#include "tracer/symbols.h"
#include "tracer/tracer.h"

/* The kernel functions whose addresses the programs compare with. */
enum traced_symbol {
	SYMBOL_COPY_UBUFS,
	SYMBOL_TAPS,
	SYMBOL_TIMESTAMPS,
	SYMBOL_SENDMSG,
	SYMBOL_RECVMSG,
	SYMBOL_RING,
	SYMBOL_COUNT
};

struct tracer {
	struct tracer_options options;
	struct hooks hooks;
	struct harness_bpf *bpf;
	struct bpf_link *memcpy_link;
	struct bpf_link *links[PROGRAMS_MAX];
	unsigned long long missed_before[PROGRAMS_MAX];
	int cpus;
	bool knows_calls;			   /* in which system call a task is */
	struct symbol_range symbols[SYMBOL_COUNT]; /* valid once symbols__finish() has returned */
	struct symbols_reader symbols_reader;
};

struct bpf_program *tracer__program(const struct tracer *tracer, size_t i);

/* Starts reading the kernel's symbols, which goes on beside what the caller does. */
void loader__read_symbols(struct tracer *tracer);

/* Loads and attaches all that can be. 0 or a negative errno with one line on stderr. */
int loader__load(struct tracer *tracer);
void loader__unload(struct tracer *tracer);

#endif
