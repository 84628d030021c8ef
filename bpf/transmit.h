/* SPDX-License-Identifier: GPL-2.0 */
/*
 * transmit_copy and dma_out: what happens to payload between the socket and the device.
 *
 * A device without scatter-gather or checksum offload has its packets linearised
 * (validate_xmit_skb, skb_checksum_help: __pskb_pull_tail of everything) or segmented by copying
 * (skb_segment). TCP keeps its payload in fragments, so none of this is needed to send, and none of
 * it passes skb_copy_ubufs.
 */

/* Notes a copy that has begun; its result decides. `bytes` of payload. */
static __always_inline void begin_pull(const struct sk_buff *skb, __u64 bytes)
{
	struct scratch *scratch;
	__u32 owner;

	owner = owner_of_packet(skb, MEMBER(skb, sk), false);
	scratch = scratch_of_cpu();
	if (owner == NOBODY || !scratch)
		return;
	if (scratch->pulling.skb) /* preempted inside another's: that one is lost */
		lose();
	scratch->pulling.skb = (__u64)skb;
	scratch->pulling.owner = owner;
	scratch->pulling.bytes = bytes;
}

static __always_inline void end_pull(const struct sk_buff *skb, bool worked)
{
	struct scratch *scratch = scratch_of_cpu();

	if (!scratch || !scratch->pulling.skb || (skb && scratch->pulling.skb != (__u64)skb))
		return;
	scratch->pulling.skb = 0;
	if (worked)
		book(scratch->pulling.owner, SITE_TRANSMIT_COPY, scratch->pulling.bytes);
}

/* Header pulls take a part of the fragments; a copy of the payload takes all there is. */
static __always_inline bool pulls_all(const struct sk_buff *skb, int delta)
{
	return delta > 0 && (__u32)delta == MEMBER(skb, data_len);
}

/* Without scatter-gather every segment gets a copy of its payload, headers apart. */
static __always_inline __u64 segmented_bytes(const struct sk_buff *skb)
{
	return MEMBER(skb, len) - skb_payload_offset(skb, false);
}

static __always_inline bool is_error(__u64 pointer)
{
	return pointer >= (__u64)-4095;
}

SEC("fentry/__pskb_pull_tail")
int BPF_PROG(pull_tail_enter, struct sk_buff *skb, int delta)
{
	if (armed && pulls_all(skb, delta))
		begin_pull(skb, delta);
	return 0;
}

SEC("fexit/__pskb_pull_tail")
int BPF_PROG(pull_tail_exit, struct sk_buff *skb, int delta, void *result)
{
	if (armed)
		end_pull(skb, result);
	return 0;
}

SEC("fexit/skb_segment")
int BPF_PROG(segment_exit, struct sk_buff *skb, __u64 features, void *result)
{
	__u32 owner;

	if (!armed || (features & NETIF_F_SG) || is_error((__u64)result))
		return 0;
	owner = owner_of_packet(skb, FIELD(skb, sk), TYPED);
	if (owner != NOBODY)
		book(owner, SITE_TRANSMIT_COPY, segmented_bytes(skb));
	return 0;
}

SEC("kprobe/__pskb_pull_tail")
int BPF_KPROBE(pull_tail_probe, struct sk_buff *skb, int delta)
{
	if (armed && pulls_all(skb, delta))
		begin_pull(skb, delta);
	return 0;
}

SEC("kretprobe/__pskb_pull_tail")
int BPF_KRETPROBE(pull_tail_return, void *result)
{
	if (armed)
		end_pull(NULL, result);
	return 0;
}

SEC("kprobe/skb_segment")
int BPF_KPROBE(segment_probe, struct sk_buff *skb, __u64 features)
{
	if (armed && !(features & NETIF_F_SG))
		begin_pull(skb, segmented_bytes(skb));
	return 0;
}

SEC("kretprobe/skb_segment")
int BPF_KRETPROBE(segment_return, void *result)
{
	if (armed)
		end_pull(NULL, !is_error((__u64)result));
	return 0;
}

/* every way: the packet in its final form, after taps and after validate_xmit_skb */

/*
 * Payload in the linear area was put there by a copy. Not by this device, if the one that had the
 * packet before it hands on no fragments.
 */
static __always_inline void note_linear(struct tally *tally, const struct net_device *before,
					__u64 bytes)
{
	if (before && !(FIELD(before, features) & NETIF_F_SG))
		return;
	if (xmit_counts_linear)
		add(&tally->site[SITE_TRANSMIT_COPY], bytes, 1);
	else
		add_alone(&tally->extra[EXTRA_LEFT_LINEAR], bytes, 1);
}

/*
 * A packet that a device hands on keeps its socket, if that device is a bridge or a VLAN and not
 * one end of a veth pair (skb_orphan), and comes here again at the device below: so it leaves at
 * the device its socket's route names, and only what happens to it is seen at others.
 */
static __always_inline int leaves(struct sk_buff *skb, struct net_device *dev, struct sock *sk,
				  bool to_hardware, __u32 payload, struct scratch *run)
{
	const struct net_device *before = NULL;
	struct shared shared;
	struct tally *tally;
	__u32 owner, in_fragments;
	bool lent;

	lent = holds_pinned(skb, &shared, TYPED, MARKS);
	/* mostly its own socket's, which is who lent its pages, too */
	owner = owner_of_socket((__u64)sk, run);
	if (owner == NOBODY && lent) {
		read_shared(&shared, skb, TYPED, WHOLE);
		owner = owner_of_socket(lender_of(&shared), run);
	}
	tally = owner == NOBODY ? NULL : tally_in(run, owner);
	if (!tally)
		return 0;
	in_fragments = FIELD(skb, data_len);
	if (sk) {
		before = device_of_route(sk);
		if (before == dev)
			before = NULL;
		if (before)
			add_bytes_alone(&tally->extra[EXTRA_LEFT_BELOW], payload);
		else
			add_bytes_alone(&tally->extra[EXTRA_LEFT], payload);
		if (lent && !before)
			add_bytes_alone(&tally->extra[EXTRA_LEFT_PINNED], in_fragments);
		/* one that was copied since keeps its mark */
		if (lent_unseen >> (owner % RUN_OWNERS) & 1 && refers_to_pages(skb, TYPED))
			lose();
	}
	if (to_hardware)
		add_alone(&tally->site[SITE_DMA_OUT], payload, 1);
	if (payload > in_fragments)
		note_linear(tally, before, payload - in_fragments);
	if (!lent)
		return 0;
	if (xmit_notes_pinned)
		note_leaving(skb, dev, owner, &shared, run ?: scratch_of_cpu());
	/* the tap got a clone, whose pages skb_copy_ubufs replaced before any filter ran */
	if (xmit_counts_taps && device_has_tap(dev))
		add(&tally->site[SITE_TAP_COPY], in_fragments, 1);
	return 0;
}

TRACEPOINT(start_xmit, net_dev_start_xmit, struct sk_buff *skb, struct net_device *dev)
{
	__u32 offset, length;
	struct scratch *run;
	bool to_hardware;
	struct sock *sk;

	if (!armed)
		return 0;
	sk = POINTER(skb, sk);
	to_hardware = POINTER(dev, dev.parent);
	offset = skb_payload_offset(skb, TYPED);
	length = FIELD(skb, len);
	if (length <= offset)
		return 0; /* a bare acknowledgement */
	if (scope)
		return leaves(skb, dev, sk, to_hardware, length - offset, NULL);
	run = scratch_of_cpu();
	return run ? leaves(skb, dev, sk, to_hardware, length - offset, run) : 0;
}
