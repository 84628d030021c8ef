/* SPDX-License-Identifier: GPL-2.0 */
/*
 * deferred_copy, and in the fentry way tap_copy: pinned pages that skb_copy_ubufs copies after all.
 *
 * Booked by cause: the caller of skb_copy_ubufs, taken from the stack rather than from a list of
 * its inlined helpers, and the device the packet was on.
 */

static __always_inline void describe(struct packet *packet, const struct sk_buff *skb,
				     const struct net_device *dev, __u32 owner, __u64 bytes)
{
	packet->skb = (__u64)skb;
	packet->device = (__u64)dev;
	packet->owner = owner;
	packet->bytes = bytes;
}

static __always_inline void add_to_cause(const struct cause_key *key, __u64 bytes, __u64 calls)
{
	struct counter none = {}, *counter = bpf_map_lookup_elem(&causes, key);

	if (!counter) {
		bpf_map_update_elem(&causes, key, &none, BPF_NOEXIST);
		counter = bpf_map_lookup_elem(&causes, key);
	}
	if (counter)
		add(counter, bytes, calls);
	else
		lose();
}

static __always_inline void describe_cause(struct cause_key *key, const struct packet *packet,
					   __u64 caller)
{
	const struct net_device *dev = (const void *)packet->device;

	__builtin_memset(key, 0, sizeof(*key));
	key->bank = scope ? second_bank : 0;
	key->caller = caller;
	key->owner = packet->owner;
	if (dev)
		BPF_CORE_READ_INTO(&key->device, dev, name);
}

/*
 * In a run mostly the cause is that of the last copy here, and nothing is looked up: what has come
 * of that is in `causes` when there is another.
 */
static __always_inline void book_cause(const struct packet *packet, __u64 caller,
				       struct scratch *scratch)
{
	struct recent_cause *recent = &scratch->run.cause;
	struct cause_key key;

	if (scope) {
		describe_cause(&key, packet, caller);
		add_to_cause(&key, packet->bytes, 1);
		return;
	}
	if (recent->key.caller != caller || recent->key.owner != packet->owner ||
	    recent->device != packet->device) {
		if (recent->counter.calls)
			add_to_cause(&recent->key, recent->counter.bytes, recent->counter.calls);
		describe_cause(&recent->key, packet, caller);
		recent->device = packet->device;
		recent->counter = (struct counter){};
	}
	add_alone(&recent->counter, packet->bytes, 1);
}

/* At entry, because on success the mark and the lender are gone from the packet. */
static __always_inline bool begin_copy(const struct sk_buff *skb, bool plainly,
				       struct scratch *scratch)
{
	struct net_device *dev = (void *)READ(plainly, skb, dev);
	struct shared shared;
	__s64 bytes;
	__u32 owner;

	read_shared(&shared, skb, plainly, WHOLE);
	owner = owner_of_socket(lender_of(&shared), scope ? NULL : scratch);
	if (owner == NOBODY)
		return false;
	bytes = fragment_bytes(skb, &shared, plainly);
	if (bytes < 0 ||
	    scratch->copying.skb) /* too long a list; preempted inside another's copy */
		lose();
	describe(&scratch->copying, skb, dev, owner, bytes);
	return true;
}

static __always_inline void end_copy(const struct sk_buff *skb, int result)
{
	struct scratch *scratch = scratch_of_cpu();

	if (!scratch || !scratch->copying.skb || (skb && scratch->copying.skb != (__u64)skb))
		return;
	scratch->copying.skb = 0;
	if (!result && scratch->copying.bytes)
		book_cause(&scratch->copying, scratch->caller, scratch);
}

SEC("fentry/skb_copy_ubufs")
int BPF_PROG(copy_ubufs_enter, struct sk_buff *skb)
{
	struct scratch *scratch = armed && pinned ? scratch_of_cpu() : NULL;

	if (scratch && begin_copy(skb, TYPED, scratch))
		scratch->caller = trampoline_caller(ctx, scratch);
	return 0;
}

SEC("fexit/skb_copy_ubufs")
int BPF_PROG(copy_ubufs_exit, struct sk_buff *skb, unsigned int gfp, int result)
{
	if (armed && pinned)
		end_copy(skb, result);
	return 0;
}

SEC("kprobe/skb_copy_ubufs")
int BPF_KPROBE(copy_ubufs_probe, struct sk_buff *skb)
{
	struct scratch *scratch = armed && pinned ? scratch_of_cpu() : NULL;
	__u64 caller = 0;

	if (!scratch || !begin_copy(skb, false, scratch))
		return 0;
	BPF_KPROBE_READ_RET_IP(caller, ctx);
	scratch->caller = caller;
	return 0;
}

/* It never sleeps, so the pool of kretprobe instances cannot run dry, and does not nest. */
SEC("kretprobe/skb_copy_ubufs")
int BPF_KRETPROBE(copy_ubufs_return, int result)
{
	if (armed && pinned)
		end_copy(NULL, result);
	return 0;
}

/* tracepoints */

/*
 * No tracepoint lies in skb_copy_ubufs, but it allocates fresh pages at once. So a pinned packet is
 * noted when a device receives it; the next page allocation on this CPU from inside skb_copy_ubufs
 * is that packet's copy, and the stack says on whose behalf. It is the last one noted: softirqs do
 * not nest, and whatever takes a packet (__netif_receive_skb_core) copies it before another is
 * received, or hands it on uncopied. One that leaves again by another device, or is dropped, waits
 * no more.
 */
static __always_inline void wait_for_copy(const struct sk_buff *skb, const struct shared *shared)
{
	struct scratch *scratch = scratch_of_cpu();
	__u32 owner;
	__s64 bytes;

	if (!scratch)
		return;
	scratch->waiting.skb = 0; /* also for a packet that is nobody's: its copy comes next */
	owner = owner_of_socket(lender_of(shared), scope ? NULL : scratch);
	if (owner == NOBODY)
		return;
	bytes = fragment_bytes(skb, shared, TYPED);
	if (bytes < 0) {
		lose();
		return;
	}
	if (bytes)
		describe(&scratch->waiting, skb, NULL, owner, bytes);
}

static __always_inline void no_longer_waits(const struct sk_buff *skb, struct scratch *scratch)
{
	if (scratch->waiting.skb == (__u64)skb)
		scratch->waiting.skb = 0;
}

/*
 * A packet that died. What TCP says it sent must have left or be found here, or the probes were
 * blind for a while (ledger__judge_departures); the sender's own socket tells before from after.
 */
static __always_inline void note_drop(const struct sk_buff *skb)
{
	const struct sock *sk = POINTER(skb, sk);
	__u32 owner = owner_of_socket((__u64)sk, run_of_cpu()), offset, length = FIELD(skb, len);

	if (owner != NOBODY) {
		offset = skb_payload_offset(skb, TYPED);
		if (length > offset)
			book_extra(owner, EXTRA_DROPPED, length - offset);
		return;
	}
	owner = owner_of_packet(skb, sk, TYPED);
	if (owner != NOBODY)
		book_extra(owner, EXTRA_DROPPED_LATE, FIELD(skb, data_len));
}

TRACEPOINT(dropped, kfree_skb, struct sk_buff *skb)
{
	struct scratch *scratch;

	if (!armed)
		return 0;
	note_drop(skb);
	scratch = pinned ? scratch_of_cpu() : NULL;
	if (scratch)
		no_longer_waits(skb, scratch);
	return 0;
}

/*
 * A pinned packet leaves. A clone of it goes back to its sender with the timestamp, if one is
 * wanted, its pages copied.
 */
static __always_inline void note_leaving(struct sk_buff *skb, const struct net_device *dev,
					 __u32 owner, struct shared *shared,
					 struct scratch *scratch)
{
	if (!scratch)
		return;
	no_longer_waits(skb, scratch);
	scratch->stamping.skb = 0;
	if (!wants_timestamp(shared))
		return;
	read_shared(shared, skb, TYPED, WHOLE);
	describe(&scratch->stamping, skb, dev, owner, fragment_bytes(skb, shared, TYPED));
}

TRACEPOINT(page_alloc, mm_page_alloc, struct page *page)
{
	const struct sk_buff *skb;
	struct scratch *scratch;
	__u64 caller;

	if (!armed || !pinned || !page)
		return 0;
	scratch = scratch_of_cpu();
	if (!scratch || (!scratch->waiting.skb && !scratch->stamping.skb))
		return 0;
	caller = copy_ubufs_caller(ctx, scratch);
	if (!caller || (caller >= taps_start && caller < taps_end)) /* start_xmit counts taps */
		return 0;
	if (caller >= timestamps_start && caller < timestamps_end) {
		if (scratch->stamping.skb)
			book_cause(&scratch->stamping, caller, scratch);
		scratch->stamping.skb = 0;
		return 0;
	}
	if (!scratch->waiting.skb)
		return 0;
	/* perhaps not the one that it was received by: a VLAN may stand on that */
	skb = (const void *)scratch->waiting.skb;
	scratch->waiting.device = (__u64)MEMBER(skb, dev);
	scratch->waiting.skb = 0; /* the copy allocates more pages, or none */
	book_cause(&scratch->waiting, caller, scratch);
	return 0;
}

/* what a device hands up, before anything is done with it */
TRACEPOINT(device_receive, netif_receive_skb, struct sk_buff *skb)
{
	struct shared shared;

	if (armed && holds_pinned(skb, &shared, TYPED, WHOLE))
		wait_for_copy(skb, &shared);
	return 0;
}
