/* SPDX-License-Identifier: GPL-2.0 */
/* Packets that are noted on this CPU because a copy of them may follow. */
#ifndef HARNESS_BPF_WAITING_H
#define HARNESS_BPF_WAITING_H

#include "bpf/owner.h"

static __always_inline struct scratch *scratch_of_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratches, &zero);
}

static __always_inline void note_packet(struct packet *packet, const struct sk_buff *skb,
					const struct net_device *dev, __u32 owner, __u64 bytes)
{
	packet->skb = (__u64)skb;
	packet->device = (__u64)dev;
	packet->owner = owner;
	packet->bytes = bytes;
	packet->own = packet->files = 0;
	packet->shared_socket = 0;
}

/* Notes the socket and the sequence number of a packet if several processes sent on that socket. */
static __always_inline void note_shared_socket(struct packet *packet, const struct sk_buff *skb,
					       __u64 socket, bool plain)
{
	struct connection *connection = bpf_map_lookup_elem(&connections, &socket);

	if (!connection || !connection->handovers)
		return;
	packet->shared_socket = socket;
	packet->seq = sequence_of(skb, plain);
}

static __always_inline void forget_waiting(const struct sk_buff *skb, struct scratch *scratch)
{
	if (scratch->waiting.skb == (__u64)skb)
		scratch->waiting.skb = 0;
}

/*
 * A pinned packet leaves. If its sender wants a timestamp, a clone goes back to it with copied
 * pages (__skb_tstamp_tx), so the packet is noted.
 */
static __always_inline void note_leaving(struct sk_buff *skb, const struct net_device *dev,
					 __u32 owner, const struct shared_info *info)
{
	struct scratch *scratch = scratch_of_cpu();

	if (!scratch)
		return;
	forget_waiting(skb, scratch);
	scratch->stamping.skb = 0;
	if (!wants_timestamp(info))
		return;
	note_packet(&scratch->stamping, skb, dev, owner, fragment_bytes(skb, info, typed));
	note_shared_socket(&scratch->stamping, skb, pinner_of(info), typed);
}

#endif
