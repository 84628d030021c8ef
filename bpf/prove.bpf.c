// SPDX-License-Identifier: GPL-2.0
/* Proofs: probes that are too costly for a timed run, and have short runs of their own. */
#include "bpf/owner.h"

/* user_memcpy: at the entry of a function whose third argument is a number of bytes. */
SEC("uprobe")
int BPF_KPROBE(user_memcpy)
{
	struct thread *thread = armed ? current_thread() : NULL;

	if (thread)
		count_site(thread->owner, SITE_USER_MEMCPY, PT_REGS_PARM3(ctx));
	return 0;
}

/*
 * The probes below look for the effect of a copy. They do not use the results of calls, which the
 * sites count. They do not probe the functions that copy: these are in lib/, where Debian's kernels
 * refuse kprobes as well as fentry (CONFIG_KPROBE_EVENTS_ON_NOTRACE is off).
 */

/* A fragment: a bio_vec before 6.9, a skb_frag since (21d2e6737c97); both have this layout. */
struct fragment {
	__u64 page;
	__u32 bytes;
	__u32 offset;
};

#define FRAGS_MAX 17

/* The fragments of a packet, and their number. */
struct fragments {
	__u32 count;
	struct fragment of[FRAGS_MAX];
};

static __always_inline void read_fragments(struct fragments *fragments, const struct sk_buff *skb)
{
	const struct skb_shared_info *info =
		(void *)(BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, end));

	fragments->count = BPF_CORE_READ(info, nr_frags);
	bpf_probe_read_kernel(fragments->of, sizeof(fragments->of),
			      (void *)info + bpf_core_field_offset(struct skb_shared_info, frags));
}

/*
 * send_copy, send_pin, send_splice: the kind of a page in a packet that leaves. The socket's own
 * page has no mapping, a user's has an anonymous one, a file's has the file's.
 */
#define MAPPING_ANONYMOUS 1
static __always_inline enum extra kind_of_page(__u64 address)
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
		return EXTRA_PROVED_COPY;
	return mapping & MAPPING_ANONYMOUS ? EXTRA_PROVED_PIN : EXTRA_PROVED_SPLICE;
}

static __always_inline void count_pages(struct tally *tally, const struct sk_buff *skb,
					__u32 linear)
{
	__u64 copied = linear, pages = 0, files = 0;
	struct fragments fragments;

	read_fragments(&fragments, skb);
	for (__u32 i = 0; i < FRAGS_MAX && i < fragments.count; i++) {
		__u32 bytes = fragments.of[i].bytes;
		enum extra kind = kind_of_page(fragments.of[i].page);

		copied += kind == EXTRA_PROVED_COPY ? bytes : 0;
		pages += kind == EXTRA_PROVED_PIN ? bytes : 0;
		files += kind == EXTRA_PROVED_SPLICE ? bytes : 0;
	}
	add(&tally->extra[EXTRA_PROVED_COPY], copied, 1);
	add(&tally->extra[EXTRA_PROVED_PIN], pages, 1);
	add(&tally->extra[EXTRA_PROVED_SPLICE], files, 1);
}

TRACEPOINT(prove_leave, net_dev_start_xmit, struct sk_buff *skb, struct net_device *dev)
{
	struct sock *sk = (void *)FIELD(skb, sk);
	__u32 owner, offset, payload;
	struct tally *tally;

	if (!armed || !sk || device_of_route(sk) != dev)
		return 0;
	owner = owner_of_socket((__u64)sk);
	tally = owner == NO_OWNER ? NULL : tally_of(owner);
	if (!tally)
		return 0;
	offset = payload_offset(skb, typed);
	if (FIELD(skb, len) <= offset)
		return 0; /* a bare acknowledgement */
	payload = FIELD(skb, len) - offset;
	count_pages(tally, skb, payload - FIELD(skb, data_len));
	return 0;
}

/* receive_copy: the bytes by which the copy moved the iterator over user memory. */
SEC("kprobe/skb_copy_datagram_iter")
int BPF_KPROBE(prove_iter_probe, struct sk_buff *skb, int offset, struct iov_iter *to)
{
	struct thread *thread = armed ? current_thread() : NULL;
	struct sock *sk = BPF_CORE_READ(skb, sk);

	if (!thread || !sk || BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	thread->proving = (__u64)to;
	thread->room = BPF_CORE_READ(to, count);
	return 0;
}

SEC("kretprobe/skb_copy_datagram_iter")
int BPF_KRETPROBE(prove_iter_return, int result)
{
	struct thread *thread = armed ? current_thread() : NULL;
	const struct iov_iter *to;
	__u64 left;

	if (!thread || !thread->proving)
		return 0;
	to = (const void *)thread->proving;
	left = BPF_CORE_READ(to, count);
	thread->proving = 0;
	if (left < thread->room)
		count_extra(thread->owner, EXTRA_PROVED_RECEIVE, thread->room - left);
	return 0;
}

/*
 * deferred_copy: bytes in pages, after skb_copy_ubufs, that the packet did not refer to before it.
 */
struct pages {
	__u64 skb;
	__u64 owner;
	struct fragments before, after;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pages);
} pages_of_copy SEC(".maps");

SEC("kprobe/skb_copy_ubufs")
int BPF_KPROBE(prove_ubufs_probe, struct sk_buff *skb)
{
	__u32 zero = 0;
	struct pages *pages = armed ? bpf_map_lookup_elem(&pages_of_copy, &zero) : NULL;
	struct shared_info info;

	if (!pages)
		return 0;
	read_shared_info(&info, skb, false);
	pages->skb = (__u64)skb;
	pages->owner = owner_of_socket(pinner_of(&info));
	read_fragments(&pages->before, skb);
	return 0;
}

static __always_inline bool was_there(const struct fragments *before, __u64 page)
{
	bool there = false;

	for (__u32 i = 0; i < FRAGS_MAX && i < before->count; i++)
		there |= before->of[i].page == page;
	return there;
}

SEC("kretprobe/skb_copy_ubufs")
int BPF_KRETPROBE(prove_ubufs_return, int result)
{
	__u32 zero = 0;
	struct pages *pages = armed && !result ? bpf_map_lookup_elem(&pages_of_copy, &zero) : NULL;
	__u64 bytes = 0;

	if (!pages || !pages->skb || (__u32)pages->owner == NO_OWNER)
		return 0;
	read_fragments(&pages->after, (const void *)pages->skb);
	pages->skb = 0;
	for (__u32 i = 0; i < FRAGS_MAX && i < pages->after.count; i++)
		if (!was_there(&pages->before, pages->after.of[i].page))
			bytes += pages->after.of[i].bytes;
	if (bytes)
		count_extra(pages->owner, EXTRA_PROVED_DEFERRED, bytes);
	return 0;
}
