// SPDX-License-Identifier: GPL-2.0
/*
 * transmit_copy and dma_out: copies of payload between the socket and the device, and what leaves.
 *
 * TCP keeps its payload in fragments. For a device without scatter-gather or checksum offload the
 * kernel linearises packets (validate_xmit_skb, skb_checksum_help: __pskb_pull_tail of all
 * fragments) or copies them into segments (skb_segment). None of these copies calls skb_copy_ubufs.
 */
#include "bpf/transmit.h"

/* Notes a copy of `bytes` at its start; end_pull() counts it if it succeeded. */
static __always_inline void begin_pull(const struct sk_buff *skb, __u64 bytes)
{
	__u32 owner = owner_of_segment(skb);
	struct transmit_copies *copies;

	if (owner == NO_OWNER)
		owner = sender_of_packet(skb, BPF_CORE_READ(skb, sk), false);
	if (owner == NO_OWNER)
		return;
	copies = transmit_copies_here(true);
	if (copies)
		note_copy(copies->pull, skb, owner, bytes);
	else
		lose();
}

static __always_inline void end_copy(struct packet *packet, bool worked)
{
	if (!packet)
		return;
	packet->skb = 0;
	if (worked && packet->bytes)
		count_site(packet->owner, SITE_TRANSMIT_COPY, packet->bytes);
}

static __always_inline void end_pull(const struct sk_buff *skb, bool worked)
{
	struct transmit_copies *copies = transmit_copies_here(false);

	if (copies)
		end_copy(newest_copy(copies->pull, skb), worked);
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

/*
 * Without scatter-gather skb_segment copies. Without checksum offload it linearises each new packet
 * that has shared pages (__pskb_pull_tail), before the packet has a socket.
 */
static __always_inline int begin_segments(const struct sk_buff *skb, __u64 features)
{
	__u32 owner = NO_OWNER;
	struct transmit_copies *copies;

	if (armed)
		owner = sender_of_packet(skb, BPF_CORE_READ(skb, sk), false);
	if (owner == NO_OWNER)
		return 0;
	copies = transmit_copies_here(true);
	if (copies)
		note_copy(copies->segments, skb, owner,
			  features & NETIF_F_SG ? 0 : segmented_bytes(skb));
	else
		lose();
	return 0;
}

static __always_inline int end_segments(const struct sk_buff *skb, __u64 result)
{
	struct transmit_copies *copies = armed ? transmit_copies_here(false) : NULL;

	if (copies)
		end_copy(newest_copy(copies->segments, skb), !is_error(result));
	return 0;
}

SEC("fentry/skb_segment")
int BPF_PROG(segment_enter, struct sk_buff *skb, __u64 features)
{
	return begin_segments(skb, features);
}

SEC("fexit/skb_segment")
int BPF_PROG(segment_exit, struct sk_buff *skb, __u64 features, void *result)
{
	return end_segments(skb, (__u64)result);
}

SEC("kprobe/skb_segment")
int BPF_KPROBE(segment_probe, struct sk_buff *skb, __u64 features)
{
	return begin_segments(skb, features);
}

SEC("kretprobe/skb_segment")
int BPF_KRETPROBE(segment_return, void *result)
{
	return end_segments(NULL, (__u64)result);
}

/* every method: a packet in its final form, after taps and validate_xmit_skb */

/*
 * Whether payload in the linear area was copied on the way to this device. It was not if another
 * device got the packet with that payload linear before, or if a router sends it to a device with
 * scatter-gather and checksum offload.
 */
static __always_inline bool copied_here(const struct sk_buff *skb, const struct net_device *dev,
					const struct sock *sk)
{
	struct linear here = {.device = (__u64)dev, .seq = sequence_of(skb, typed)}, *before;
	__u64 key = (__u64)skb;

	before = bpf_map_lookup_elem(&linears, &key);
	if (before && before->seq == here.seq && before->device != here.device)
		return false;
	if (!sk && FIELD(dev, features) & NETIF_F_SG && FIELD(dev, features) & NETIF_F_CSUM)
		return false;
	bpf_map_update_elem(&linears, &key, &here, BPF_ANY);
	return true;
}

static __always_inline void count_linear(struct tally *tally, __u64 bytes)
{
	if (xmit_counts_linear)
		add(&tally->site[SITE_TRANSMIT_COPY], bytes, 1);
	else
		add(&tally->extra[EXTRA_LEFT_LINEAR], bytes, 1);
}

/*
 * The payload of an encrypted packet, or of an IP fragment, cannot be seen: the whole packet is
 * counted, an upper bound.
 */
static __always_inline void count_hidden(struct tally *tally, const struct sk_buff *skb)
{
	/* a packet that was copied is all in the linear area */
	if (!xmit_counts_linear || FIELD(skb, data_len))
		return;
	add(&tally->extra[EXTRA_LEFT_HIDDEN], FIELD(skb, len), 1);
	add(&tally->site[SITE_TRANSMIT_COPY], FIELD(skb, len), 1);
}

/*
 * Counts a packet at a device. A bridge or a VLAN passes a packet on with its socket; one end of a
 * veth pair does not (skb_orphan). Such a packet comes here again at the device below. So it leaves
 * at the device of its socket's route; at others only what happens to it there is counted.
 */
static __always_inline void count_leaving(struct tally *tally, const struct sk_buff *skb,
					  const struct net_device *dev, const struct sock *sk,
					  __u32 payload, bool pinned)
{
	const struct net_device *route = sk ? device_of_route(sk) : NULL;
	__u32 in_fragments = FIELD(skb, data_len);
	bool below = route && route != dev;

	if (below)
		add(&tally->extra[EXTRA_LEFT_BELOW], payload, 1);
	else if (sk)
		add(&tally->extra[EXTRA_LEFT], payload, 1);
	if (sk && pinned && !below)
		add(&tally->extra[EXTRA_LEFT_PINNED], in_fragments, 1);
	if (FIELD(dev, dev.parent))
		add(&tally->site[SITE_DMA_OUT], payload, 1);
	else if (FIELD(dev, rtnl_link_ops) && is_tun(dev))
		add(&tally->extra[EXTRA_TUN_OUT], payload, 1);
	/* the tap got a clone, whose pages skb_copy_ubufs replaced before any filter ran */
	if (pinned && xmit_counts_taps && device_has_tap(dev))
		add(&tally->site[SITE_TAP_COPY], in_fragments, 1);
}

/* The offset of the payload from skb->data, in bytes; `hidden`: it cannot be known (0). */
static __always_inline __u32 find_payload(const struct sk_buff *skb, bool *hidden)
{
	__u32 offset = payload_offset(skb, typed);
	unsigned char *tcp;

	*hidden = false;
	/* the linear area has only headers: all payload, if any, is in fragments */
	if (FIELD(skb, len) == offset + FIELD(skb, data_len))
		return offset;
	tcp = find_tcp(skb, typed);
	*hidden = !tcp;
	return tcp ? offset_behind(skb, tcp, typed) : 0;
}

TRACEPOINT(start_xmit, net_dev_start_xmit, struct sk_buff *skb, struct net_device *dev)
{
	struct connection *connection;
	__u32 owner, offset, length;
	struct shared_info info;
	struct tally *tally;
	bool pinned, hidden;
	struct sock *sk;
	__u64 key;

	if (!armed)
		return 0;
	sk = (void *)FIELD(skb, sk);
	key = (__u64)sk;
	connection = sk ? bpf_map_lookup_elem(&connections, &key) : NULL;
	owner = connection ? connection->row : NO_OWNER;
	pinned = holds_pinned(skb, &info, typed);
	if (owner == NO_OWNER && pinned)
		owner = owner_of_socket(pinner_of(&info));
	if (owner == NO_OWNER && !sk)
		owner = owner_of_hash(skb, typed);
	tally = owner == NO_OWNER ? NULL : tally_of(owner);
	if (!tally)
		return 0;
	offset = find_payload(skb, &hidden);
	length = FIELD(skb, len);
	if (length <= offset)
		return 0; /* a bare acknowledgement */
	if (connection)
		note_hash(connection, skb, sk);
	count_leaving(tally, skb, dev, sk, length - offset, pinned);
	if (hidden)
		count_hidden(tally, skb);
	else if (length - offset > FIELD(skb, data_len) && copied_here(skb, dev, sk))
		count_linear(tally, length - offset - FIELD(skb, data_len));
	if (pinned && xmit_notes_pinned)
		note_leaving(skb, dev, owner, &info);
	return 0;
}
