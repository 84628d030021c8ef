// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes of sockets that tcp_sendmsg and tcp_recvmsg do not serve: kTLS, BPF sockmaps, MPTCP.
 * send_length (send.bpf.c) counts their sends too; before 6.3, without its tracepoint, inet_sendmsg
 * and inet6_sendmsg do.
 */
#include "bpf/send.h"
#include "bpf/taken.h"

static __always_inline int count_if_not_covered(const struct sock *sk, bool plain, bool sending,
						int result)
{
	__u32 kind;

	if (!armed)
		return 0;
	kind = not_covered(sk, plain, sending);
	if (kind == EXTRA_SOCKMAP && sending && counts_sk_msg)
		result = count_sk_msg_send(sk, result);
	return kind && result > 0 ? count_not_covered(sk, kind, sending, result) : 0;
}

/* MSG_OOB copies the urgent byte separately from the receive queue (tcp_recv_urg). */
static __always_inline int count_urgent(const struct sock *sk, int bytes)
{
	struct thread *thread = current_thread();
	struct tally *tally = thread ? tally_on(thread, (__u64)sk) : NULL;

	if (!tally)
		return 0;
	add(&tally->extra[EXTRA_TAKEN], bytes, 1);
	add(&tally->site[SITE_RECEIVE_COPY], bytes, 1);
	return 0;
}

/* The call has ended that took undecided bytes: it discarded them, or nothing explains them. */
static __always_inline void count_call_end(const struct sock *sk, int flags)
{
	struct thread *thread = any_undecided ? current_thread() : NULL;
	struct tally *tally = thread && thread->undecided ? tally_on(thread, (__u64)sk) : NULL;

	if (!tally)
		return;
	add(&tally->extra[EXTRA_TAKEN], thread->undecided, 1);
	if (flags & MSG_TRUNC)
		add(&tally->extra[EXTRA_DISCARDED], thread->undecided, 1);
	thread->undecided = 0;
}

/* A receive call on an MPTCP socket copied its bytes, discarded them, or left them queued. */
static __always_inline int count_mptcp_receive(const struct sock *sk, __u64 bytes, int flags)
{
	struct thread *thread = current_thread();
	struct tally *tally = thread ? tally_of(thread->owner) : NULL;
	bool peeks = flags & MSG_PEEK;
	__u64 copied;

	if (!tally)
		return 0;
	begin_reading(thread, sk);
	copied = thread->copied < bytes ? thread->copied : bytes;
	if (peeks)
		add(&tally->extra[EXTRA_PEEKED], bytes, 1);
	else
		add(&tally->extra[EXTRA_TAKEN], bytes, 1);
	if (flags & MSG_TRUNC && !peeks && copied < bytes)
		add(&tally->extra[EXTRA_DISCARDED], bytes - copied, 1);
	count_copies(tally, thread, copied, !peeks);
	end_reading(thread);
	return 0;
}

/*
 * A receive call on a socket of a sockmap. Returns the bytes of its result that it was not seen to
 * copy.
 */
static __always_inline int count_sk_msg_receive(const struct sock *sk, int result, int flags)
{
	struct thread *thread = current_thread();
	struct tally *tally = thread ? tally_on(thread, (__u64)sk) : NULL;
	__u64 key = (__u64)sk, copied;
	struct connection *connection;

	if (!tally)
		return result;
	begin_reading(thread, sk);
	copied = thread->copied;
	if (thread->msg_socket == key)
		copied += thread->msg_received;
	thread->msg_received = 0;
	if (copied > (__u32)result)
		copied = result;
	if (flags & MSG_PEEK)
		add(&tally->extra[EXTRA_PEEKED], copied, 1);
	else
		add(&tally->extra[EXTRA_TAKEN], copied, 1);
	count_copies(tally, thread, copied, !(flags & MSG_PEEK));
	end_reading(thread);
	/* what moved copied_seq was a sockmap, perhaps of another connection */
	connection = bpf_map_lookup_elem(&connections, &key);
	if (connection)
		connection->copied_seq_known = 0;
	return result - copied;
}

static __always_inline int count_receive(const struct sock *sk, bool plain, int result, int flags)
{
	__u32 kind;

	if (!armed || result <= 0 || flags & MSG_ERRQUEUE)
		return 0;
	count_call_end(sk, flags);
	kind = not_covered(sk, plain, false);
	if (kind == EXTRA_MPTCP && counts_mptcp)
		return count_mptcp_receive(sk, result, flags);
	if (kind == EXTRA_SOCKMAP && counts_sk_msg)
		result = count_sk_msg_receive(sk, result, flags);
	if (flags & MSG_OOB && !kind)
		return count_urgent(sk, result);
	return count_if_not_covered(sk, plain, false, result);
}

/* Since 6.3; every caller of sock_recvmsg passes here, io_uring too. */
TRACEPOINT(receive_length, sock_recv_length, struct sock *sk, int result, int flags)
{
	return count_receive(sk, typed, result, flags);
}

SEC("fexit/inet_sendmsg")
int BPF_PROG(inet_sendmsg_exit, struct socket *socket, void *msg, __u64 size, int result)
{
	return count_if_not_covered(socket->sk, true, true, result);
}

SEC("fexit/inet6_sendmsg")
int BPF_PROG(inet6_sendmsg_exit, struct socket *socket, void *msg, __u64 size, int result)
{
	return count_if_not_covered(socket->sk, true, true, result);
}

SEC("fexit/inet_recvmsg")
int BPF_PROG(inet_recvmsg_exit, struct socket *socket, void *msg, __u64 size, int flags, int result)
{
	return count_receive(socket->sk, true, result, flags);
}

SEC("fexit/inet6_recvmsg")
int BPF_PROG(inet6_recvmsg_exit, struct socket *socket, void *msg, __u64 size, int flags,
	     int result)
{
	return count_receive(socket->sk, true, result, flags);
}
