// SPDX-License-Identifier: GPL-2.0
/*
 * send_copy, send_pin, send_splice: what tcp_sendmsg did with the bytes it took.
 *
 * tcp_sendmsg's result is exact: the bytes put on the write queue, a partial send included. The
 * bytes that the same call pinned or spliced are exact too (skb_zerocopy_iter_stream,
 * skb_splice_from_iter). The copied bytes are the difference, so the copy loop needs no probe. If
 * these functions cannot be probed at their return, the mode of the call is known at its start and
 * holds for all its bytes (tcp_sendmsg_locked, `zc`).
 */
#include "bpf/send.h"

/* fentry */

SEC("fentry/tcp_sendmsg")
int BPF_PROG(sendmsg_enter, struct sock *sk, struct msghdr *msg)
{
	struct thread *thread = armed ? current_thread() : NULL;

	if (!thread)
		return 0;
	thread->pinned = 0;
	thread->spliced = 0;
	begin_send(thread, sk, SITE_SEND_COPY);
	if (!(msg->msg_flags & MSG_ZEROCOPY))
		return 0;
	thread->mode = mode_of_message(sk, msg, true);
	note_pinner(msg, (__u64)sk);
	return 0;
}

SEC("fexit/tcp_sendmsg")
int BPF_PROG(sendmsg_exit, struct sock *sk, struct msghdr *msg, __u64 size, int result)
{
	struct thread *thread = armed ? current_thread() : NULL;
	__u64 taken = result, referenced;
	struct tally *tally;

	if (!thread)
		return armed ? note_unfollowed_send(sk, result) : 0;
	if (!finish_send(thread, sk, result) || result <= 0)
		return 0;
	tally = tally_on(thread, (__u64)sk);
	if (!tally)
		return 0;
	referenced = thread->pinned + thread->spliced;
	if (referenced > taken) {
		lose(); /* not a negative number of copies */
		return 0;
	}
	if (thread->pinned)
		add(&tally->site[SITE_SEND_PIN], thread->pinned, 1);
	if (thread->spliced)
		add(&tally->site[SITE_SEND_SPLICE], thread->spliced, 1);
	if (referenced < taken)
		add(&tally->site[SITE_SEND_COPY], taken - referenced, 1);
	count_ignored(thread, tally, taken);
	return 0;
}

/*
 * A positive result is what stays pinned. __zerocopy_sg_from_iter does not serve: it nests under
 * io_uring (6.0 to 6.9), and it reports bytes that its caller unpins on EFAULT.
 */
SEC("fexit/skb_zerocopy_iter_stream")
int iter_stream_exit(unsigned long long *ctx)
{
	int result = word_at(ctx, iter_stream_args);
	struct thread *thread = armed && result > 0 ? current_thread() : NULL;

	if (!thread)
		return 0;
	thread->pinned += result;
	any_pinned = 1;
	return 0;
}

/* Since 6.5 (2e910b95329c) sendfile calls tcp_sendmsg with MSG_SPLICE_PAGES. */
SEC("fexit/skb_splice_from_iter")
int splice_exit(unsigned long long *ctx)
{
	int result = word_at(ctx, splice_args);
	struct thread *thread = armed && result > 0 ? current_thread() : NULL;

	if (thread)
		thread->spliced += result;
	return 0;
}

/* Before 6.5 sendfile does not call tcp_sendmsg. Its first packet leaves within this call. */
SEC("fentry/do_tcp_sendpages")
int BPF_PROG(sendpages_enter, struct sock *sk)
{
	struct thread *thread = armed && !not_covered(sk, true, true) ? current_thread() : NULL;

	if (thread)
		claim_socket(thread, sk, 0);
	return 0;
}

/* Counts the result: all of it is spliced. */
SEC("fexit/do_tcp_sendpages")
int BPF_PROG(sendpages_exit, struct sock *sk, struct page *page, int offset, __u64 size, int flags,
	     __s64 result)
{
	struct connection *connection;
	struct thread *thread;
	struct tally *tally;

	if (!armed || result <= 0 || not_covered(sk, true, true))
		return 0;
	thread = current_thread();
	if (!thread)
		return note_unfollowed_send(sk, result);
	connection = claim_socket(thread, sk, result);
	if (connection)
		advance_expected_seq(connection, sk, result);
	tally = tally_on(thread, (__u64)sk);
	if (tally)
		add(&tally->site[SITE_SEND_SPLICE], result, 1);
	return 0;
}

static __always_inline void count_attempt(const struct thread *thread, const struct sock *sk,
					  const struct sk_buff *skb, bool plain)
{
	__u32 length = READ(plain, skb, len), before = queued_before(skb);
	struct tally *tally = tally_on(thread, (__u64)sk);

	if (tally && length > before)
		add(&tally->extra[EXTRA_PIN_ATTEMPTED], length - before, 1);
}

/*
 * Bytes that zero-copy tried to pin: the growth of the packet, as the `length` argument is only a
 * limit. Since 6.0 the first argument is a message. io_uring's callback then calls the function
 * again from inside it, without a message: only the outer call counts.
 */
SEC("fexit/__zerocopy_sg_from_iter")
int sg_from_iter_exit(unsigned long long *ctx)
{
	bool messaged = sg_from_iter_skb > 1;
	struct sock *sk = (void *)(messaged ? word_at(ctx, 1) : ctx[0]);
	struct thread *thread;

	if (!armed || !sg_from_iter_skb || (messaged && !ctx[0]) || !sk ||
	    sk->sk_protocol != IPPROTO_TCP)
		return 0;
	thread = current_thread();
	if (thread)
		count_attempt(thread, sk, (void *)word_at(ctx, sg_from_iter_skb), true);
	return 0;
}

/* kprobes */

/* A parameter, read in place: merged, the loads would have a computed address (see word_at()). */
#define PARAMETER(ctx, n)                                                                          \
	({                                                                                         \
		__u64 parameter = PT_REGS_PARM##n(ctx);                                            \
		barrier_var(parameter);                                                            \
		parameter;                                                                         \
	})

SEC("kprobe/__zerocopy_sg_from_iter")
int sg_from_iter_probe(struct pt_regs *ctx)
{
	__u64 first = PARAMETER(ctx, 1), second = PARAMETER(ctx, 2), third = PARAMETER(ctx, 3);
	bool messaged = sg_from_iter_skb > 1;
	struct sock *sk = (void *)(messaged ? second : first);
	struct thread *thread;

	if (!armed || !sg_from_iter_skb || (messaged && !first) || !sk ||
	    BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	thread = current_thread();
	if (thread)
		thread->growing = messaged ? third : second;
	return 0;
}

static __always_inline int end_attempt(void)
{
	struct thread *thread = armed ? current_thread() : NULL;

	if (!thread || !thread->growing)
		return 0;
	count_attempt(thread, (void *)thread->sending, (void *)thread->growing, false);
	thread->growing = 0;
	return 0;
}

/* Since 6.14, see sendmsg_return. */
SEC("kretprobe.multi/__zerocopy_sg_from_iter")
int sg_from_iter_return_multi(struct pt_regs *ctx)
{
	return end_attempt();
}

/*
 * The function may sleep in a page fault. A return without a kretprobe instance counts as missed.
 */
SEC("kretprobe/__zerocopy_sg_from_iter")
int sg_from_iter_return(struct pt_regs *ctx)
{
	return end_attempt();
}

SEC("kprobe/tcp_sendmsg")
int BPF_KPROBE(sendmsg_probe, struct sock *sk, struct msghdr *msg)
{
	return begin_sendmsg(sk, msg, false, true);
}

/*
 * A send may sleep, so its return must not need an instance of a kretprobe (6.14). What began
 * before counting did, or in a process that is not followed, ends in send_length: only the start
 * knows the socket.
 */
SEC("kretprobe.multi/tcp_sendmsg")
int BPF_KRETPROBE(sendmsg_return, int result)
{
	struct thread *thread = armed ? current_thread() : NULL;
	const struct sock *sk = thread ? (const void *)thread->sending : NULL;

	if (!thread)
		return 0;
	if (sk && finish_send(thread, sk, result) && result > 0)
		count_send(thread, sk, result);
	else if (!sk && thread->no_early_send && result > 0)
		lose();
	return 0;
}

/* Before 6.5 sendfile calls this, and only with scatter-gather (tcp_sendpage_locked). */
SEC("kprobe/do_tcp_sendpages")
int BPF_KPROBE(sendpages_probe, struct sock *sk)
{
	struct thread *thread = armed ? current_thread() : NULL;

	if (thread)
		begin_send(thread, sk, SITE_SEND_SPLICE);
	return 0;
}

/* tracepoints */

/* Since 6.16: fires in tcp_sendmsg_locked before each packet is filled. */
TRACEPOINT(sendmsg_locked, tcp_sendmsg_locked, struct sock *sk, struct msghdr *msg)
{
	return begin_sendmsg(sk, msg, typed, false);
}

/* Since 6.3: the result of the whole call. Every caller of sock_sendmsg passes here. */
TRACEPOINT(send_length, sock_send_length, struct sock *sk, int result)
{
	struct thread *thread;
	__u32 kind;

	if (!armed)
		return 0;
	kind = not_covered(sk, typed, true);
	if (kind == EXTRA_SOCKMAP && counts_sk_msg)
		result = count_sk_msg_send(sk, result);
	if (kind)
		return result > 0 ? count_not_covered(sk, kind, true, result) : 0;
	if (length_ends_sends == LENGTH_ENDS_NONE)
		return 0;
	thread = current_thread();
	if (!thread)
		return note_unfollowed_send(sk, result);
	if (length_ends_sends == LENGTH_ENDS_UNSEEN && thread->no_early_send)
		return 0;
	if (finish_send(thread, sk, result) && result > 0)
		count_send(thread, sk, result);
	return 0;
}

/* every method */

/* Payload sent again. Since 6.17 the tracepoint also fires for failed attempts, with an error. */
TRACEPOINT(retransmit, tcp_retransmit_skb)
{
	struct sk_buff *skb = (void *)ctx[1];
	struct tally *tally;
	__u32 owner;

	if (!armed || (retransmit_args > 2 && (int)word_at(ctx, 2)))
		return 0;
	owner = owner_of_socket(ctx[0]);
	tally = owner == NO_OWNER ? NULL : tally_of(owner);
	if (tally)
		add(&tally->extra[EXTRA_RETRANSMIT], BPF_CORE_READ(skb, len), segments_of(skb));
	return 0;
}
