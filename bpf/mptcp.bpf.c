// SPDX-License-Identifier: GPL-2.0
/*
 * MPTCP: mptcp_sendmsg copies all that it takes (it ignores MSG_ZEROCOPY and MSG_SPLICE_PAGES), and
 * its result, the result of the send call, is send_copy. Its subflows, TCP sockets, refer to these
 * pages: what leaves by them belongs to the process that sent on the MPTCP socket. Received packets
 * are copied by skb_copy_datagram_iter, as TCP's are, and counted when the call ends
 * (count_mptcp_receive).
 */
#include "bpf/send.h"

static __always_inline int note_mptcp_sender(const struct sock *sk)
{
	struct thread *thread = armed ? current_thread() : NULL;
	__u64 key = (__u64)sk;

	if (thread)
		bpf_map_update_elem(&mptcp_senders, &key, &thread->owner, BPF_ANY);
	return 0;
}

/* A subflow gets bytes of its MPTCP socket, perhaps in a worker's thread. */
static __always_inline int own_subflow(const struct sock *sk, const struct sock *subflow)
{
	__u64 key = (__u64)sk;
	__u32 *owner = armed ? bpf_map_lookup_elem(&mptcp_senders, &key) : NULL;
	struct connection *connection = owner ? connection_of(subflow, 0) : NULL;

	if (!connection || connection->row == *owner)
		return 0;
	/* its sequence numbers count what MPTCP sends again, too */
	connection->expected_seq_known = connection->copied_seq_known = 0;
	if (connection->row != NO_OWNER)
		hand_over(connection, subflow, *owner);
	connection->row = *owner;
	return 0;
}

SEC("fentry/mptcp_sendmsg")
int BPF_PROG(mptcp_send_enter, struct sock *sk)
{
	return note_mptcp_sender(sk);
}

SEC("fentry/mptcp_sendmsg_frag")
int BPF_PROG(mptcp_frag_enter, struct sock *sk, struct sock *subflow)
{
	return own_subflow(sk, subflow);
}

SEC("kprobe/mptcp_sendmsg")
int BPF_KPROBE(mptcp_send_probe, struct sock *sk)
{
	return note_mptcp_sender(sk);
}

SEC("kprobe/mptcp_sendmsg_frag")
int BPF_KPROBE(mptcp_frag_probe, struct sock *sk, struct sock *subflow)
{
	return own_subflow(sk, subflow);
}
