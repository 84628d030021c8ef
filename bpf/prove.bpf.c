// SPDX-License-Identifier: GPL-2.0
/* Proofs: probes that are too costly for a timed run, and have short runs of their own. */
#include "bpf/owner.h"
#include "bpf/pages.h"

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

/* send_copy, send_pin, send_splice: the kinds of the pages in a packet that leaves. */
static __always_inline void count_pages(struct tally *tally, const struct sk_buff *skb,
					__u32 linear)
{
	struct kinds kinds = {.socket = linear};
	struct fragments fragments;

	read_fragments(&fragments, skb);
	sum_kinds(&kinds, &fragments);
	add(&tally->extra[EXTRA_PROVED_COPY], kinds.socket, 1);
	add(&tally->extra[EXTRA_PROVED_PIN], kinds.user, 1);
	add(&tally->extra[EXTRA_PROVED_SPLICE], kinds.file, 1);
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
