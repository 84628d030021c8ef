/* SPDX-License-Identifier: GPL-2.0 */
/* What every .bpf.c includes first: the kernel's types, libbpf's macros, how a handler is a
 * program. */
#ifndef HARNESS_BPF_PROGRAM_H
#define HARNESS_BPF_PROGRAM_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

/*
 * A tracepoint's program. User space makes it a tp_btf program where the kernel has BTF of its own
 * (user/tracer/programs.c): then its arguments are typed and may be read by plain loads. Else it
 * stays a raw tracepoint, whose arguments are bare words (`typed`, READ).
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
 * One member of a record that an argument points to: `plain`, by a load, where the argument is
 * typed (fentry, tp_btf); else through a helper, which takes as long as ten loads.
 */
#define READ(plain, pointer, member) ((plain) ? (pointer)->member : BPF_CORE_READ(pointer, member))

/* The same for an argument of a tracepoint's program. */
#define FIELD(pointer, member) READ(typed, pointer, member)

#endif
