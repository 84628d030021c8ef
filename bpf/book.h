/* SPDX-License-Identifier: GPL-2.0 */
/* Whose bytes are they, and writing them down. */
#ifndef HARNESS_BPF_BOOK_H
#define HARNESS_BPF_BOOK_H

static __always_inline void add(struct counter *counter, __u64 bytes, __u64 calls)
{
	__sync_fetch_and_add(&counter->bytes, bytes);
	__sync_fetch_and_add(&counter->calls, calls);
}

static __always_inline struct tally *tally_of(__u32 owner)
{
	return bpf_map_lookup_elem(&tallies, &owner);
}

static __always_inline void book(__u32 owner, enum site site, __u64 bytes)
{
	struct tally *tally = tally_of(owner);

	if (tally)
		add(&tally->site[site], bytes, 1);
}

static __always_inline void book_extra(__u32 owner, enum extra extra, __u64 bytes)
{
	struct tally *tally = tally_of(owner);

	if (tally)
		add(&tally->extra[extra], bytes, 1);
}

/* An event of a followed process that could not be counted: said aloud, and the run is invalid. */
static __always_inline void lose(void)
{
	__u32 zero = 0;
	__u64 *lost = bpf_map_lookup_elem(&unbooked, &zero);

	if (lost)
		__sync_fetch_and_add(lost, 1);
}

static __always_inline struct scratch *scratch_of_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratches, &zero);
}

/* The thread with this id, made if its process is followed; NULL: nobody's, or no room (lost). */
static __always_inline struct thread *thread_of(__u32 tid, __u32 tgid)
{
	struct thread *thread = bpf_map_lookup_elem(&threads, &tid);
	struct thread fresh = {};
	__u32 *owner;

	if (thread)
		return thread;
	owner = bpf_map_lookup_elem(&owners, &tgid);
	if (!owner)
		return NULL;
	fresh.owner = *owner;
	bpf_map_update_elem(&threads, &tid, &fresh, BPF_NOEXIST);
	thread = bpf_map_lookup_elem(&threads, &tid);
	if (!thread)
		lose();
	return thread;
}

static __always_inline struct thread *current_thread(void)
{
	__u64 id = bpf_get_current_pid_tgid();

	return thread_of(id, id >> 32);
}

/* Remember that this thread's process sends on this socket. */
static __always_inline void claim_socket(struct thread *thread, __u64 socket)
{
	if (thread->socket == socket)
		return;
	thread->socket = socket;
	if (bpf_map_update_elem(&sockets, &socket, &thread->owner, BPF_ANY))
		lose();
}

static __always_inline __u32 *owner_of_socket(__u64 socket)
{
	return socket ? bpf_map_lookup_elem(&sockets, &socket) : NULL;
}

/* Who sent this packet: whoever lent its pages, else the socket it belongs to. */
static __always_inline __u32 *owner_of_packet(const struct sk_buff *skb)
{
	__u32 *owner = NULL;

	if (pinned && skb_is_pinned(skb))
		owner = owner_of_socket(skb_lender(skb));
	return owner ?: owner_of_socket((__u64)FIELD(skb, sk));
}

#endif
