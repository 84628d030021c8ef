// SPDX-License-Identifier: GPL-2.0
/* Completions of zero-copy sends, and their COPIED flag. */
#include "bpf/owner.h"

#define SO_EE_ORIGIN_ZEROCOPY	   5
#define SO_EE_CODE_ZEROCOPY_COPIED 1

/* By socket: the range of sends in the last notification seen. A full map evicts the oldest. */
struct notice {
	__u32 first, last;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct notice);
} notices SEC(".maps");

/*
 * A zero-copy send is complete (sk_error_report; 5.14, e3ae2365efc1). The newest notification is
 * read. It is new, or it is the last one with an extended range, of which only the new part counts.
 * Its flag is the one that the program reads: an extended range keeps its first flag
 * (skb_zerocopy_notify_extend).
 */
static __always_inline int count_completions(const struct sock *sk, bool plain)
{
	struct sk_buff *tail = (void *)READ(plain, sk, sk_error_queue.prev);
	struct sock_extended_err error = {};
	struct notice notice = {}, *before;
	__u64 socket = (__u64)sk;
	__u32 owner, sends;
	struct tally *tally;

	owner = armed ? owner_of_socket(socket) : NO_OWNER;
	if (owner == NO_OWNER || BPF_CORE_READ(tail, sk) != (void *)socket)
		return 0; /* an empty queue points to itself, inside the socket */
	bpf_probe_read_kernel(&error, sizeof(error),
			      (void *)tail + bpf_core_field_offset(struct sk_buff, cb) +
				      bpf_core_field_offset(struct sock_exterr_skb, ee));
	if (error.ee_origin != SO_EE_ORIGIN_ZEROCOPY)
		return 0;
	notice.first = error.ee_info;
	notice.last = error.ee_data;
	before = bpf_map_lookup_elem(&notices, &socket);
	sends = notice.last - notice.first + 1;
	if (before && before->first == notice.first)
		sends = notice.last - before->last;
	if (before)
		*before = notice;
	else if (bpf_map_update_elem(&notices, &socket, &notice, BPF_ANY))
		lose();
	tally = tally_of(owner);
	if (!tally || !sends)
		return 0;
	__sync_fetch_and_add(&tally->extra[EXTRA_COMPLETIONS].calls, sends);
	if (error.ee_code & SO_EE_CODE_ZEROCOPY_COPIED)
		__sync_fetch_and_add(&tally->extra[EXTRA_COPIED].calls, sends);
	return 0;
}

TRACEPOINT(completion, inet_sk_error_report, struct sock *sk)
{
	return count_completions(sk, typed);
}

SEC("kprobe/sk_error_report")
int BPF_KPROBE(completion_probe, struct sock *sk)
{
	return count_completions(sk, false);
}
