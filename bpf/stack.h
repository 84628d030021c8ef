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
 * Where on the stack in scratch->words this address is; STACK_WORDS: nowhere, or at two places. A
 * function of its own, like the next ones: the verifier looks at it once, not for every caller. And
 * without a branch for a place that has it, each of which would be two ways for the verifier to go.
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

/* Remembers a walk, skb_copy_ubufs being its entry `at`, of the stack in scratch->words. */
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
			continue; /* below our context */
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

/* A word of the stack, so many above our context; 0 if it cannot be read. */
static __always_inline __u64 word_above(const struct scratch *scratch, __u32 place)
{
	return word_of((const void *)(scratch->context + place * sizeof(__u64)));
}

/* The caller, if all that was remembered lies at its place on this stack too; else 0. */
__noinline __u64 recall(void)
{
	struct scratch *scratch = scratch_of_cpu();
	__u64 word;

	if (!scratch || scratch->known_count < 3)
		return 0;
	for (__u32 i = 0; i < STACK_DEPTH && i < scratch->known_count; i++) {
		word = word_above(scratch, scratch->known[i].place);
		if (i + 1 == scratch->known_count)
			return word;
		if (word != scratch->known[i].address)
			return 0;
	}
	return 0;
}

/* The entry of a walk that is in skb_copy_ubufs; STACK_DEPTH: none. */
__noinline __u32 entry_in_copy_ubufs(void)
{
	struct scratch *scratch = scratch_of_cpu();

	for (__u32 i = 0; scratch && i < STACK_DEPTH; i++)
		if (scratch->stack[i] >= copy_ubufs_start && scratch->stack[i] < copy_ubufs_end)
			return i;
	return STACK_DEPTH;
}

/* Walks the stack: the entry of skb_copy_ubufs, STACK_DEPTH if it is not there or the last. */
static __always_inline __u32 walk(void *ctx, struct scratch *scratch)
{
	long bytes = bpf_get_stack(ctx, scratch->stack, sizeof(scratch->stack), 0);
	__u32 at = entry_in_copy_ubufs();

	scratch->walks++;
	return at < STACK_DEPTH - 1 && (at + 2) * (long)sizeof(__u64) <= bytes ? at : STACK_DEPTH;
}

/* A softirq's stack may end before (a guard page follows); what was not read is 0. */
static __always_inline void read_words(void *ctx, struct scratch *scratch)
{
	if (bpf_probe_read_kernel(scratch->words, sizeof(scratch->words), ctx))
		bpf_probe_read_kernel(scratch->words, sizeof(scratch->words) / 2, ctx);
}

/* The return address above skb_copy_ubufs on this stack, 0 if the function is not on it. */
static __always_inline __u64 copy_ubufs_caller(void *ctx, struct scratch *scratch)
{
	__u64 caller;
	__u32 at;

	scratch->context = (__u64)ctx;
	caller = recall();
	if (caller)
		return caller;
	at = walk(ctx, scratch);
	if (at >= STACK_DEPTH - 1)
		return 0;
	read_words(ctx, scratch);
	remember(at);
	return scratch->stack[at + 1];
}

/*
 * Where it is on the stack of a trampoline. It may be at a second place by chance, in what others
 * have left there. Then, on x86, it is at the one that the trampoline's frame has for it
 * (arch_prepare_bpf_trampoline): above two arguments, the result and the frame pointer, and above
 * the function's own return address, where there is one.
 */
#define RETURN_AT 4
static __always_inline __u32 place_in_frame(const struct scratch *scratch, __u64 caller)
{
	__u32 place = only_place(caller);

#if defined(__TARGET_ARCH_x86)
	if (place == STACK_WORDS && scratch->words[RETURN_AT] == caller)
		return RETURN_AT; /* no address of the function's own is there */
	if (place == STACK_WORDS && scratch->words[RETURN_AT + 1] == caller)
		return RETURN_AT + 1;
#endif
	return place;
}

/* Notes that this caller's address lies there on the stack, among others that did. */
__noinline int remember_caller(__u64 caller)
{
	struct scratch *scratch = scratch_of_cpu();
	__u32 place, count;

	if (!scratch)
		return 0;
	place = place_in_frame(scratch, caller);
	if (place == STACK_WORDS)
		return 0;
	count = scratch->known_count;
	if (count >= STACK_DEPTH || scratch->known[0].place != place)
		count = 0;
	scratch->known[count].address = caller;
	scratch->known[count].place = place;
	scratch->known_count = count + 1;
	return 0;
}

/* Whether a walk has found this address where the last one lay. */
__noinline int is_known_caller(__u64 address)
{
	struct scratch *scratch = scratch_of_cpu();

	for (__u32 i = 0; scratch && i < STACK_DEPTH && i < scratch->known_count; i++)
		if (scratch->known[i].address == address)
			return 1;
	return 0;
}

/*
 * The same on entry of skb_copy_ubufs itself (fentry): only our trampoline's frame lies between,
 * and what a walk has found at that distance is believed when it lies there again. Newer kernels
 * (7.x) jump to the trampoline instead of calling it, so the function itself is not on the stack:
 * above the program and its trampoline stands the caller at once.
 */
static __always_inline __u64 trampoline_caller(void *ctx, struct scratch *scratch)
{
	__u64 caller;
	__u32 at;

	scratch->context = (__u64)ctx;
	if (scratch->known_count) {
		caller = word_above(scratch, scratch->known[0].place);
		if (caller == scratch->known[0].address || is_known_caller(caller))
			return caller;
	}
	at = walk(ctx, scratch);
	caller = at < STACK_DEPTH - 1 ? scratch->stack[at + 1] : scratch->stack[2];
	read_words(ctx, scratch);
	remember_caller(caller);
	return caller;
}
