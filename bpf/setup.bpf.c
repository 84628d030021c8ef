// SPDX-License-Identifier: GPL-2.0
/* What user space runs once, by bpf(BPF_PROG_TEST_RUN), before counting begins. */
#include "bpf/owner.h"

/*
 * The harness's PID namespace. BPF programs know a process by its number in the initial namespace.
 * In the harness's namespace it may have another number, and another process may have that one.
 */

#define XA_LEVELS 6 /* of 6 bits each: enough for any PID */

/* `sought`: a process's number in that namespace; `found`: its number in the initial one, or 0. */
volatile __u32 sought = 0, found = 0;

/* The struct pid of a number in a namespace, from its idr, an xarray (include/linux/xarray.h). */
static __always_inline const struct pid *pid_of(const struct pid_namespace *ns, __u32 number)
{
	__u64 entry = (__u64)BPF_CORE_READ(ns, idr.idr_rt.xa_head), slot;
	const struct xa_node *node;

	for (int i = 0; i < XA_LEVELS; i++) {
		if ((entry & 3) != 2) /* no node */
			break;
		node = (void *)(entry - 2);
		slot = number >> (BPF_CORE_READ(node, shift) & 31) & 63;
		bpf_core_read(&entry, sizeof(entry), &node->slots[0] + slot);
	}
	return (void *)entry;
}

/* The current task is the harness, which runs it. */
SEC("raw_tp")
int find_process(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	const struct pid *pid = BPF_CORE_READ(task, thread_pid);
	const struct upid *number = &pid->numbers[0];

	pidns_level = BPF_CORE_READ(pid, level);
	number += pidns_level;
	pidns = (__u64)BPF_CORE_READ(number, ns);
	pid = pid_of((void *)pidns, sought);
	/* it is the right pid if its number in this namespace is `sought` */
	found = number_in_pidns(pid) == sought ? BPF_CORE_READ(pid, numbers[0].nr) : 0;
	return 0;
}

/* The clock of the harness may be another time namespace's. */
SEC("raw_tp")
int note_time(void *ctx)
{
	armed_at = bpf_ktime_get_ns();
	return 0;
}

/*
 * Returns the number of the system call that runs it, or -1: user space tests values of
 * kernel_stack_bytes by it.
 */
SEC("raw_tp")
int own_call(void *ctx)
{
	const struct pt_regs *regs = registers_of((void *)bpf_get_current_task());

	return regs ? syscall_number(regs) : -1;
}
