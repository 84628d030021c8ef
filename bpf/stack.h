/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds the function that needs a copy: the caller of skb_copy_ubufs, by a return address on the
 * stack.
 *
 * A walk of the stack (bpf_get_stack) takes microseconds, as long as the copy of a packet. The
 * functions between the program and skb_copy_ubufs are usually the same, so a walk is remembered:
 * each return address, and its distance from the program's context, which is on that stack. A stack
 * with these addresses at these distances needs no walk.
 *
 * This is exact. The first address is the return address of the function that holds the context. A
 * return address determines the frame size of its function (an unwinder's tables rely on this), and
 * so the distance of the next one, up to those in skb_copy_ubufs and in its caller.
 *
 * Functions with loops are not inlined, so that the verifier checks each once.
 */
#ifndef HARNESS_BPF_STACK_H
#define HARNESS_BPF_STACK_H

#include "bpf/waiting.h"

/* walks */

/* The index in scratch->walk of the first address in skb_copy_ubufs; WALK_DEPTH: none. */
__noinline __u32 index_of_copy_ubufs(void)
{
	struct scratch *scratch = scratch_of_cpu();

	for (__u32 i = 0; scratch && i < WALK_DEPTH; i++)
		if (scratch->walk[i] >= copy_ubufs_start && scratch->walk[i] < copy_ubufs_end)
			return i;
	return WALK_DEPTH;
}

/*
 * Walks the stack, `room` bytes of addresses at most. Returns the index of skb_copy_ubufs, whose
 * caller follows; WALK_DEPTH: one of the two is not in the walk.
 */
static __always_inline __u32 walk_stack(void *ctx, struct scratch *scratch, __u32 room)
{
	long bytes = bpf_get_stack(ctx, scratch->walk, room, 0);
	__u32 at = index_of_copy_ubufs();

	return at < WALK_DEPTH - 1 && (at + 2) * (long)sizeof(__u64) <= bytes ? at : WALK_DEPTH;
}

/* the remembered walk */

/*
 * Reads the stack from `ctx` up into scratch->words. A softirq's stack may end sooner, at a guard
 * page: then half is read, and the rest is 0.
 */
static __always_inline void read_words(void *ctx, struct scratch *scratch)
{
	if (bpf_probe_read_kernel(scratch->words, sizeof(scratch->words), ctx))
		bpf_probe_read_kernel(scratch->words, sizeof(scratch->words) / 2, ctx);
}

/*
 * The distance of this address: its index in scratch->words; STACK_WORDS: not there, or there
 * twice. The loop has no branch for a match, as each would double the verifier's paths.
 */
__noinline __u32 distance_of(__u64 address)
{
	struct scratch *scratch = scratch_of_cpu();
	__u32 distances = 0, count = 0;

	for (__u32 i = 0; scratch && i < STACK_WORDS; i++) {
		__u64 differs = scratch->words[i] ^ address;
		__u32 here = (~differs & (differs - 1)) >> 63; /* differs == 0 */

		count += here;
		distances += here * i;
	}
	return count == 1 ? distances : STACK_WORDS;
}

/* Remembers the walk up to the caller of skb_copy_ubufs, which has the index `at`. */
__noinline int remember_walk(__u32 at)
{
	struct scratch *scratch = scratch_of_cpu();
	__u32 count = 0, distance = 0, next;

	if (!scratch)
		return 0;
	scratch->remembered_count = 0;
	for (__u32 i = 0; i < WALK_DEPTH && i <= at + 1; i++) {
		next = distance_of(scratch->walk[i]);
		if (next == STACK_WORDS && !count)
			continue; /* below the context */
		if (next == STACK_WORDS || next < distance || count >= WALK_DEPTH)
			return 0;
		distance = next;
		scratch->remembered[count].distance = distance;
		scratch->remembered[count].address = scratch->walk[i];
		count++;
	}
	scratch->remembered_count = count;
	return 0;
}

/*
 * The caller: the word at the last remembered distance, if the other remembered addresses are all
 * at theirs; else 0. `fewest`: addresses that must be remembered, the caller's included.
 */
__noinline __u64 recall_walk(__u32 fewest)
{
	struct scratch *scratch = scratch_of_cpu();
	__u64 word = 0;

	if (!scratch || scratch->remembered_count < fewest)
		return 0;
	for (__u32 i = 0; i < WALK_DEPTH && i < scratch->remembered_count; i++) {
		bpf_probe_read_kernel(&word, sizeof(word),
				      (void *)(scratch->context +
					       scratch->remembered[i].distance * sizeof(word)));
		if (i + 1 == scratch->remembered_count)
			return word;
		if (word != scratch->remembered[i].address)
			return 0;
	}
	return 0;
}

/* As walk_stack(), and remembers the walk. */
static __always_inline __u32 walk_and_remember(void *ctx, struct scratch *scratch, __u32 room)
{
	__u32 at = walk_stack(ctx, scratch, room);

	if (at >= WALK_DEPTH - 1)
		return WALK_DEPTH;
	read_words(ctx, scratch);
	remember_walk(at);
	return at;
}

/* the caller, for a program that runs inside skb_copy_ubufs */

/* 0: skb_copy_ubufs is not on the stack. */
static __always_inline __u64 caller_inside(void *ctx, struct scratch *scratch)
{
	__u64 caller;
	__u32 at;

	scratch->context = (__u64)ctx;
	caller = recall_walk(3);
	if (caller)
		return caller;
	at = walk_and_remember(ctx, scratch, sizeof(scratch->walk));
	return at < WALK_DEPTH - 1 ? scratch->walk[at + 1] : 0;
}

/* the caller, for a program at the entry of skb_copy_ubufs (fentry) */

/*
 * The walk has the program, its trampoline, skb_copy_ubufs and the caller. Kernels from 7.x jump to
 * the trampoline instead of calling it, so skb_copy_ubufs is not in the walk. Then only the
 * caller's address and distance are remembered.
 */
#define ENTRY_DEPTH 4

/* The remembered caller, if it is at the same distance again; else 0. */
__noinline __u64 recall_caller(void)
{
	struct scratch *scratch = scratch_of_cpu();
	__u64 word = 0;

	if (!scratch || scratch->remembered_count != 1)
		return 0;
	bpf_probe_read_kernel(
		&word, sizeof(word),
		(void *)(scratch->context + scratch->remembered[0].distance * sizeof(word)));
	return word == scratch->remembered[0].address ? word : 0;
}

__noinline int remember_caller(void)
{
	struct scratch *scratch = scratch_of_cpu();

	if (!scratch)
		return 0;
	read_words((void *)scratch->context, scratch);
	scratch->remembered[0].address = scratch->walk[2];
	scratch->remembered[0].distance = distance_of(scratch->walk[2]);
	scratch->remembered_count = scratch->remembered[0].distance < STACK_WORDS;
	return 0;
}

static __always_inline __u64 caller_at_entry(void *ctx, struct scratch *scratch)
{
	__u64 caller;
	__u32 at;

	scratch->context = (__u64)ctx;
	caller = recall_walk(2) ?: recall_caller();
	if (caller)
		return caller;
	at = walk_and_remember(ctx, scratch, ENTRY_DEPTH * sizeof(scratch->walk[0]));
	if (at < ENTRY_DEPTH - 1)
		return scratch->walk[at + 1];
	remember_caller();
	return scratch->walk[2];
}

/* from the caller to the function that needs the copy */

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

/*
 * The first address of a walk above `caller`, or above skb_copy_ubufs if `caller` is not in the
 * walk, that is not lies_between(); 0: none.
 */
__noinline __u64 address_above(__u64 caller)
{
	struct scratch *scratch = scratch_of_cpu();
	__u32 at = WALK_DEPTH;
	__u64 above = 0;

	for (__u32 i = 0; scratch && i < WALK_DEPTH; i++)
		if (at == WALK_DEPTH && scratch->walk[i] == caller)
			at = i;
	if (at == WALK_DEPTH)
		at = index_of_copy_ubufs();
	for (__u32 i = 0; scratch && i < WALK_DEPTH; i++)
		if (!above && i > at && !lies_between(scratch->walk[i]))
			above = scratch->walk[i];
	return above;
}

static __always_inline bool in_text(__u64 address)
{
	return address >= text_start && address < text_end;
}

/*
 * Notes the function that needs the copy, from the caller of skb_copy_ubufs. A caller outside the
 * kernel's text is a module's function or a trampoline. Only its name says which, and only user
 * space knows names: so the address above is noted too.
 */
static __always_inline void note_caller(void *ctx, struct scratch *scratch, __u64 caller)
{
	__u64 above;

	scratch->caller = caller;
	scratch->above = 0;
	if (!caller || (in_text(caller) && !lies_between(caller)))
		return;
	bpf_get_stack(ctx, scratch->walk, sizeof(scratch->walk), 0);
	above = address_above(caller);
	if (!in_text(caller))
		scratch->above = above;
	else if (above)
		scratch->caller = above;
}

#endif
