// SPDX-License-Identifier: GPL-2.0
/* Proofs: probes in short runs of their own, too costly for a timed one. */
#include "bpf/owner.h"

/* user_memcpy: a function whose third argument is a number of bytes. */
SEC("uprobe")
int BPF_KPROBE(user_memcpy)
{
	struct thread *thread = armed ? current_thread() : NULL;

	if (thread)
		count_site(thread->owner, SITE_USER_MEMCPY, PT_REGS_PARM3(ctx));
	return 0;
}

/* The number of the system call it is run by: user space finds kernel_stack_bytes with it. */
SEC("raw_tp")
int own_call(void *ctx)
{
	const struct pt_regs *regs = registers_of((void *)bpf_get_current_task());

	return regs ? syscall_number(regs) : -1;
}
