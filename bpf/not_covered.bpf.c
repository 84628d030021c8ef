// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes that pass sockets whose copies other code makes: kTLS, BPF sockmaps, MPTCP. Sends are
 * counted beside others in send_length (send.bpf.c); where its tracepoint is missing (before 6.3),
 * by the protocol family's functions.
 */
#include "bpf/send.h"

static __always_inline int passes(const struct sock *sk, bool plain, bool sending, int result)
{
	__u32 kind;

	if (!armed || result <= 0)
		return 0;
	kind = not_covered(sk, plain, sending);
	return kind ? count_not_covered(kind, result) : 0;
}

/* 6.3, from every caller of sock_recvmsg, io_uring too. */
TRACEPOINT(receive_length, sock_recv_length, struct sock *sk, int result, int flags)
{
	return flags & MSG_ERRQUEUE ? 0 : passes(sk, typed, false, result);
}

SEC("fexit/inet_sendmsg")
int BPF_PROG(inet_sendmsg_exit, struct socket *socket, void *msg, __u64 size, int result)
{
	return passes(socket->sk, true, true, result);
}

SEC("fexit/inet6_sendmsg")
int BPF_PROG(inet6_sendmsg_exit, struct socket *socket, void *msg, __u64 size, int result)
{
	return passes(socket->sk, true, true, result);
}

SEC("fexit/inet_recvmsg")
int BPF_PROG(inet_recvmsg_exit, struct socket *socket, void *msg, __u64 size, int flags, int result)
{
	return flags & MSG_ERRQUEUE ? 0 : passes(socket->sk, true, false, result);
}

SEC("fexit/inet6_recvmsg")
int BPF_PROG(inet6_recvmsg_exit, struct socket *socket, void *msg, __u64 size, int flags,
	     int result)
{
	return flags & MSG_ERRQUEUE ? 0 : passes(socket->sk, true, false, result);
}
