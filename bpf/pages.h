/* SPDX-License-Identifier: GPL-2.0 */
/* The fragments of a packet, and what their pages belong to. */
#ifndef HARNESS_BPF_PAGES_H
#define HARNESS_BPF_PAGES_H

#include "bpf/packet.h"

static __always_inline void read_fragments(struct fragments *fragments, const struct sk_buff *skb)
{
	const struct skb_shared_info *info =
		(void *)(BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, end));

	fragments->count = BPF_CORE_READ(info, nr_frags);
	bpf_probe_read_kernel(fragments->of, sizeof(fragments->of),
			      (void *)info + bpf_core_field_offset(struct skb_shared_info, frags));
}

enum page_kind {
	PAGE_OF_SOCKET,
	PAGE_OF_USER,
	PAGE_OF_FILE,
};

/*
 * The page of zeroes that memory refers to until it is written to. No other page of a packet is
 * reserved. `flags` is the first member, in a struct of its own since 6.18.
 */
static __always_inline bool is_page_of_zeroes(const struct page *page)
{
	__u64 flags = 0;

	bpf_probe_read_kernel(&flags, sizeof(flags), page);
	return flags & 1ULL << bpf_core_enum_value(enum pageflags, PG_reserved);
}

/* The socket's own page has no mapping, a user's has an anonymous one, a file's has the file's. */
#define MAPPING_ANONYMOUS 1
static __always_inline enum page_kind kind_of_page(__u64 address)
{
	const struct page *page = (const void *)address;
	__u64 mapping;

	if (bpf_core_field_exists(page->compound_head)) {
		mapping = BPF_CORE_READ(page, compound_head);
		if (mapping & 1) /* a tail page, which has no mapping of its own */
			page = (const void *)(mapping - 1);
	}
	mapping = (__u64)BPF_CORE_READ(page, mapping);
	if (!mapping)
		return is_page_of_zeroes(page) ? PAGE_OF_USER : PAGE_OF_SOCKET;
	return mapping & MAPPING_ANONYMOUS ? PAGE_OF_USER : PAGE_OF_FILE;
}

/* The bytes of a packet's fragments, by what their pages belong to. */
struct kinds {
	__u64 socket, user, file;
};

static __always_inline void sum_kinds(struct kinds *kinds, const struct fragments *fragments)
{
	for (__u32 i = 0; i < FRAGS_MAX && i < fragments->count; i++) {
		__u32 bytes = fragments->of[i].bytes;
		enum page_kind kind = kind_of_page(fragments->of[i].page);

		kinds->socket += kind == PAGE_OF_SOCKET ? bytes : 0;
		kinds->user += kind == PAGE_OF_USER ? bytes : 0;
		kinds->file += kind == PAGE_OF_FILE ? bytes : 0;
	}
}

#endif
