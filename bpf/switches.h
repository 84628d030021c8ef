/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Context switches of followed threads, voluntary and not, and what a thread blocked in.
 *
 * The kernel's own counts decide: __schedule adds to nvcsw or nivcsw before the tracepoint on every
 * kernel, which is right where the state is not (a signal that is pending as a thread blocks makes
 * it 0). Only a thread's first switch, with nothing to compare to, goes by the state. No switch
 * interrupts another, so the counts need no bus lock.
 *
 * In a run the state is enough where it is an argument (5.18), and spares the look-up of the
 * thread: its threads get no signals.
 */

/* The state itself stays till the thread is off the processor: who wakes it waits for that. */
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

/* By the kernel's counts; false: nobody's thread. */
static __always_inline bool thread_switches(unsigned long long *ctx, const struct task_struct *prev,
					    __u32 *owner, bool *voluntary)
{
	struct thread *thread = thread_of(FIELD(prev, pid), FIELD(prev, tgid));
	__u64 nvcsw;

	if (!thread)
		return false;
	nvcsw = FIELD(prev, nvcsw);
	*voluntary = thread->switched ? nvcsw != thread->nvcsw : blocks(ctx, prev);
	thread->nvcsw = nvcsw;
	thread->switched = 1;
	*owner = thread->owner;
	return true;
}

static __always_inline int book_switch(struct tally *tally, struct task_struct *task,
				       bool voluntary)
{
	__u8 doing = DOING_ELSEWHERE;
	long number;

	if (!voluntary) {
		tally->involuntary++;
		return 0;
	}
	number = task_system_call(task);
	if (number >= 0 && number < SYSCALLS)
		doing = activity_of[number];
	if (doing < DOING_COUNT)
		tally->voluntary[doing]++;
	return 0;
}

TRACEPOINT(sched_switch, sched_switch)
{
	struct task_struct *prev = (void *)ctx[1];
	struct scratch *run;
	struct tally *tally;
	bool voluntary;
	__u32 owner;

	if (!armed || !FIELD(prev, pid)) /* 0: the idle task */
		return 0;
	if (scope || sched_switch_args < 4) {
		if (!thread_switches(ctx, prev, &owner, &voluntary))
			return 0;
		tally = tally_of(owner);
		return tally ? book_switch(tally, (void *)ctx[1], voluntary) : 0;
	}
	run = scratch_of_cpu();
	owner = run ? owner_of_process(FIELD(prev, tgid), run) : NOBODY;
	if (!run || owner == NOBODY)
		return 0;
	return book_switch(tally_in(run, owner), (void *)ctx[1], blocks(ctx, prev));
}
