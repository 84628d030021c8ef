/* SPDX-License-Identifier: GPL-2.0 */
/* Which calls of the linearising and segmenting functions copy payload, and how much. */
#ifndef HARNESS_BPF_TRANSMIT_H
#define HARNESS_BPF_TRANSMIT_H

#include "bpf/waiting.h"

/*
 * __pskb_pull_tail pulls all fragments, so it copies the payload. A pull of headers takes a part.
 */
static __always_inline bool pulls_all(const struct sk_buff *skb, int delta)
{
	return delta > 0 && (__u32)delta == BPF_CORE_READ(skb, data_len);
}

/* Bytes that skb_segment copies without scatter-gather: the payload, not the headers. */
static __always_inline __u64 segmented_bytes(const struct sk_buff *skb)
{
	return BPF_CORE_READ(skb, len) - payload_offset(skb, false);
}

/* The copies that the current task is in; NULL: none, or with `make`, no room. */
static __always_inline struct transmit_copies *transmit_copies_here(bool make)
{
	__u64 key = (__u32)bpf_get_current_pid_tgid();
	struct transmit_copies *copies, fresh = {};

	if (!key) /* each CPU has an idle task with this number */
		key = 1ULL << 32 | bpf_get_smp_processor_id();
	copies = bpf_map_lookup_elem(&transmit_copies, &key);
	if (copies || !make)
		return copies;
	bpf_map_update_elem(&transmit_copies, &key, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&transmit_copies, &key);
}

static __always_inline void note_copy(struct packet two[2], const struct sk_buff *skb, __u32 owner,
				      __u64 bytes)
{
	struct packet *packet = two[0].skb ? &two[1] : &two[0];

	if (packet->skb) /* the end of one was not seen */
		lose();
	note_packet(packet, skb, NULL, owner, bytes);
	packet->seq = sequence_of(skb, false);
}

/* The copy that started last, or that of `skb` if not NULL; NULL: there is none. */
static __always_inline struct packet *newest_copy(struct packet two[2], const struct sk_buff *skb)
{
	for (int i = 1; i >= 0; i--)
		if (two[i].skb && (!skb || two[i].skb == (__u64)skb))
			return &two[i];
	return NULL;
}

/*
 * The owner of a new packet inside skb_segment, which has no socket yet: that of the packet it is
 * cut from, whose sequence number it has. NO_OWNER: none.
 */
static __always_inline __u32 owner_of_segment(const struct sk_buff *skb)
{
	struct transmit_copies *copies = transmit_copies_here(false);
	struct packet *from = copies ? newest_copy(copies->segments, NULL) : NULL;

	return from && sequence_of(skb, false) == from->seq ? from->owner : NO_OWNER;
}

static __always_inline bool is_error(__u64 pointer)
{
	return pointer >= (__u64)-4095;
}

#endif
