/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Context switches of followed threads, voluntary and not, and what a thread blocked in.
 *
 * The kernel's own counts decide: __schedule adds to nvcsw or nivcsw before the tracepoint on every
 * kernel, which is right where guessing from the state is not (signals, wake-ups on another CPU).
 * Only a thread's first switch, with nothing to compare to, goes by the arguments. No switch
 * interrupts another, so the counts need no bus lock.
 */

TRACEPOINT(sched_switch, sched_switch)
{
	struct task_struct *prev = (void *)ctx[1];
	__u64 nvcsw, voluntary;
	struct thread *thread;
	struct tally *tally;
	__u8 doing = DOING_ELSEWHERE;
	long number;

	if (!armed || !FIELD(prev, pid)) /* 0: the idle task */
		return 0;
	thread = thread_of(FIELD(prev, pid), FIELD(prev, tgid));
	if (!thread)
		return 0;
	nvcsw = FIELD(prev, nvcsw);
	if (thread->switched)
		voluntary = nvcsw != thread->nvcsw;
	else
		voluntary = !(ctx[0] & 0xff) && (sched_switch_args < 4 || word_at(ctx, 3));
	thread->nvcsw = nvcsw;
	thread->switched = 1;

	tally = tally_of(thread->owner);
	if (!tally)
		return 0;
	if (!voluntary) {
		tally->involuntary++;
		return 0;
	}
	number = task_system_call((void *)ctx[1]);
	if (number >= 0 && number < SYSCALLS)
		doing = activity_of[number];
	if (doing < DOING_COUNT)
		tally->voluntary[doing]++;
	return 0;
}
