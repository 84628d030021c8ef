/* SPDX-License-Identifier: GPL-2.0 */
/*
 * transmit_copy and dma_out: what happens to payload between the socket and the device.
 *
 * A device without scatter-gather or checksum offload has its packets linearised (validate_xmit_skb,
 * skb_checksum_help: __pskb_pull_tail of everything) or segmented by copying (skb_segment). TCP keeps
 * its payload in fragments, so none of this is needed to send, and none of it passes skb_copy_ubufs.
 */

/* fentry */

SEC("fentry/__pskb_pull_tail")
int BPF_PROG(pull_tail_enter, struct sk_buff *skb, int delta)
{
	struct scratch *scratch;
	__u32 *owner;

	/* header pulls take a part; a copy of the payload takes all there is */
	if (!armed || delta <= 0 || (__u32)delta != skb->data_len)
		return 0;
	owner = owner_of_packet(skb);
	scratch = scratch_of_cpu();
	if (!owner || !scratch)
		return 0;
	if (scratch->pulling.skb) /* preempted inside another's pull: that one is lost */
		lose();
	scratch->pulling.skb = (__u64)skb;
	scratch->pulling.owner = *owner;
	return 0;
}

SEC("fexit/__pskb_pull_tail")
int BPF_PROG(pull_tail_exit, struct sk_buff *skb, int delta, void *result)
{
	struct scratch *scratch;

	if (!armed)
		return 0;
	scratch = scratch_of_cpu();
	if (!scratch || scratch->pulling.skb != (__u64)skb)
		return 0;
	scratch->pulling.skb = 0;
	if (result)
		book(scratch->pulling.owner, SITE_TRANSMIT_COPY, delta);
	return 0;
}

/* Without scatter-gather every segment gets a copy of its payload, headers apart. */
SEC("fexit/skb_segment")
int BPF_PROG(segment_exit, struct sk_buff *skb, __u64 features, void *result)
{
	__u32 *owner;

	if (!armed || (features & NETIF_F_SG) || (__u64)result >= (__u64)-4095)
		return 0;
	owner = owner_of_packet(skb);
	if (owner)
		book(*owner, SITE_TRANSMIT_COPY, skb->len - skb_payload_offset(skb));
	return 0;
}

/* every way: the packet in its final form, after taps and after validate_xmit_skb */

SEC("tp_btf/net_dev_start_xmit")
int BPF_PROG(start_xmit, struct sk_buff *skb, struct net_device *dev)
{
	struct tally *tally;
	__u32 *owner, offset, linear;
	bool to_hardware;

	if (!armed)
		return 0;
	owner = owner_of_packet(skb);
	if (!owner)
		return 0;
	offset = skb_payload_offset(skb);
	if (skb->len <= offset)
		return 0; /* a bare acknowledgement */
	tally = tally_of(*owner);
	if (!tally)
		return 0;
	to_hardware = dev->dev.parent;
	if (to_hardware)
		add(&tally->site[SITE_DMA_OUT], skb->len - offset, 1);
	if (xmit_counts_linear) {
		/* payload that is in the linear area now was put there by a copy */
		linear = skb->len - skb->data_len;
		if (linear > offset)
			add(&tally->site[SITE_TRANSMIT_COPY], linear - offset, 1);
	}
	/* the tap got a clone, whose pages skb_copy_ubufs replaced before any filter ran */
	if (xmit_counts_taps && pinned && skb->data_len && skb_is_pinned(skb) && device_has_tap(dev))
		add(&tally->site[SITE_TAP_COPY], skb->data_len, 1);
	return 0;
}
