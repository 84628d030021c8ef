/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who called skb_copy_ubufs: the return address that stands above it on the stack.
 *
 * Walking a stack (bpf_get_stack) costs microseconds, a copy of a packet not many more. But every
 * time the functions between skb_copy_ubufs and us are the same, each return address lies at the
 * same distance from our context, which is on that stack. So one walk is remembered as (distance,
 * address) pairs, and later a stack that has all the addresses at their distances needs no walk.
 * That is no guess: the first is the return address of the function that holds our context; a
 * return address tells the size of its function's frame (which is what an unwinder's tables say),
 * so it tells where the next one lies, up to the one into skb_copy_ubufs and the one above.
 */

/*
 * Where on the stack in scratch->words this address is, from word `from` on; STACK_WORDS: nowhere,
 * or at two places. A function of its own, which the verifier looks at once and not for every
 * caller.
 */
__noinline __u32 only_place(__u64 address, __u32 from)
{
	struct scratch *scratch = scratch_of_cpu();
	__u32 place = STACK_WORDS;

	for (__u32 i = 0; scratch && i < STACK_WORDS; i++) {
		if (scratch->words[i] != address)
			continue;
		if (place != STACK_WORDS || i < from)
			return STACK_WORDS;
		place = i;
	}
	return place;
}

/* Remembers a walk, skb_copy_ubufs being its entry `at`. */
static __always_inline void remember(void *ctx, struct scratch *scratch, __u32 at)
{
	__u32 count = 0, place = 0, next;

	scratch->known_count = 0;
	if (bpf_probe_read_kernel(scratch->words, sizeof(scratch->words), ctx))
		return;
	for (__u32 i = 0; i < STACK_DEPTH && i <= at + 1; i++) {
		next = only_place(scratch->stack[i], place);
		if (next == STACK_WORDS && !count)
			continue; /* below our context */
		if (next == STACK_WORDS || count >= STACK_DEPTH)
			return;
		place = next;
		scratch->known[count].place = place;
		scratch->known[count].address = scratch->stack[i];
		count++;
	}
	scratch->known_count = count;
}

/* The caller, if this is the stack that was remembered; else 0. The last word known is its place.
 */
static __always_inline __u64 recall(void *ctx, struct scratch *scratch)
{
	__u32 count = scratch->known_count, last;

	if (count < 3 || count > STACK_DEPTH)
		return 0;
	last = scratch->known[count - 1].place & (STACK_WORDS - 1);
	if (bpf_probe_read_kernel(scratch->words, (last + 1) * sizeof(__u64), ctx))
		return 0;
	for (__u32 i = 0; i < STACK_DEPTH && i + 1 < count; i++)
		if (scratch->words[scratch->known[i].place & (STACK_WORDS - 1)] !=
		    scratch->known[i].address)
			return 0;
	return scratch->words[last];
}

/* The return address above skb_copy_ubufs on this stack, 0 if the function is not on it. */
static __always_inline __u64 copy_ubufs_caller(void *ctx, struct scratch *scratch)
{
	__u64 caller = recall(ctx, scratch);
	long bytes;

	if (caller)
		return caller;
	bytes = bpf_get_stack(ctx, scratch->stack, sizeof(scratch->stack), 0);
	for (__u32 i = 0; i < STACK_DEPTH - 1; i++) {
		if ((i + 1) * (long)sizeof(__u64) >= bytes)
			break;
		if (scratch->stack[i] >= copy_ubufs_start && scratch->stack[i] < copy_ubufs_end) {
			remember(ctx, scratch, i);
			return scratch->stack[i + 1];
		}
	}
	return 0;
}
