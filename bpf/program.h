/* SPDX-License-Identifier: GPL-2.0 */
/* What each .bpf.c includes first: kernel types, libbpf's macros and those below. */
#ifndef HARNESS_BPF_PROGRAM_H
#define HARNESS_BPF_PROGRAM_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

/*
 * Defines a tracepoint's program. On a kernel with BTF user space loads it as tp_btf
 * (user/tracer/programs.c): its arguments are typed, and plain loads may read them. Else it stays a
 * raw tracepoint, whose arguments are words. `typed` says which.
 */
#define TRACEPOINT(name, event, args...)                                                           \
	static __always_inline int name##_handler(unsigned long long *ctx, ##args);                \
	_Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wint-conversion\"")      \
		SEC("raw_tp/" #event) int                                                          \
		name(unsigned long long *ctx)                                                      \
	{                                                                                          \
		return name##_handler(___bpf_ctx_cast(args));                                      \
	}                                                                                          \
	_Pragma("GCC diagnostic pop") static __always_inline int name##_handler(                   \
		unsigned long long *ctx, ##args)

/*
 * Reads one member of the struct that an argument points to. `plain`: by a load, if the argument is
 * typed (fentry, tp_btf); else by a helper, which takes as long as ten loads.
 */
#define READ(plain, pointer, member) ((plain) ? (pointer)->member : BPF_CORE_READ(pointer, member))

/* READ() in a tracepoint's program. */
#define FIELD(pointer, member) READ(typed, pointer, member)

#endif
