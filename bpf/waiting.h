/* SPDX-License-Identifier: GPL-2.0 */
/* Packets that are noted on this CPU because a copy of them may follow. */
#ifndef HARNESS_BPF_WAITING_H
#define HARNESS_BPF_WAITING_H

#include "bpf/owner.h"

static __always_inline void describe(struct packet *packet, const struct sk_buff *skb,
				     const struct net_device *dev, __u32 owner, __u64 bytes)
{
	packet->skb = (__u64)skb;
	packet->device = (__u64)dev;
	packet->owner = owner;
	packet->bytes = bytes;
}

static __always_inline void no_longer_waits(const struct sk_buff *skb, struct scratch *scratch)
{
	if (scratch->waiting.skb == (__u64)skb)
		scratch->waiting.skb = 0;
}

/*
 * A pinned packet leaves. A clone of it goes back to its sender with the timestamp, if one is
 * wanted, its pages copied.
 */
static __always_inline void note_leaving(struct sk_buff *skb, const struct net_device *dev,
					 __u32 owner, const struct shared *shared)
{
	struct scratch *scratch = scratch_of_cpu();

	if (!scratch)
		return;
	no_longer_waits(skb, scratch);
	scratch->stamping.skb = 0;
	if (wants_timestamp(shared))
		describe(&scratch->stamping, skb, dev, owner, fragment_bytes(skb, shared, typed));
}

#endif
