/* SPDX-License-Identifier: GPL-2.0 */
/* What a thread has copied from a receive queue, until the bytes are counted. */
#ifndef HARNESS_BPF_TAKEN_H
#define HARNESS_BPF_TAKEN_H

#include "bpf/owner.h"

static __always_inline void end_reading(struct thread *thread)
{
	thread->copied = 0;
	thread->collapsed = 0;
	thread->from_hardware = 0;
	thread->from_program = 0;
}

/* Forgets the copies of a call on another socket that failed after them. */
static __always_inline void begin_reading(struct thread *thread, const struct sock *sk)
{
	if (thread->reading == (__u64)sk)
		return;
	end_reading(thread);
	thread->reading = (__u64)sk;
}

/* `taken`: of these bytes, not 0 unless all stay in the queue. */
static __always_inline void count_copies(struct tally *tally, const struct thread *thread,
					 __u64 bytes, bool taken)
{
	if (!bytes)
		return;
	add(&tally->site[SITE_RECEIVE_COPY], bytes, 1);
	if (thread->from_hardware)
		add(&tally->site[SITE_DMA_IN], thread->from_hardware, 1);
	if (thread->from_program && taken)
		add(&tally->extra[EXTRA_TUN_IN], thread->from_program, 1);
	if (thread->collapsed && taken) /* bytes that were peeked count when they are taken */
		add(&tally->extra[EXTRA_COLLAPSED], thread->collapsed, 1);
}

#endif
