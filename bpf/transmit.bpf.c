// SPDX-License-Identifier: GPL-2.0
/*
 * transmit_copy and dma_out: what happens to payload between the socket and the device.
 *
 * A device without scatter-gather or checksum offload has its packets linearised
 * (validate_xmit_skb, skb_checksum_help: __pskb_pull_tail of everything) or segmented by copying
 * (skb_segment). TCP keeps its payload in fragments, so none of this is needed to send, and none of
 * it passes skb_copy_ubufs.
 */
#include "bpf/transmit.h"
#include "bpf/waiting.h"

/* Notes a copy that has begun; its result decides. `bytes` of payload. */
static __always_inline void begin_pull(const struct sk_buff *skb, __u64 bytes)
{
	struct scratch *scratch;
	__u32 owner;

	owner = owner_of_packet(skb, BPF_CORE_READ(skb, sk), false);
	scratch = scratch_of_cpu();
	if (owner == NO_OWNER || !scratch)
		return;
	if (scratch->pulling.skb) /* preempted inside another one: that is lost */
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
		count_site(scratch->pulling.owner, SITE_TRANSMIT_COPY, scratch->pulling.bytes);
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
	owner = owner_of_packet(skb, skb->sk, true);
	if (owner != NO_OWNER)
		count_site(owner, SITE_TRANSMIT_COPY, segmented_bytes(skb));
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

/* every method: the packet in its final form, after taps and after validate_xmit_skb */

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
		add(&tally->extra[EXTRA_LEFT_LINEAR], bytes, 1);
}

/*
 * A packet that a device hands on keeps its socket, if that device is a bridge or a VLAN and not
 * one end of a veth pair (skb_orphan), and comes here again at the device below: so it leaves at
 * the device its socket's route names, and only what happens to it is seen at others.
 */
static __always_inline void count_leaving(struct tally *tally, const struct sk_buff *skb,
					  const struct net_device *dev, const struct sock *sk,
					  __u32 payload, bool is_pinned)
{
	const struct net_device *before = sk ? device_of_route(sk) : NULL;
	__u32 in_fragments = FIELD(skb, data_len);

	if (before == dev)
		before = NULL;
	if (before)
		add(&tally->extra[EXTRA_LEFT_BELOW], payload, 1);
	else if (sk)
		add(&tally->extra[EXTRA_LEFT], payload, 1);
	if (sk && is_pinned && !before)
		add(&tally->extra[EXTRA_LEFT_PINNED], in_fragments, 1);
	if (FIELD(dev, dev.parent))
		add(&tally->site[SITE_DMA_OUT], payload, 1);
	if (payload > in_fragments)
		note_linear(tally, before, payload - in_fragments);
	/* the tap got a clone, whose pages skb_copy_ubufs replaced before any filter ran */
	if (is_pinned && xmit_counts_taps && device_has_tap(dev))
		add(&tally->site[SITE_TAP_COPY], in_fragments, 1);
}

TRACEPOINT(start_xmit, net_dev_start_xmit, struct sk_buff *skb, struct net_device *dev)
{
	struct shared shared;
	struct tally *tally;
	__u32 owner, offset;
	struct sock *sk;
	bool pins;

	if (!armed)
		return 0;
	sk = (void *)FIELD(skb, sk);
	owner = owner_of_socket((__u64)sk);
	pins = holds_pinned(skb, &shared, typed);
	if (owner == NO_OWNER && pins)
		owner = owner_of_socket(pinner_of(&shared));
	tally = owner == NO_OWNER ? NULL : tally_of(owner);
	if (!tally)
		return 0;
	offset = payload_offset(skb, typed);
	if (FIELD(skb, len) <= offset)
		return 0; /* a bare acknowledgement */
	count_leaving(tally, skb, dev, sk, FIELD(skb, len) - offset, pins);
	if (pins && xmit_notes_pinned)
		note_leaving(skb, dev, owner, &shared);
	return 0;
}
