/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The system call that the current task is in: its number and arguments. A 32-bit program has other
 * numbers, which are translated into those of this machine (user/tracer/compat_calls.c). On x86 it
 * also has other registers, and one call for all of sockets (socketcall).
 */
#ifndef HARNESS_BPF_SYSTEM_CALL_H
#define HARNESS_BPF_SYSTEM_CALL_H

#include "bpf/state.h"

#if defined(__TARGET_ARCH_x86)
#define TS_COMPAT 0x2 /* of thread_info.status, while in a system call of 32 bits */

static __always_inline bool is_compat_call(void)
{
	const struct task_struct *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
}

static __always_inline long call_number(const struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, orig_ax);
}

/* The number of a call by socketcall is in ebx, its arguments are in memory at ecx. */
static __always_inline long compat_call_number(const struct pt_regs *regs)
{
	__u64 number = call_number(regs);

	if (number == COMPAT_SOCKETCALL)
		number = COMPAT_SOCKETCALLS + (__u32)BPF_CORE_READ(regs, bx);
	return number < COMPAT_CALLS ? native_call[number] : -1;
}

static __always_inline __u64 compat_call_argument(const struct pt_regs *regs, int n)
{
	__u32 word = 0;

	if (call_number(regs) == COMPAT_SOCKETCALL) {
		__u64 words = (__u32)BPF_CORE_READ(regs, cx);

		bpf_probe_read_user(&word, sizeof(word), (void *)words + n * sizeof(word));
		return word;
	}
	switch (n) {
	case 0:
		return (__u32)BPF_CORE_READ(regs, bx);
	case 1:
		return (__u32)BPF_CORE_READ(regs, cx);
	case 2:
		return (__u32)BPF_CORE_READ(regs, dx);
	case 3:
		return (__u32)BPF_CORE_READ(regs, si);
	default:
		return (__u32)BPF_CORE_READ(regs, di);
	}
}

static __always_inline __u64 call_argument(const struct pt_regs *regs, int n)
{
	switch (n) {
	case 0:
		return BPF_CORE_READ(regs, di);
	case 1:
		return BPF_CORE_READ(regs, si);
	case 2:
		return BPF_CORE_READ(regs, dx);
	case 4:
		return BPF_CORE_READ(regs, r8);
	default:
		return BPF_CORE_READ(regs, r10); /* not cx: the syscall instruction clobbers it */
	}
}
#elif defined(__TARGET_ARCH_arm64)
#define TIF_32BIT 22 /* of thread_info.flags */

static __always_inline bool is_compat_call(void)
{
	const struct task_struct *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, thread_info.flags) & 1UL << TIF_32BIT;
}

static __always_inline long call_number(const struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, syscallno);
}

static __always_inline long compat_call_number(const struct pt_regs *regs)
{
	__u64 number = call_number(regs);

	return number < COMPAT_CALLS ? native_call[number] : -1;
}

static __always_inline __u64 call_argument(const struct pt_regs *regs, int n)
{
	/* regs[0] later holds the result; orig_x0 keeps the first argument */
	return n ? BPF_CORE_READ(regs, regs[n]) : BPF_CORE_READ(regs, orig_x0);
}

static __always_inline __u64 compat_call_argument(const struct pt_regs *regs, int n)
{
	return (__u32)call_argument(regs, n);
}
#else
#error "where does this machine keep a system call's number and arguments?"
#endif

/* The number on this machine, also of a 32-bit program's call. -1: none of those that are needed */
static __always_inline long syscall_number(const struct pt_regs *regs)
{
	return is_compat_call() ? compat_call_number(regs) : call_number(regs);
}

static __always_inline __u64 syscall_argument(const struct pt_regs *regs, int n)
{
	return is_compat_call() ? compat_call_argument(regs, n) : call_argument(regs, n);
}

#endif
