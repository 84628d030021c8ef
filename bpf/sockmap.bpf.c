// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets in BPF sockmaps: tcp_bpf_sendmsg copies user memory to a sk_msg
 * (sk_msg_memcopy_from_iter) and pushes references to its pages; a receive call copies from such
 * messages (sk_msg_recvmsg) or from the receive queue. The bytes are counted when the call ends,
 * against its result (count_sk_msg_send, count_sk_msg_receive). kTLS calls the same functions, and
 * is not counted.
 */
#include "bpf/send.h"

static __always_inline void use_msg_socket(struct thread *thread, const struct sock *sk)
{
	if (thread->msg_socket == (__u64)sk)
		return;
	thread->msg_socket = (__u64)sk;
	thread->msg_copied = thread->msg_received = 0;
}

/*
 * Counts by how far the iterator moves: before 6.13 the result is the bytes of the last page. The
 * socket gets its owner here, before its packets leave.
 */
static __always_inline int begin_msg_copy(const struct sock *sk, const struct iov_iter *from,
					  bool plain)
{
	bool in_sockmap = armed && not_covered(sk, plain, true) == EXTRA_SOCKMAP;
	struct thread *thread = in_sockmap ? current_thread() : NULL;
	struct connection *connection = thread ? claim_socket(thread, sk, 0) : NULL;

	if (!connection)
		return 0;
	connection->expected_seq_known = 0;
	use_msg_socket(thread, sk);
	thread->msg_from = (__u64)from;
	thread->msg_room = BPF_CORE_READ(from, count);
	return 0;
}

static __always_inline int end_msg_copy(int result)
{
	struct thread *thread = armed ? current_thread() : NULL;
	const struct iov_iter *from;

	if (!thread || !thread->msg_from)
		return 0;
	from = (const void *)thread->msg_from;
	thread->msg_from = 0;
	if (result >= 0)
		thread->msg_copied += thread->msg_room - BPF_CORE_READ(from, count);
	return 0;
}

SEC("fentry/sk_msg_memcopy_from_iter")
int BPF_PROG(msg_copy_enter, struct sock *sk, struct iov_iter *from)
{
	return begin_msg_copy(sk, from, true);
}

SEC("fexit/sk_msg_memcopy_from_iter")
int BPF_PROG(msg_copy_exit, struct sock *sk, struct iov_iter *from, void *msg, __u32 bytes,
	     int result)
{
	return end_msg_copy(result);
}

SEC("kprobe/sk_msg_memcopy_from_iter")
int BPF_KPROBE(msg_copy_probe, struct sock *sk, struct iov_iter *from)
{
	return begin_msg_copy(sk, from, false);
}

/* It may sleep in a page fault. A return without a kretprobe instance counts as missed. */
SEC("kretprobe/sk_msg_memcopy_from_iter")
int BPF_KRETPROBE(msg_copy_return, int result)
{
	return end_msg_copy(result);
}

/* The function serves UDP and UNIX sockets, too. */
static __always_inline int begin_msg_receive(const struct sock *sk, bool plain)
{
	struct thread *thread = armed ? current_thread() : NULL;

	if (!thread)
		return 0;
	thread->msg_receives = not_covered(sk, plain, false) == EXTRA_SOCKMAP;
	if (thread->msg_receives)
		use_msg_socket(thread, sk);
	return 0;
}

static __always_inline int end_msg_receive(int result)
{
	struct thread *thread = armed ? current_thread() : NULL;

	if (!thread || !thread->msg_receives)
		return 0;
	thread->msg_receives = 0;
	if (result > 0)
		thread->msg_received += result;
	return 0;
}

SEC("fentry/sk_msg_recvmsg")
int BPF_PROG(msg_receive_enter, struct sock *sk)
{
	return begin_msg_receive(sk, true);
}

SEC("fexit/sk_msg_recvmsg")
int BPF_PROG(msg_receive_exit, struct sock *sk, void *psock, void *msg, int length, int flags,
	     int result)
{
	return end_msg_receive(result);
}

SEC("kprobe/sk_msg_recvmsg")
int BPF_KPROBE(msg_receive_probe, struct sock *sk)
{
	return begin_msg_receive(sk, false);
}

SEC("kretprobe/sk_msg_recvmsg")
int BPF_KRETPROBE(msg_receive_return, int result)
{
	return end_msg_receive(result);
}
