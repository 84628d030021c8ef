/* SPDX-License-Identifier: GPL-2.0 */
/* Accessors of packets (struct sk_buff). */
#ifndef HARNESS_BPF_PACKET_H
#define HARNESS_BPF_PACKET_H

#include "bpf/kernel.h"

/* SKBFL_ZEROCOPY_ENABLE; before 5.12 SKBTX_DEV_ZEROCOPY, in tx_flags */
#define FLAG_ZEROCOPY	 (1 << 0)
#define TX_FLAG_ZEROCOPY (1 << 3)
/* SKBFL_PURE_ZEROCOPY, since 5.16 (9b65b17db723): all fragments are pinned pages; else unset */
#define FLAG_PURE (1 << 2)
/* SKBTX_SW_TSTAMP: the sender wants a software timestamp when the device takes the packet */
#define TX_FLAG_TIMESTAMP (1 << 1)

/*
 * The first 64 bytes of a packet's skb_shared_info, read at once: a helper call costs more than the
 * bytes.
 */
struct shared_info {
	__u64 words[8];
};

#define INFO(info, member)                                                                         \
	(*(typeof(((struct skb_shared_info *)0)->member) *)((void *)(info)->words +                \
							    bpf_core_field_offset(                 \
								    struct skb_shared_info,        \
								    member)))

/* Fills `info`; all zeroes if the memory cannot be read. */
static __always_inline void read_shared_info(struct shared_info *info, const struct sk_buff *skb,
					     bool plain)
{
	bpf_probe_read_kernel(info, sizeof(*info),
			      (void *)(READ(plain, skb, head) + READ(plain, skb, end)));
}

/* The packet refers to pinned user pages (MSG_ZEROCOPY, io_uring). */
static __always_inline bool is_pinned(const struct shared_info *info)
{
	if (bpf_core_field_exists(struct skb_shared_info, flags))
		return INFO(info, flags) & FLAG_ZEROCOPY;
	return INFO(info, tx_flags) & TX_FLAG_ZEROCOPY;
}

/* All fragments are known to be pinned. A packet without the flag may have such fragments only. */
static __always_inline bool is_purely_pinned(const struct shared_info *info)
{
	return bpf_core_field_exists(struct skb_shared_info, flags) &&
	       INFO(info, flags) & FLAG_PURE;
}

static __always_inline bool wants_timestamp(const struct shared_info *info)
{
	return INFO(info, tx_flags) & TX_FLAG_TIMESTAMP;
}

/*
 * The struct sock whose send pinned the pages; 0: none. The ubuf_info of MSG_ZEROCOPY is in the
 * control block of a notification skb, whose sk is the sender (skb_from_uarg). Any other ubuf_info
 * gives a pointer that is not in `connections`. skb->sk is not the sender: loopback_xmit and
 * ip_rcv_core orphan the packet.
 */
static __always_inline __u64 pinner_of(const struct shared_info *info)
{
	__u64 uarg = (__u64)INFO(info, destructor_arg);
	__u64 *pinner = bpf_map_lookup_elem(&pinners, &uarg);
	struct sk_buff *notification;

	if (pinner)
		return *pinner;
	if (!uarg || (uarg & 1)) /* bit 0: an AF_PACKET ring, no ubuf_info (skb_zcopy_set_nouarg) */
		return 0;
	notification = (void *)(uarg - bpf_core_field_offset(struct sk_buff, cb));
	return (__u64)BPF_CORE_READ(notification, sk);
}

/*
 * Bytes in the fragments, which skb_copy_ubufs copies: data_len less the packets of frag_list,
 * which it does not copy. -1: frag_list has more than FRAG_LIST_MAX packets.
 */
#define FRAG_LIST_MAX 32
static __always_inline __s64 fragment_bytes(const struct sk_buff *skb,
					    const struct shared_info *info, bool plain)
{
	struct sk_buff *part = INFO(info, frag_list);
	__s64 bytes = READ(plain, skb, data_len);

	for (int i = 0; part && i < FRAG_LIST_MAX; i++) {
		bytes -= BPF_CORE_READ(part, len);
		part = BPF_CORE_READ(part, next);
	}
	return part ? -1 : bytes;
}

/* The packet is in a tunnel: its TCP header is the inner one. */
static __always_inline bool is_encapsulated(const struct sk_buff *skb, bool plain)
{
	if (plain)
		return BPF_CORE_READ_BITFIELD(skb, encapsulation);
	return BPF_CORE_READ_BITFIELD_PROBED(skb, encapsulation);
}

#define TCP_WORDS_AT 12 /* the upper half of this byte is the header's length in words */
static __always_inline __u32 offset_behind(const struct sk_buff *skb, const unsigned char *tcp,
					   bool plain)
{
	__u8 words = 0;

	bpf_probe_read_kernel(&words, 1, tcp + TCP_WORDS_AT);
	return tcp - READ(plain, skb, data) + (words >> 4) * 4;
}

/*
 * Offset of the TCP payload from skb->data, in bytes. The packet is on its way out: its headers are
 * written.
 */
static __always_inline __u32 payload_offset(const struct sk_buff *skb, bool plain)
{
	unsigned char *tcp = READ(plain, skb, head);

	if (is_encapsulated(skb, plain))
		tcp += READ(plain, skb, inner_transport_header);
	else
		tcp += READ(plain, skb, transport_header);
	return offset_behind(skb, tcp, plain);
}

/*
 * The IP header says that TCP follows after `length` bytes and that the packet has `rest` bytes.
 * Encrypted bytes are unlikely to say so.
 */
#define IP_TCP_AT  9 /* protocol of an IPv4 header */
#define IP6_TCP_AT 6
#define IP6_BYTES  40
static __always_inline bool leads_to_tcp(const unsigned char *ip, __u32 length, __u32 rest)
{
	unsigned char start[IP_TCP_AT + 1] = {};

	bpf_probe_read_kernel(start, sizeof(start), ip);
	if (start[0] >> 4 == 4)
		return start[IP_TCP_AT] == IPPROTO_TCP && (start[0] & 15u) * 4 == length &&
		       (start[2] << 8 | start[3]) == (int)rest;
	return start[0] >> 4 == 6 && start[IP6_TCP_AT] == IPPROTO_TCP && length == IP6_BYTES &&
	       (start[4] << 8 | start[5]) == (int)rest - IP6_BYTES;
}

/*
 * The TCP header of a packet on its way out: the outer one, or the inner one of a tunnel, even if
 * skb->encapsulation is no longer set. NULL: it cannot be read, as the packet is encrypted or a
 * fragment.
 */
static __always_inline unsigned char *find_tcp(const struct sk_buff *skb, bool plain)
{
	unsigned char *head = READ(plain, skb, head);
	unsigned char *end = READ(plain, skb, data) + READ(plain, skb, len);
	unsigned char *ip = head + READ(plain, skb, network_header);
	unsigned char *tcp = head + READ(plain, skb, transport_header);

	if (leads_to_tcp(ip, tcp - ip, end - ip))
		return tcp;
	ip = head + READ(plain, skb, inner_network_header);
	tcp = head + READ(plain, skb, inner_transport_header);
	return leads_to_tcp(ip, tcp - ip, end - ip) ? tcp : NULL;
}

/* The sequence number that a packet of a socket's queue begins with. */
static __always_inline __u32 queue_start(const struct sk_buff *skb)
{
	const void *tcp = __builtin_preserve_access_index(&skb->cb);
	__u32 seq = 0;

	bpf_probe_read_kernel(&seq, sizeof(seq),
			      tcp + bpf_core_field_offset(struct tcp_skb_cb, seq));
	return seq;
}

/*
 * Payload bytes in a packet of the write queue before the current call adds to it:
 * tcp_sendmsg_locked moves end_seq after that call.
 */
static __always_inline __u32 queued_before(const struct sk_buff *skb)
{
	const void *tcp = __builtin_preserve_access_index(&skb->cb);
	__u32 seq[2] = {}; /* seq and end_seq: the first two members of struct tcp_skb_cb */

	bpf_probe_read_kernel(seq, sizeof(seq),
			      tcp + bpf_core_field_offset(struct tcp_skb_cb, seq));
	return seq[1] - seq[0];
}

/* The sequence number in a packet's TCP header. */
#define TCP_SEQ_AT 4
static __always_inline __u32 sequence_of(const struct sk_buff *skb, bool plain)
{
	unsigned char *tcp = READ(plain, skb, head);
	__u32 seq = 0;

	if (is_encapsulated(skb, plain))
		tcp += READ(plain, skb, inner_transport_header);
	else
		tcp += READ(plain, skb, transport_header);
	bpf_probe_read_kernel(&seq, sizeof(seq), tcp + TCP_SEQ_AT);
	return bpf_ntohl(seq);
}

/* The number of segments of a packet of the write queue (tcp_skb_pcount). */
static __always_inline __u32 segments_of(const struct sk_buff *skb)
{
	const void *tcp = __builtin_preserve_access_index(&skb->cb);
	__u16 segments = 0;

	bpf_probe_read_kernel(&segments, sizeof(segments),
			      tcp + bpf_core_field_offset(struct tcp_skb_cb, tcp_gso_segs));
	return segments;
}

/*
 * Whether a packet tap gets a clone of what this device sends. dev_queue_xmit_nit walks the
 * device's list and the namespace's (net->ptype_all, 6.15), and skips taps that ignore outgoing
 * packets.
 */
#define TAPS_MAX 8
static __always_inline bool list_has_tap(struct list_head *head)
{
	struct list_head *at = BPF_CORE_READ(head, next);
	struct packet_type *tap;

	for (int i = 0; at != head && i < TAPS_MAX; i++) {
		tap = (void *)at - bpf_core_field_offset(struct packet_type, list);
		if (!BPF_CORE_READ(tap, ignore_outgoing))
			return true;
		at = BPF_CORE_READ(at, next);
	}
	return false;
}

static __always_inline bool device_has_tap(const struct net_device *dev)
{
	struct net *net = FIELD(dev, nd_net.net);

	if (list_has_tap((void *)__builtin_preserve_access_index(&dev->ptype_all)))
		return true;
	if (!bpf_core_field_exists(net->ptype_all))
		return list_has_tap((void *)all_taps);
	return list_has_tap((void *)__builtin_preserve_access_index(&net->ptype_all));
}

#endif
