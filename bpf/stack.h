/* SPDX-License-Identifier: GPL-2.0 */
/* Finds the caller of skb_copy_ubufs: the return address above it on the stack. */
#ifndef HARNESS_BPF_STACK_H
#define HARNESS_BPF_STACK_H

#include "bpf/waiting.h"

/*
 * The index in scratch->stack of the first address in skb_copy_ubufs; STACK_DEPTH: none. Not
 * inlined, so that the verifier checks it once.
 */
__noinline __u32 entry_in_copy_ubufs(void)
{
	struct scratch *scratch = scratch_of_cpu();

	for (__u32 i = 0; scratch && i < STACK_DEPTH; i++)
		if (scratch->stack[i] >= copy_ubufs_start && scratch->stack[i] < copy_ubufs_end)
			return i;
	return STACK_DEPTH;
}

/*
 * Walks the stack into scratch->stack, `room` bytes at most. Returns the index of skb_copy_ubufs;
 * STACK_DEPTH: it is not there, or it is the last.
 */
static __always_inline __u32 walk(void *ctx, struct scratch *scratch, __u32 room)
{
	long bytes = bpf_get_stack(ctx, scratch->stack, room, 0);
	__u32 at = entry_in_copy_ubufs();

	return at < STACK_DEPTH - 1 && (at + 2) * (long)sizeof(__u64) <= bytes ? at : STACK_DEPTH;
}

/*
 * A walk takes microseconds, as long as the copy of a packet, so a walk is remembered. The
 * functions between skb_copy_ubufs and the program are the same each time, and each return address
 * is at the same distance from the program's context, which is on that stack. So a walk is kept as
 * (distance, address) pairs. A stack with these addresses at these distances needs no walk.
 *
 * This is exact. The first address is the return address of the function that holds the context. A
 * return address determines the frame size of its function (an unwinder's tables rely on this), and
 * so the place of the next one, up to those in skb_copy_ubufs and in its caller.
 */

/*
 * The index of this address in scratch->words; STACK_WORDS: not there, or there twice. The loop has
 * no branch for a match, as each would double the verifier's paths.
 */
__noinline __u32 only_place(__u64 address)
{
	struct scratch *scratch = scratch_of_cpu();
	__u32 places = 0, count = 0;

	for (__u32 i = 0; scratch && i < STACK_WORDS; i++) {
		__u64 differs = scratch->words[i] ^ address;
		__u32 here = (~differs & (differs - 1)) >> 63; /* differs == 0 */

		count += here;
		places += here * i;
	}
	return count == 1 ? places : STACK_WORDS;
}

/*
 * Remembers the walk in scratch->stack, where skb_copy_ubufs has the index `at`. scratch->words has
 * the words of that stack.
 */
__noinline int remember(__u32 at)
{
	struct scratch *scratch = scratch_of_cpu();
	__u32 count = 0, place = 0, next;

	if (!scratch)
		return 0;
	scratch->known_count = 0;
	for (__u32 i = 0; i < STACK_DEPTH && i <= at + 1; i++) {
		next = only_place(scratch->stack[i]);
		if (next == STACK_WORDS && !count)
			continue; /* below the context */
		if (next == STACK_WORDS || next < place || count >= STACK_DEPTH)
			return 0;
		place = next;
		scratch->known[count].place = place;
		scratch->known[count].address = scratch->stack[i];
		count++;
	}
	scratch->known_count = count;
	return 0;
}

/*
 * The caller: the word at the last remembered place, if all other remembered addresses are at their
 * places on this stack; else 0. At least `fewest` addresses must be remembered.
 */
__noinline __u64 recall(__u32 fewest)
{
	struct scratch *scratch = scratch_of_cpu();
	__u64 word = 0;

	if (!scratch || scratch->known_count < fewest)
		return 0;
	for (__u32 i = 0; i < STACK_DEPTH && i < scratch->known_count; i++) {
		bpf_probe_read_kernel(
			&word, sizeof(word),
			(void *)(scratch->context + scratch->known[i].place * sizeof(word)));
		if (i + 1 == scratch->known_count)
			return word;
		if (word != scratch->known[i].address)
			return 0;
	}
	return 0;
}

/*
 * Reads the stack from `ctx` up. A softirq's stack may end sooner, at a guard page: then half is
 * read, and the rest is 0.
 */
static __always_inline void read_words(void *ctx, struct scratch *scratch)
{
	if (bpf_probe_read_kernel(scratch->words, sizeof(scratch->words), ctx))
		bpf_probe_read_kernel(scratch->words, sizeof(scratch->words) / 2, ctx);
}

/* As walk(), and remembers the walk. */
static __always_inline __u32 walk_anew(void *ctx, struct scratch *scratch, __u32 room)
{
	__u32 at = walk(ctx, scratch, room);

	if (at >= STACK_DEPTH - 1)
		return STACK_DEPTH;
	read_words(ctx, scratch);
	remember(at);
	return at;
}

/* The caller of skb_copy_ubufs, for a program that runs inside it; 0: it is not on the stack. */
static __always_inline __u64 caller_of_copy(void *ctx, struct scratch *scratch)
{
	__u64 caller;
	__u32 at;

	scratch->context = (__u64)ctx;
	caller = recall(3);
	if (caller)
		return caller;
	at = walk_anew(ctx, scratch, sizeof(scratch->stack));
	return at < STACK_DEPTH - 1 ? scratch->stack[at + 1] : 0;
}

/*
 * At entry of skb_copy_ubufs (fentry) the caller is above the program and its trampoline, whose
 * frame has a fixed size. Kernels from 7.x jump to the trampoline instead of calling it, so
 * skb_copy_ubufs is not on the stack: the caller is recognised at the place of the last walk.
 */
#define ENTRY_DEPTH 4

/* The caller that the last walk found, if it is at the same place again; else 0. */
__noinline __u64 recall_caller(void)
{
	struct scratch *scratch = scratch_of_cpu();
	__u64 word = 0;

	if (!scratch || scratch->known_count != 1)
		return 0;
	bpf_probe_read_kernel(&word, sizeof(word),
			      (void *)(scratch->context + scratch->known[0].place * sizeof(word)));
	return word == scratch->known[0].address ? word : 0;
}

__noinline int remember_caller(void)
{
	struct scratch *scratch = scratch_of_cpu();

	if (!scratch)
		return 0;
	read_words((void *)scratch->context, scratch);
	scratch->known[0].address = scratch->stack[2];
	scratch->known[0].place = only_place(scratch->stack[2]);
	scratch->known_count = scratch->known[0].place < STACK_WORDS;
	return 0;
}

/*
 * 1: the address is in skb_copy_ubufs or in a function of BETWEEN, so not in the one that needs the
 * copy. skb_copy_ubufs is on the stack twice if its entry calls a trampoline that calls the rest of
 * it.
 */
__noinline int lies_between(__u64 address)
{
	int lies = address >= copy_ubufs_start && address < copy_ubufs_end;

	for (int i = 0; i < BETWEEN_COUNT; i++)
		lies |= address >= between_start[i] && address < between_end[i];
	return lies;
}

static __always_inline bool in_text(__u64 address)
{
	return address >= text_start && address < text_end;
}

/*
 * The first address of a walk above `caller`, or above skb_copy_ubufs if `caller` is not in the
 * walk, that lies_between() does not know; 0: none.
 */
__noinline __u64 entry_above(__u64 caller)
{
	struct scratch *scratch = scratch_of_cpu();
	__u32 at = STACK_DEPTH;
	__u64 above = 0;

	for (__u32 i = 0; scratch && i < STACK_DEPTH; i++)
		if (at == STACK_DEPTH && scratch->stack[i] == caller)
			at = i;
	if (at == STACK_DEPTH)
		at = entry_in_copy_ubufs();
	for (__u32 i = 0; scratch && i < STACK_DEPTH; i++)
		if (!above && i > at && !lies_between(scratch->stack[i]))
			above = scratch->stack[i];
	return above;
}

/*
 * Notes the caller of skb_copy_ubufs; `caller`: the address it returns to. Outside the kernel's
 * text this is a module's function or a trampoline. Only its name says which, and only user space
 * knows names: so the address above is noted too.
 */
static __always_inline void note_caller(void *ctx, struct scratch *scratch, __u64 caller)
{
	__u64 above;

	scratch->caller = caller;
	scratch->above = 0;
	if (!caller || (in_text(caller) && !lies_between(caller)))
		return;
	bpf_get_stack(ctx, scratch->stack, sizeof(scratch->stack), 0);
	above = entry_above(caller);
	if (!in_text(caller))
		scratch->above = above;
	else if (above)
		scratch->caller = above;
}

static __always_inline __u64 caller_at_entry(void *ctx, struct scratch *scratch)
{
	__u64 caller;
	__u32 at;

	scratch->context = (__u64)ctx;
	caller = recall(2) ?: recall_caller();
	if (caller)
		return caller;
	at = walk_anew(ctx, scratch, ENTRY_DEPTH * sizeof(scratch->stack[0]));
	if (at < ENTRY_DEPTH - 1)
		return scratch->stack[at + 1];
	remember_caller();
	return scratch->stack[2];
}

#endif
