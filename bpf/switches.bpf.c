// SPDX-License-Identifier: GPL-2.0
/*
 * Context switches of followed threads, voluntary and not, and what a thread blocked in.
 *
 * The kernel's own count decides: on every kernel __schedule adds to nvcsw or nivcsw before the
 * tracepoint. The task's state is less reliable: a signal that is pending as a thread blocks makes
 * it 0. It decides only a thread's first switch, which has no earlier nvcsw.
 */
#include "bpf/owner.h"

/*
 * The thread blocks, by its state, which lasts until it is off the CPU: a wake-up waits for that.
 */
static __always_inline bool blocks(unsigned long long *ctx, const struct task_struct *prev)
{
	if (ctx[0] & 0xff) /* preempted */
		return false;
	if (sched_switch_args > 3)
		return word_at(ctx, 3);
	if (bpf_core_field_exists(prev->__state))
		return BPF_CORE_READ(prev, __state);
	return BPF_CORE_READ((const struct task_struct___long *)prev, state);
}

static __always_inline bool is_voluntary(unsigned long long *ctx, const struct task_struct *prev,
					 struct thread *thread)
{
	__u64 nvcsw = FIELD(prev, nvcsw);
	bool voluntary = thread->switched ? nvcsw != thread->nvcsw : blocks(ctx, prev);

	thread->nvcsw = nvcsw;
	thread->switched = 1;
	return voluntary;
}

/* What the thread was doing, by the system call it is in. */
static __always_inline __u8 activity(struct task_struct *task)
{
	const struct pt_regs *regs = registers_of(task);
	long number = regs ? syscall_number(regs) : -1;

	return number >= 0 && number < SYSCALLS ? activity_of[number] : DOING_ELSEWHERE;
}

TRACEPOINT(thread_switch, sched_switch)
{
	struct task_struct *prev = (void *)ctx[1];
	struct thread *thread;
	struct tally *tally;
	__u8 doing;

	if (!armed || !FIELD(prev, pid)) /* 0: the idle task */
		return 0;
	thread = thread_of(FIELD(prev, pid), FIELD(prev, tgid), false);
	tally = thread ? tally_of(thread->owner) : NULL;
	if (!tally)
		return 0;
	if (!is_voluntary(ctx, prev, thread)) {
		__sync_fetch_and_add(&tally->involuntary, 1);
		return 0;
	}
	doing = activity((void *)ctx[1]);
	if (doing < DOING_COUNT)
		__sync_fetch_and_add(&tally->voluntary[doing], 1);
	return 0;
}

/*
 * Tasks during which no program runs. A kernel may run no BPF program in a task (one cloud's does
 * so for the machine's agent). Then softirqs on top of the task are not seen either, and no miss is
 * counted. The switch to such a task is seen, because its predecessor is still current
 * (__schedule). The switch away from it is not. So on each CPU the task that was switched to must
 * be the next one that is switched from.
 */

/* The task that a CPU last switched to. */
struct running {
	__u32 seen, tid;
	__u32 number; /* number_in_pidns() of it */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct running);
} running SEC(".maps");

/* By number_in_pidns(): how often such a task ran. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, GAPS_MAX);
	__type(key, __u32);
	__type(value, __u64);
} gaps SEC(".maps");

TRACEPOINT(switch_gaps, sched_switch)
{
	struct task_struct *prev = (void *)ctx[1], *next = (void *)ctx[2];
	__u32 zero = 0;
	struct running *last = bpf_map_lookup_elem(&running, &zero);
	__u64 none = 0, *count;

	if (!armed || !last)
		return 0;
	if (last->seen && last->tid != (__u32)FIELD(prev, pid)) {
		bpf_map_update_elem(&gaps, &last->number, &none, BPF_NOEXIST);
		count = bpf_map_lookup_elem(&gaps, &last->number);
		if (count)
			__sync_fetch_and_add(count, 1);
	}
	last->seen = 1;
	last->tid = FIELD(next, pid);
	last->number = number_in_pidns(BPF_CORE_READ(next, thread_pid));
	return 0;
}
