/* SPDX-License-Identifier: GPL-2.0 */
/* The start and the end of a send, for all methods. */
#ifndef HARNESS_BPF_SEND_H
#define HARNESS_BPF_SEND_H

#include "bpf/owner.h"

/* A mode beside the sites: a copy, because MSG_ZEROCOPY without SO_ZEROCOPY is ignored. */
#define MODE_IGNORED SITE_COUNT

/*
 * The site of a send's bytes. `flags` has MSG_ZEROCOPY or MSG_SPLICE_PAGES. Without scatter-gather
 * all bytes are copied. `pins`: SO_ZEROCOPY is set, or io_uring brings its own ubuf_info.
 */
static __always_inline __u32 mode_of_flags(__u32 flags, __u64 features, bool pins)
{
	if (flags & MSG_ZEROCOPY && !pins)
		return MODE_IGNORED;
	if (!(features & NETIF_F_SG))
		return SITE_SEND_COPY;
	return flags & MSG_ZEROCOPY ? SITE_SEND_PIN : SITE_SEND_SPLICE;
}

/* The message has io_uring's own ubuf_info (6.0), which needs no SO_ZEROCOPY. */
static __always_inline bool has_own_ubuf(const struct msghdr *msg)
{
	return bpf_core_field_exists(msg->msg_ubuf) && BPF_CORE_READ(msg, msg_ubuf);
}

static __always_inline __u32 mode_of_message(const struct sock *sk, const struct msghdr *msg,
					     bool plain)
{
	__u32 flags = READ(plain, msg, msg_flags);

	if (!(flags & (MSG_ZEROCOPY | MSG_SPLICE_PAGES)))
		return SITE_SEND_COPY;
	return mode_of_flags(flags, READ(plain, sk, sk_route_caps),
			     zerocopy_is_set(READ(plain, sk, __sk_common.skc_flags)) ||
				     has_own_ubuf(msg));
}

/* Remembers the socket of a message that has its own ubuf_info. */
static __always_inline void note_pinner(const struct msghdr *msg, __u64 socket)
{
	__u64 uarg;

	if (!has_own_ubuf(msg))
		return;
	uarg = (__u64)BPF_CORE_READ(msg, msg_ubuf);
	bpf_map_update_elem(&pinners, &uarg, &socket, BPF_ANY);
}

static __always_inline void begin_send(struct thread *thread, const struct sock *sk, __u32 mode)
{
	struct connection *connection = claim_socket(thread, sk, 0);

	if (connection && thread->sending != (__u64)sk) /* else a later packet of the call */
		__sync_fetch_and_add(&connection->sends_begun, 1);
	thread->sending = (__u64)sk;
	thread->mode = mode;
	thread->no_early_send = 1;
	if (mode == SITE_SEND_PIN)
		any_pinned = 1;
}

/* `first`: this is the start of a call; else it may be a later packet of one. */
static __always_inline int begin_sendmsg(const struct sock *sk, const struct msghdr *msg,
					 bool plain, bool first)
{
	struct thread *thread = armed ? current_thread() : NULL;
	__u32 mode;

	if (!thread)
		return 0;
	mode = mode_of_message(sk, msg, plain);
	if (first || thread->no_early_send)
		begin_send(thread, sk, mode);
	else if (mode == SITE_SEND_PIN)
		any_pinned = 1;
	if (mode == SITE_SEND_PIN)
		note_pinner(msg, (__u64)sk);
	return 0;
}

/*
 * TCP_REPAIR: the send wrote to its own socket's receive queue (tcp_send_rcvq). The bytes were
 * copied once, and never leave.
 */
#define TCP_RECV_QUEUE 1
static __always_inline bool fills_own_queue(const struct sock *sk)
{
	const struct tcp_sock *tcp = (const void *)sk;

	return BPF_CORE_READ_BITFIELD_PROBED(tcp, repair) &&
	       BPF_CORE_READ(tcp, repair_queue) == TCP_RECV_QUEUE;
}

/* Counts such bytes, and notes where in the receive queue they end. */
static __always_inline void count_repair(const struct thread *thread, struct connection *connection,
					 const struct sock *sk, int bytes)
{
	struct tally *tally = tally_on(thread, (__u64)sk);

	if (connection)
		connection->repaired = TCP_FIELD(sk, rcv_nxt) ?: 1;
	if (tally)
		add(&tally->extra[EXTRA_REPAIRED], bytes, 1);
}

/* A send whose start was seen has ended. compare_open() skips a socket until all have ended. */
static __always_inline void note_send_end(const struct sock *sk, int result)
{
	__u64 key = (__u64)sk;
	struct connection *connection = bpf_map_lookup_elem(&connections, &key);

	if (!connection)
		return;
	if (result > 0)
		advance_expected_seq(connection, sk, result);
	__sync_fetch_and_add(&connection->sends_ended, 1);
}

/*
 * A send ends. Returns whether count_send() is to count it: its start was seen, or all of it went
 * with the SYN, which is a copy (Fast Open: tcp_send_syn_data returns before the tracepoint). Else
 * it began before counting did (EXTRA_IN_FLIGHT), or an event was missed (lose()).
 */
static __always_inline bool finish_send(struct thread *thread, const struct sock *sk, int result)
{
	bool start_seen = thread->sending == (__u64)sk, early = !thread->no_early_send;
	bool repairs = result > 0 && fills_own_queue(sk);
	struct connection *connection;
	struct tally *tally;

	thread->sending = 0;
	thread->no_early_send = 1;
	if (start_seen)
		note_send_end(sk, repairs ? 0 : result);
	if ((start_seen && !repairs) || result <= 0)
		return start_seen;
	connection = claim_socket(thread, sk, repairs ? 0 : result);
	if (repairs) {
		count_repair(thread, connection, sk, result);
		return false;
	}
	if (used_fast_open(sk)) {
		thread->mode = SITE_SEND_COPY;
		if (connection)
			restart_expected_seq(connection, sk);
		return true;
	}
	if (!early) {
		lose();
		return false;
	}
	if (connection)
		restart_expected_seq(connection, sk);
	tally = tally_on(thread, (__u64)sk);
	if (tally)
		add(&tally->extra[EXTRA_IN_FLIGHT], result, 1);
	return false;
}

/*
 * A process that is not followed sent on a socket that is: its bytes are not EXTRA_UNCOVERED. A
 * kernel thread's bytes are.
 */
static __always_inline int note_unfollowed_send(const struct sock *sk, int result)
{
	__u64 key = (__u64)sk;
	struct connection *connection = result > 0 ? bpf_map_lookup_elem(&connections, &key) : NULL;

	if (connection && !is_kernel_thread() && !fills_own_queue(sk))
		advance_expected_seq(connection, sk, result);
	return 0;
}

static __always_inline void count_ignored(const struct thread *thread, struct tally *tally,
					  __u64 bytes)
{
	if (thread->mode == MODE_IGNORED)
		add(&tally->extra[EXTRA_FLAG_IGNORED], bytes, 1);
}

/* Counts a send's bytes at the site that its mode names, which was set at its start. */
static __always_inline void count_send(struct thread *thread, const struct sock *sk, __u64 bytes)
{
	struct tally *tally = tally_on(thread, (__u64)sk);

	if (!tally)
		return;
	/* one by one: a verifier before 5.12 follows no variable index into a map's value */
	if (thread->mode == SITE_SEND_PIN)
		add(&tally->site[SITE_SEND_PIN], bytes, 1);
	else if (thread->mode == SITE_SEND_SPLICE)
		add(&tally->site[SITE_SEND_SPLICE], bytes, 1);
	else
		add(&tally->site[SITE_SEND_COPY], bytes, 1);
	count_ignored(thread, tally, bytes);
}

/*
 * Counts what a send on a socket of a sockmap copied from user memory (sockmap.bpf.c). Returns the
 * other bytes of its result.
 */
static __always_inline __s64 count_sk_msg_send(const struct sock *sk, __s64 result)
{
	struct thread *thread = current_thread();
	struct tally *tally = thread ? tally_on(thread, (__u64)sk) : NULL;
	__s64 copied;

	if (!tally)
		return result;
	copied = thread->msg_socket == (__u64)sk ? thread->msg_copied : 0;
	thread->msg_copied = 0;
	if (copied > result)
		copied = result; /* the call failed after a copy, or the verdict dropped bytes */
	if (copied <= 0)
		return result;
	add(&tally->site[SITE_SEND_COPY], copied, 1);
	return result - copied;
}

/*
 * Counts bytes of a socket that not_covered() names (`kind`). From then on its sequence numbers are
 * not compared: they count what other code makes of the bytes (kTLS records).
 */
static __always_inline int count_not_covered(const struct sock *sk, __u32 kind, bool sending,
					     __s64 bytes)
{
	struct thread *thread = kind < EXTRA_COUNT ? current_thread() : NULL;
	struct tally *tally = thread ? tally_of(thread->owner) : NULL;
	__u64 key = (__u64)sk;
	struct connection *connection;

	if (!tally)
		return 0;
	if (kind == EXTRA_MPTCP && counts_mptcp) {
		add(&tally->site[SITE_SEND_COPY], bytes, 1); /* receives: count_mptcp_receive() */
		return 0;
	}
	connection = bpf_map_lookup_elem(&connections, &key);
	if (connection && sending)
		connection->expected_seq_known = 0;
	else if (connection)
		connection->copied_seq_known = 0;
	if (sending)
		add(&tally->extra[EXTRA_ELSEWHERE_SENT], bytes, 1);
	else
		add(&tally->extra[EXTRA_ELSEWHERE_RECEIVED], bytes, 1);
	if (kind == EXTRA_TLS)
		add(&tally->extra[EXTRA_TLS], bytes, 1);
	else if (kind == EXTRA_SOCKMAP)
		add(&tally->extra[EXTRA_SOCKMAP], bytes, 1);
	else
		add(&tally->extra[EXTRA_MPTCP], bytes, 1);
	return 0;
}

#endif
