/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The owner of bytes, as a row number: of a process, or of one of its sockets if by_socket. It is
 * found from a thread, from a socket, or from a packet.
 */
#ifndef HARNESS_BPF_OWNER_H
#define HARNESS_BPF_OWNER_H

#include "bpf/count.h"
#include "bpf/row.h"
#include "bpf/sequence.h"

/* processes and threads */

/* Gives a process a row. Returns its entry in `owners`: row and NO_EARLY_SEND. NULL: no room. */
static __always_inline __u32 *new_process(__u32 tgid, struct task_struct *task, __u32 flags)
{
	__u32 number = take_row(), owner = number | flags;
	struct row *row = bpf_map_lookup_elem(&rows, &number);

	/* two threads at once: the second uses the first one's entry */
	if (bpf_map_update_elem(&owners, &tgid, &owner, BPF_NOEXIST)) {
		return_row(number);
	} else if (row && number) {
		row->ended = 0;
		name_row(row, task);
		row->kind = ROW_PROCESS;
	}
	return bpf_map_lookup_elem(&owners, &tgid);
}

/*
 * Follows the current process if `scope` includes it. Its entry in `owners`; else NULL. With
 * SCOPE_TREE only a fork adds a process.
 */
static __always_inline __u32 *adopt_process(__u32 tgid)
{
	if (scope == SCOPE_TREE)
		return NULL;
	if (scope == SCOPE_CGROUP && bpf_current_task_under_cgroup(&cgroup, 0) != 1)
		return NULL;
	return new_process(tgid, (void *)bpf_get_current_task(), 0);
}

/* The current thread started after counting began, so none of its sends began earlier. */
static __always_inline bool started_while_armed(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, start_time) >= armed_at;
}

/*
 * The record of a thread, made if its process is followed; NULL: it is not, or there is no room,
 * which lose() counts. `adopt`: the process may become followed.
 */
static __always_inline struct thread *thread_of(__u32 tid, __u32 tgid, bool adopt)
{
	struct thread *thread = bpf_map_lookup_elem(&threads, &tid), fresh = {};
	__u32 *owner;

	if (thread)
		return thread;
	owner = bpf_map_lookup_elem(&owners, &tgid);
	if (!owner && adopt && tid) /* 0: the idle task */
		owner = adopt_process(tgid);
	if (!owner)
		return NULL;
	fresh.owner = *owner & ~NO_EARLY_SEND;
	fresh.no_early_send = *owner & NO_EARLY_SEND || started_while_armed();
	bpf_map_update_elem(&threads, &tid, &fresh, BPF_NOEXIST);
	thread = bpf_map_lookup_elem(&threads, &tid);
	if (!thread)
		lose();
	return thread;
}

static __always_inline struct thread *current_thread(void)
{
	__u64 id = bpf_get_current_pid_tgid();

	return thread_of(id, id >> 32, true);
}

/* sockets */

/* Makes a.b.c.d of ::ffff:a.b.c.d: an IPv6 socket with such addresses sends IPv4 packets. */
static __always_inline void unmap_address(__u8 address[16])
{
	__u32 *words = (void *)address;

	if (words[0] || words[1] || words[2] != bpf_htonl(0xffff))
		return;
	words[0] = words[3];
	words[2] = words[3] = 0;
}

static __always_inline void note_flow(const struct sock *sk)
{
	struct flow flow = {.net = (__u64)BPF_CORE_READ(sk, __sk_common.skc_net.net)};
	__u64 key = (__u64)sk;
	__u16 family;

	if (!counts_rings)
		return;
	flow.local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	flow.remote_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	read_addresses(sk, family, flow.local, flow.remote);
	if (family == AF_INET6) {
		unmap_address(flow.local);
		unmap_address(flow.remote);
	}
	bpf_map_update_elem(&flows, &flow, &key, BPF_ANY);
}

/*
 * The record of a socket, made if new; NULL: no room, which lose() counts. `taken`: bytes that
 * write_seq already includes and that are still to be counted.
 */
static __always_inline struct connection *connection_of(const struct sock *sk, __u32 taken)
{
	__u64 key = (__u64)sk;
	struct connection *connection = bpf_map_lookup_elem(&connections, &key);
	struct connection fresh = {.row = NO_OWNER, .reader = NO_OWNER};

	if (connection)
		return connection;
	init_sequences(&fresh, sk, taken);
	note_flow(sk);
	bpf_map_update_elem(&connections, &key, &fresh, BPF_NOEXIST);
	connection = bpf_map_lookup_elem(&connections, &key);
	if (!connection)
		lose();
	return connection;
}

/* Process `owner` sends on a socket that another one sent on: its bytes begin at write_seq. */
static __always_inline void hand_over(struct connection *connection, const struct sock *sk,
				      __u32 owner)
{
	const struct handover *oldest = &connection->handover[HANDOVERS_MAX - 1];

	count_call(connection->row, EXTRA_SHARED);
	count_call(owner, EXTRA_SHARED);
	/*
	 * mixed: the other is still in its call, or a handover is forgotten before its
	 * acknowledgement
	 */
	if (connection->sends_begun != connection->sends_ended ||
	    (connection->handovers == HANDOVERS_MAX &&
	     (__s32)(oldest->seq - TCP_FIELD(sk, snd_una)) > 0)) {
		count_call(connection->row, EXTRA_MIXED);
		count_call(owner, EXTRA_MIXED);
	}
	for (int i = HANDOVERS_MAX - 1; i > 0; i--)
		connection->handover[i] = connection->handover[i - 1];
	connection->handover[0].seq = TCP_FIELD(sk, write_seq);
	connection->handover[0].row = connection->row;
	if (connection->handovers < HANDOVERS_MAX)
		connection->handovers++;
}

/*
 * The record of a socket that a thread sends on, or reads from if by_socket; NULL: no room. Its row
 * becomes the sender's, or its own if by_socket. It is looked up each time: a new socket may get
 * the address of a freed one.
 */
static __always_inline struct connection *claim_socket(const struct thread *thread,
						       const struct sock *sk, __u32 taken)
{
	struct connection *connection = connection_of(sk, taken);

	if (!connection || connection->row == thread->owner ||
	    (by_socket && connection->row != NO_OWNER))
		return connection;
	if (connection->row != NO_OWNER)
		hand_over(connection, sk, thread->owner);
	connection->row = by_socket ? new_socket_row(thread->owner, sk) : thread->owner;
	return connection;
}

/* The owner of what a thread does on a socket. */
static __always_inline __u32 owner_on(const struct thread *thread, __u64 socket)
{
	struct connection *connection =
		by_socket ? bpf_map_lookup_elem(&connections, &socket) : NULL;

	return connection && connection->row != NO_OWNER ? connection->row : thread->owner;
}

/*
 * The tally of owner_on(). The bank may change at any moment, so a handler looks up one tally and
 * adds all its numbers to that one.
 */
static __always_inline struct tally *tally_on(const struct thread *thread, __u64 socket)
{
	return tally_of(owner_on(thread, socket));
}

/* The owner of what is sent on this socket; NO_OWNER: not followed. */
static __always_inline __u32 owner_of_socket(__u64 socket)
{
	struct connection *connection = socket ? bpf_map_lookup_elem(&connections, &socket) : NULL;

	return connection ? connection->row : NO_OWNER;
}

/* packets */

/* The packet refers to pinned pages; if so, `info` is filled. */
static __always_inline bool holds_pinned(const struct sk_buff *skb, struct shared_info *info,
					 bool plain)
{
	if (!any_pinned || !READ(plain, skb, data_len))
		return false;
	read_shared_info(info, skb, plain);
	return is_pinned(info);
}

/* The owner that sent this packet: of the socket that pinned its pages, else of `sk`. */
static __always_inline __u32 owner_of_packet(const struct sk_buff *skb, const struct sock *sk,
					     bool plain)
{
	struct shared_info info;
	__u32 owner = NO_OWNER;

	if (holds_pinned(skb, &info, plain))
		owner = owner_of_socket(pinner_of(&info));
	return owner == NO_OWNER ? owner_of_socket((__u64)sk) : owner;
}

/* The owner of a packet without a socket, by the hash that its sender's socket gave it. */
static __always_inline __u32 owner_of_hash(const struct sk_buff *skb, bool plain)
{
	__u32 hash = READ(plain, skb, hash);
	__u64 *socket = hash ? bpf_map_lookup_elem(&hashes, &hash) : NULL;

	return socket ? owner_of_socket(*socket) : NO_OWNER;
}

/*
 * The packet is on another device than it came by. This excludes packets that this host receives:
 * skb_condense or an XDP program may have linearised them.
 */
static __always_inline bool is_sent_on(const struct sk_buff *skb, bool plain)
{
	const struct net_device *dev = (const void *)READ(plain, skb, dev);

	return dev && READ(plain, dev, ifindex) != READ(plain, skb, skb_iif);
}

/* As owner_of_packet(), and by hash for a packet that a router orphaned (ip_rcv_core). */
static __always_inline __u32 sender_of_packet(const struct sk_buff *skb, const struct sock *sk,
					      bool plain)
{
	__u32 owner = owner_of_packet(skb, sk, plain);

	if (owner == NO_OWNER && !sk && is_sent_on(skb, plain))
		owner = owner_of_hash(skb, plain);
	return owner;
}

/* Remembers the hash of a packet that leaves its socket. */
static __always_inline void note_hash(struct connection *connection, const struct sk_buff *skb,
				      const struct sock *sk)
{
	__u32 hash = FIELD(skb, hash);
	__u64 socket = (__u64)sk;

	if (connection->hash == hash)
		return;
	connection->hash = hash;
	bpf_map_update_elem(&hashes, &hash, &socket, BPF_ANY);
}

#endif
