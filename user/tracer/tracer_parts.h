/* SPDX-License-Identifier: GPL-2.0 */
/* What a tracer is made of. For tracer.c and rows.c only. */
#ifndef HARNESS_TRACER_PARTS_H
#define HARNESS_TRACER_PARTS_H

#include <bpf/libbpf.h>

#include "harness.skel.h"
#include "tracer/hooks.h"
#include "tracer/symbols.h"
#include "tracer/tracer.h"

/* The kernel functions that are told apart by return addresses, or called through pointers. */
enum traced_symbol {
	SYMBOL_COPY_UBUFS,
	SYMBOL_TAPS,
	SYMBOL_TIMESTAMPS,
	SYMBOL_SENDMSG,
	SYMBOL_RECVMSG,
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
	enum lending lending[RUN_OWNERS], lending_of_all;
	bool sockets_hidden; /* those of a process cannot be had: what sees its sends stays */
	struct symbol_range symbols[SYMBOL_COUNT]; /* valid once symbols__finish() has returned */
	struct symbols_reader symbols_reader;
};

#endif
