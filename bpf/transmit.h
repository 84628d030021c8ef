/* SPDX-License-Identifier: GPL-2.0 */
/* Which calls of the linearising and segmenting functions copy payload, and how much. */
#ifndef HARNESS_BPF_TRANSMIT_H
#define HARNESS_BPF_TRANSMIT_H

#include "bpf/packet.h"

/* Header pulls take a part of the fragments; a copy of the payload takes all there is. */
static __always_inline bool pulls_all(const struct sk_buff *skb, int delta)
{
	return delta > 0 && (__u32)delta == BPF_CORE_READ(skb, data_len);
}

/* Without scatter-gather every segment gets a copy of its payload, headers apart. */
static __always_inline __u64 segmented_bytes(const struct sk_buff *skb)
{
	return BPF_CORE_READ(skb, len) - payload_offset(skb, false);
}

static __always_inline bool is_error(__u64 pointer)
{
	return pointer >= (__u64)-4095;
}

#endif
