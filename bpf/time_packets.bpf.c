// SPDX-License-Identifier: GPL-2.0
/*
 * Nanoseconds spent in copies of packets: deferred_copy, tap_copy, transmit_copy (see time.bpf.c).
 * These do not sleep, so each CPU has its stopwatches.
 */
#include "bpf/cause.h"
#include "bpf/time.h"
#include "bpf/transmit.h"

/* The copy of a packet's payload that is under way on this CPU. */
struct stopwatch {
	__u64 skb; /* 0: none */
	__u64 since;
	__u64 bytes;
	__u32 owner;
	__u32 zero;
};

struct stopwatches {
	struct stopwatch ubufs, pull, segment;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct stopwatches);
} stopwatches SEC(".maps");

static __always_inline struct stopwatches *stopwatches_of_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&stopwatches, &zero);
}

static __always_inline void start_stopwatch(struct stopwatch *stopwatch, const struct sk_buff *skb,
					    __u32 owner, __u64 bytes)
{
	stopwatch->skb = (__u64)skb;
	stopwatch->owner = owner;
	stopwatch->bytes = bytes;
	stopwatch->since = bpf_ktime_get_ns();
}

static __always_inline void stop_stopwatch(struct stopwatch *stopwatch, bool worked, enum site site)
{
	__u64 now = bpf_ktime_get_ns();
	struct times *record;

	if (!stopwatch->skb)
		return;
	stopwatch->skb = 0;
	record = worked ? times_of(stopwatch->owner) : NULL;
	if (!record)
		return;
	/* one by one: a verifier before 5.12 follows no variable index into a map's value */
	if (site == SITE_TRANSMIT_COPY)
		add_time(&record->site[SITE_TRANSMIT_COPY], now - stopwatch->since,
			 stopwatch->bytes);
	else if (site == SITE_TAP_COPY)
		add_time(&record->site[SITE_TAP_COPY], now - stopwatch->since, stopwatch->bytes);
	else
		add_time(&record->site[SITE_DEFERRED_COPY], now - stopwatch->since,
			 stopwatch->bytes);
}

static __always_inline int begin_ubufs(const struct sk_buff *skb)
{
	struct stopwatches *all = armed && any_pinned ? stopwatches_of_cpu() : NULL;
	struct shared_info info;
	__s64 bytes;
	__u32 owner;

	if (!all)
		return 0;
	read_shared_info(&info, skb, false);
	owner = owner_of_socket(pinner_of(&info));
	bytes = owner == NO_OWNER ? 0 : fragment_bytes(skb, &info, false);
	if (bytes > 0)
		start_stopwatch(&all->ubufs, skb, owner, bytes);
	return 0;
}

/* The program that counts ran on this CPU for this copy and noted the caller. */
static __always_inline int end_ubufs(int result)
{
	struct stopwatches *all = armed ? stopwatches_of_cpu() : NULL;
	struct scratch *scratch = all ? scratch_of_cpu() : NULL;
	bool tap;

	if (!scratch)
		return 0;
	tap = copies_for(scratch, taps_start, taps_end);
	stop_stopwatch(&all->ubufs, !result, tap ? SITE_TAP_COPY : SITE_DEFERRED_COPY);
	return 0;
}

SEC("fentry/skb_copy_ubufs")
int BPF_PROG(time_ubufs_enter, struct sk_buff *skb)
{
	return begin_ubufs(skb);
}

SEC("fexit/skb_copy_ubufs")
int BPF_PROG(time_ubufs_exit, struct sk_buff *skb, unsigned int gfp, int result)
{
	return end_ubufs(result);
}

SEC("kprobe/skb_copy_ubufs")
int BPF_KPROBE(time_ubufs_probe, struct sk_buff *skb)
{
	return begin_ubufs(skb);
}

SEC("kretprobe/skb_copy_ubufs")
int BPF_KRETPROBE(time_ubufs_return, int result)
{
	return end_ubufs(result);
}

static __always_inline int begin_pull(const struct sk_buff *skb, int delta)
{
	struct stopwatches *all = armed && pulls_all(skb, delta) ? stopwatches_of_cpu() : NULL;
	__u32 owner = all ? owner_of_segment(skb) : NO_OWNER;

	if (all && owner == NO_OWNER)
		owner = sender_of_packet(skb, BPF_CORE_READ(skb, sk), false);
	if (owner != NO_OWNER)
		start_stopwatch(&all->pull, skb, owner, delta);
	return 0;
}

static __always_inline int end_pull(void *result)
{
	struct stopwatches *all = armed ? stopwatches_of_cpu() : NULL;

	if (all)
		stop_stopwatch(&all->pull, result, SITE_TRANSMIT_COPY);
	return 0;
}

/* Times all of skb_segment, because its copies are spread over it. */
static __always_inline int begin_segment(const struct sk_buff *skb, __u64 features)
{
	struct stopwatches *all = armed && !(features & NETIF_F_SG) ? stopwatches_of_cpu() : NULL;
	__u32 owner = all ? sender_of_packet(skb, BPF_CORE_READ(skb, sk), false) : NO_OWNER;

	if (owner != NO_OWNER)
		start_stopwatch(&all->segment, skb, owner, segmented_bytes(skb));
	return 0;
}

static __always_inline int end_segment(void *result)
{
	struct stopwatches *all = armed ? stopwatches_of_cpu() : NULL;

	if (all)
		stop_stopwatch(&all->segment, !is_error((__u64)result), SITE_TRANSMIT_COPY);
	return 0;
}

SEC("fentry/__pskb_pull_tail")
int BPF_PROG(time_pull_enter, struct sk_buff *skb, int delta)
{
	return begin_pull(skb, delta);
}

SEC("fexit/__pskb_pull_tail")
int BPF_PROG(time_pull_exit, struct sk_buff *skb, int delta, void *result)
{
	return end_pull(result);
}

SEC("kprobe/__pskb_pull_tail")
int BPF_KPROBE(time_pull_probe, struct sk_buff *skb, int delta)
{
	return begin_pull(skb, delta);
}

SEC("kretprobe/__pskb_pull_tail")
int BPF_KRETPROBE(time_pull_return, void *result)
{
	return end_pull(result);
}

SEC("fentry/skb_segment")
int BPF_PROG(time_segment_enter, struct sk_buff *skb, __u64 features)
{
	return begin_segment(skb, features);
}

SEC("fexit/skb_segment")
int BPF_PROG(time_segment_exit, struct sk_buff *skb, __u64 features, void *result)
{
	return end_segment(result);
}

SEC("kprobe/skb_segment")
int BPF_KPROBE(time_segment_probe, struct sk_buff *skb, __u64 features)
{
	return begin_segment(skb, features);
}

SEC("kretprobe/skb_segment")
int BPF_KRETPROBE(time_segment_return, void *result)
{
	return end_segment(result);
}
