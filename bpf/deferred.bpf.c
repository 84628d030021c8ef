// SPDX-License-Identifier: GPL-2.0
/*
 * deferred_copy, and tap_copy by fentry and kprobes: pinned pages that skb_copy_ubufs copies.
 *
 * Bytes are counted by cause: the device of the packet, and the caller of skb_copy_ubufs. The
 * caller comes from the stack, because the compiler may inline its helpers.
 */
#include "bpf/cause.h"
#include "bpf/pages.h"
#include "bpf/stack.h"

/*
 * Notes the bytes that are in no user's pages, before the copy: plain sends may share the packet.
 */
static __always_inline void note_kinds(struct packet *packet, struct scratch *scratch)
{
	const struct sk_buff *skb = (const void *)packet->skb;
	struct kinds kinds = {};
	struct shared_info info;

	read_shared_info(&info, skb, false);
	if (is_purely_pinned(&info))
		return;
	read_fragments(&scratch->fragments, skb);
	if (scratch->fragments.count > FRAGS_MAX)
		count_call(packet->owner, EXTRA_DEFERRED_UNSORTED);
	sum_kinds(&kinds, &scratch->fragments);
	packet->own = kinds.socket;
	packet->files = kinds.file;
}

/*
 * Notes a packet at the entry of skb_copy_ubufs, which on success removes the flag and the
 * ubuf_info that leads to the sender's socket.
 */
static __always_inline bool begin_copy(const struct sk_buff *skb, bool plain,
				       struct scratch *scratch)
{
	struct net_device *dev = (void *)READ(plain, skb, dev);
	struct shared_info info;
	__u64 pinner;
	__s64 bytes;
	__u32 owner;

	read_shared_info(&info, skb, plain);
	pinner = pinner_of(&info);
	owner = owner_of_socket(pinner);
	if (owner == NO_OWNER)
		return false;
	bytes = fragment_bytes(skb, &info, plain);
	/* frag_list is too long, or this copy preempted another one */
	if (bytes < 0 || scratch->copying.skb)
		lose();
	note_packet(&scratch->copying, skb, dev, owner, bytes);
	note_shared_socket(&scratch->copying, skb, pinner, plain);
	note_kinds(&scratch->copying, scratch);
	return true;
}

static __always_inline void end_copy(const struct sk_buff *skb, int result)
{
	struct scratch *scratch = scratch_of_cpu();

	if (!scratch || !scratch->copying.skb || (skb && scratch->copying.skb != (__u64)skb))
		return;
	scratch->copying.skb = 0;
	if (result || !scratch->copying.bytes)
		return;
	count_cause(&scratch->copying, scratch->caller, scratch->above);
	if (!copies_for(scratch, taps_start, taps_end))
		count_kinds(&scratch->copying);
}

SEC("fentry/skb_copy_ubufs")
int BPF_PROG(copy_ubufs_enter, struct sk_buff *skb)
{
	struct scratch *scratch = armed && any_pinned ? scratch_of_cpu() : NULL;

	if (scratch && begin_copy(skb, true, scratch))
		note_caller(ctx, scratch, caller_at_entry(ctx, scratch));
	return 0;
}

SEC("fexit/skb_copy_ubufs")
int BPF_PROG(copy_ubufs_exit, struct sk_buff *skb, unsigned int gfp, int result)
{
	if (armed && any_pinned)
		end_copy(skb, result);
	return 0;
}

/* The return address of the function that a kprobe is at the start of. */
static __always_inline __u64 return_address(struct pt_regs *ctx)
{
#if defined(__TARGET_ARCH_arm64)
	return PT_REGS_RET(ctx); /* the link register: nothing is on the stack yet */
#else
	__u64 address = 0;

	bpf_probe_read_kernel(&address, sizeof(address), (void *)PT_REGS_RET(ctx));
	return address;
#endif
}

SEC("kprobe/skb_copy_ubufs")
int BPF_KPROBE(copy_ubufs_probe, struct sk_buff *skb)
{
	struct scratch *scratch = armed && any_pinned ? scratch_of_cpu() : NULL;

	if (scratch && begin_copy(skb, false, scratch))
		note_caller(ctx, scratch, return_address(ctx));
	return 0;
}

/* skb_copy_ubufs does not sleep or nest, so a kretprobe instance is always free. */
SEC("kretprobe/skb_copy_ubufs")
int BPF_KRETPROBE(copy_ubufs_return, int result)
{
	if (armed && any_pinned)
		end_copy(NULL, result);
	return 0;
}

/* tracepoints */

/*
 * skb_copy_ubufs has no tracepoint, but it allocates pages first. So a pinned packet is noted when
 * a device receives it. The next page allocation inside skb_copy_ubufs on this CPU is that packet's
 * copy, and the stack gives the caller. It is the packet that was noted last: softirqs do not nest,
 * and __netif_receive_skb_core copies a packet, or passes it on uncopied, before the next one is
 * received. A packet that leaves by another device, or is dropped, is no longer noted.
 */
static __always_inline void wait_for_copy(const struct sk_buff *skb, const struct shared_info *info)
{
	struct scratch *scratch = scratch_of_cpu();
	__u64 pinner;
	__u32 owner;
	__s64 bytes;

	if (!scratch)
		return;
	scratch->waiting.skb = 0; /* also for a packet that is not followed: its copy comes next */
	pinner = pinner_of(info);
	owner = owner_of_socket(pinner);
	if (owner == NO_OWNER)
		return;
	bytes = fragment_bytes(skb, info, typed);
	if (bytes < 0) {
		lose();
		return;
	}
	if (!bytes)
		return;
	note_packet(&scratch->waiting, skb, NULL, owner, bytes);
	note_shared_socket(&scratch->waiting, skb, pinner, typed);
}

/*
 * Counts a dropped packet: what TCP sent must leave or be dropped, else events were missed. A
 * packet with its sender's socket was dropped before it left, others after.
 */
static __always_inline void note_drop(const struct sk_buff *skb)
{
	const struct sock *sk = (void *)FIELD(skb, sk);
	__u32 owner = owner_of_socket((__u64)sk), offset, length = FIELD(skb, len);

	if (owner != NO_OWNER) {
		offset = payload_offset(skb, typed);
		if (length > offset)
			count_extra(owner, EXTRA_DROPPED, length - offset);
		return;
	}
	owner = owner_of_packet(skb, sk, typed);
	if (owner != NO_OWNER)
		count_extra(owner, EXTRA_DROPPED_LATE, FIELD(skb, data_len));
}

TRACEPOINT(dropped, kfree_skb, struct sk_buff *skb)
{
	struct scratch *scratch;

	if (!armed)
		return 0;
	note_drop(skb);
	scratch = any_pinned ? scratch_of_cpu() : NULL;
	if (scratch)
		forget_waiting(skb, scratch);
	return 0;
}

/* Counts a noted packet as its copy begins. The copy may allocate more pages. */
static __always_inline void count_noted(struct packet *packet, struct scratch *scratch)
{
	if (!packet->skb)
		return;
	note_kinds(packet, scratch);
	packet->skb = 0;
	count_cause(packet, scratch->caller, scratch->above);
	count_kinds(packet);
}

TRACEPOINT(page_alloc, mm_page_alloc, struct page *page)
{
	const struct sk_buff *skb;
	struct scratch *scratch;

	if (!armed || !any_pinned || !page)
		return 0;
	scratch = scratch_of_cpu();
	if (!scratch || (!scratch->waiting.skb && !scratch->stamping.skb))
		return 0;
	note_caller(ctx, scratch, caller_inside(ctx, scratch));
	/* start_xmit counts a tap's copy */
	if (!scratch->caller || copies_for(scratch, taps_start, taps_end))
		return 0;
	if (copies_for(scratch, timestamps_start, timestamps_end)) {
		count_noted(&scratch->stamping, scratch);
		return 0;
	}
	if (!scratch->waiting.skb)
		return 0;
	/* the device at the copy: perhaps a VLAN over the one that received the packet */
	skb = (const void *)scratch->waiting.skb;
	scratch->waiting.device = (__u64)BPF_CORE_READ(skb, dev);
	count_noted(&scratch->waiting, scratch);
	return 0;
}

/* A device has received the packet, and no handler has seen it yet. */
TRACEPOINT(device_receive, netif_receive_skb, struct sk_buff *skb)
{
	struct shared_info info;

	if (armed && holds_pinned(skb, &info, typed))
		wait_for_copy(skb, &info);
	return 0;
}
