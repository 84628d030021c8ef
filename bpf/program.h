/* SPDX-License-Identifier: GPL-2.0 */
/* How a handler becomes a program. */
#ifndef HARNESS_BPF_PROGRAM_H
#define HARNESS_BPF_PROGRAM_H

/*
 * A tracepoint's program in two forms of one body: typed (tp_btf), and NAME_raw for kernels without
 * BTF of their own, where the arguments are bare words and everything is read through helpers
 * (FIELD).
 */
#define TRACEPOINT(name, event, args...)                                                           \
	static __always_inline int name##_handler(unsigned long long *ctx, ##args);                \
	_Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wint-conversion\"")      \
		SEC("tp_btf/" #event) int                                                          \
		name(unsigned long long *ctx)                                                      \
	{                                                                                          \
		return name##_handler(___bpf_ctx_cast(args));                                      \
	}                                                                                          \
	SEC("raw_tp/" #event) int name##_raw(unsigned long long *ctx)                              \
	{                                                                                          \
		return name##_handler(___bpf_ctx_cast(args));                                      \
	}                                                                                          \
	_Pragma("GCC diagnostic pop") static __always_inline int name##_handler(                   \
		unsigned long long *ctx, ##args)

#endif
