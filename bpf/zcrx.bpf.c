// SPDX-License-Identifier: GPL-2.0
/*
 * Zero-copy receive of io_uring: what it copied because the payload was not in its own area. The
 * reads themselves are counted where copied_seq moves (receive.bpf.c); their other bytes were
 * mapped.
 */
#include "bpf/owner.h"

static __always_inline int note_zcrx_copy(__s64 result)
{
	struct thread *thread = armed && result > 0 ? current_thread() : NULL;

	if (thread)
		thread->zcrx_copied += result;
	return 0;
}

/* A positive result is what was copied and given to the program. */
SEC("fexit/io_zcrx_copy_chunk")
int zcrx_copy_exit(unsigned long long *ctx)
{
	return note_zcrx_copy(word_at(ctx, zcrx_copy_args));
}

/* The function does not sleep, so a kretprobe instance is nearly always free. */
SEC("kretprobe/io_zcrx_copy_chunk")
int zcrx_copy_return(struct pt_regs *ctx)
{
	return note_zcrx_copy(PT_REGS_RC(ctx));
}
