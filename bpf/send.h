/* SPDX-License-Identifier: GPL-2.0 */
/*
 * send_copy, send_pin, send_splice: what tcp_sendmsg did with the bytes it took.
 *
 * tcp_sendmsg's result is exact: the bytes put on the write queue, a partial send included. What
 * was pinned or spliced in the same call is exact too (skb_zerocopy_iter_stream,
 * skb_splice_from_iter), so the copied rest is their difference and no probe in the copy loop is
 * needed. In a run its result is not looked at: what came of it is on the socket's write queue
 * (bpf/queue.h).
 */

/* fentry */

SEC("fentry/tcp_sendmsg")
int BPF_PROG(sendmsg_enter, struct sock *sk, struct msghdr *msg)
{
	struct thread *thread;

	if (!armed)
		return 0;
	if (!scope)
		return send_begins(sk, SITE_SEND_COPY);
	thread = current_thread();
	if (!thread)
		return 0;
	thread->pinned = 0;
	thread->spliced = 0;
	thread->sending = (__u64)sk;
	note_lender(msg, (__u64)sk);
	claim_row(thread, (__u64)sk);
	return 0;
}

/* Of a program that is not ours. */
SEC("fexit/tcp_sendmsg")
int BPF_PROG(sendmsg_exit, struct sock *sk, struct msghdr *msg, __u64 size, int result)
{
	struct thread *thread;
	struct tally *tally;
	__u64 taken, referenced;

	if (!armed)
		return 0;
	thread = current_thread();
	if (!thread)
		return 0;
	tally = tally_on(thread, (__u64)sk);
	if (!tally || result <= 0)
		return 0;
	taken = result;
	if (thread->sending != (__u64)sk) {
		add(&tally->extra[EXTRA_IN_FLIGHT], taken, 1);
		return 0;
	}
	referenced = thread->pinned + thread->spliced;
	if (referenced > taken) {
		lose(); /* the kernel broke the rule this rests on: never a negative number of
			   copies */
		return 0;
	}
	add(&tally->extra[EXTRA_SENT], taken, 1);
	if (thread->pinned)
		add(&tally->site[SITE_SEND_PIN], thread->pinned, 1);
	if (thread->spliced)
		add(&tally->site[SITE_SEND_SPLICE], thread->spliced, 1);
	if (referenced < taken)
		add(&tally->site[SITE_SEND_COPY], taken - referenced, 1);
	return 0;
}

/*
 * Why not __zerocopy_sg_from_iter: it nests under io_uring (6.0 to 6.9) and reports bytes that its
 * caller takes back on EFAULT; this one's positive result is what stays pinned.
 */
SEC("fexit/skb_zerocopy_iter_stream")
int iter_stream_exit(unsigned long long *ctx)
{
	int result = word_at(ctx, iter_stream_args);
	struct thread *thread;

	if (!armed || result <= 0)
		return 0;
	if (!scope)
		return book_referenced(SITE_SEND_PIN, result);
	thread = current_thread();
	if (!thread)
		return 0;
	thread->pinned += result;
	pinned = 1;
	return 0;
}

static __always_inline int spliced(int result)
{
	struct thread *thread;

	if (!armed || result <= 0)
		return 0;
	if (!scope)
		return book_referenced(SITE_SEND_SPLICE, result);
	thread = current_thread();
	if (thread)
		thread->spliced += result;
	return 0;
}

/* 6.5 and newer (2e910b95329c): sendfile arrives in tcp_sendmsg with MSG_SPLICE_PAGES. */
SEC("fexit/skb_splice_from_iter")
int splice_exit(unsigned long long *ctx)
{
	return spliced(word_at(ctx, splice_args));
}

/* 6.4 and older: sendfile never meets tcp_sendmsg, so the whole result is booked here. */
SEC("fexit/do_tcp_sendpages")
int BPF_PROG(sendpages_exit, struct sock *sk, struct page *page, int offset, __u64 size, int flags,
	     __s64 result)
{
	struct thread *thread;
	struct tally *tally;

	if (!armed || result <= 0 || (scope && not_covered(sk, true)))
		return 0;
	thread = current_thread();
	if (!thread)
		return 0;
	if (!scope) {
		follow_queue(thread->owner, sk, SITE_SEND_COPY, result);
		return book_referenced(SITE_SEND_SPLICE, result);
	}
	claim_row(thread, (__u64)sk);
	tally = tally_on(thread, (__u64)sk);
	if (!tally)
		return 0;
	add(&tally->extra[EXTRA_SENT], result, 1);
	add(&tally->site[SITE_SEND_SPLICE], result, 1);
	return 0;
}

static __always_inline int tried_to_pin(struct tally *tally, unsigned long long *ctx,
					const struct sk_buff *skb)
{
	__u32 grown;

	if (!tally)
		return 0;
	grown = FIELD(skb, len) - queued_before(skb);
	if (grown > word_at(ctx, sg_from_iter_skb + 2))
		lose(); /* the kernel broke the rule this rests on */
	else if (grown)
		add_alone(&tally->extra[EXTRA_PIN_ATTEMPTED], grown, 1);
	return 0;
}

/*
 * What zero-copy tried to pin, by the growth of the packet: the `length` argument is only a limit.
 * From 6.0 on (the first argument is a message) io_uring's callback calls the function once more
 * from within itself, without a message: the outer call counts.
 */
SEC("fexit/__zerocopy_sg_from_iter")
int sg_from_iter_exit(unsigned long long *ctx)
{
	struct sk_buff *skb = (void *)word_at(ctx, sg_from_iter_skb);
	bool messaged = sg_from_iter_skb > 1;
	struct sock *sk = (void *)(messaged ? word_at(ctx, 1) : ctx[0]);
	struct scratch *run;
	__u32 owner;

	if (!armed || !sg_from_iter_skb || (messaged && !ctx[0]) || !sk)
		return 0;
	if (scope) {
		owner = FIELD(sk, sk_protocol) == IPPROTO_TCP ? watched_owner() : NOBODY;
		return tried_to_pin(owner == NOBODY ? NULL : tally_of(owner), ctx, skb);
	}
	run = scratch_of_cpu();
	owner = run ? owner_of_socket((__u64)sk, run) : NOBODY;
	return tried_to_pin(owner == NOBODY ? NULL : tally_in(run, owner), ctx, skb);
}

/* tracepoints and kprobes: the call's mode at its start, and what it returned */

/*
 * Whether a call copies, pins or splices is decided once, at its start, and holds for all its bytes
 * (tcp_sendmsg_locked, `zc`). Two things are not what they seem: MSG_ZEROCOPY without SO_ZEROCOPY
 * is ignored silently, and without scatter-gather everything is copied.
 */
static __always_inline __u32 mode_of_flags(__u32 flags, __u64 features, bool lends)
{
	if (!(features & NETIF_F_SG))
		return SITE_SEND_COPY;
	if (!(flags & MSG_ZEROCOPY))
		return SITE_SEND_SPLICE;
	return lends ? SITE_SEND_PIN : SITE_SEND_COPY;
}

/* SO_ZEROCOPY, of sk->sk_flags. */
static __always_inline bool flags_lend(unsigned long flags)
{
	return flags & (1UL << bpf_core_enum_value(enum sock_flags, SOCK_ZEROCOPY));
}

/* Of a message and a socket that are arguments of the program. */
static __always_inline __u32 mode_of_message(const struct sock *sk, const struct msghdr *msg,
					     bool plainly)
{
	__u32 flags = READ(plainly, msg, msg_flags);

	if (!(flags & (MSG_ZEROCOPY | MSG_SPLICE_PAGES)))
		return SITE_SEND_COPY;
	return mode_of_flags(flags, READ(plainly, sk, sk_route_caps),
			     flags_lend(READ(plainly, sk, __sk_common.skc_flags)) ||
				     message_lends(msg));
}

/* Of a system call's flags, on a socket that was found. */
static __always_inline __u32 mode_of_call(const struct sock *sk, __u32 flags)
{
	if (!(flags & (MSG_ZEROCOPY | MSG_SPLICE_PAGES)))
		return SITE_SEND_COPY;
	return mode_of_flags(flags, BPF_CORE_READ(sk, sk_route_caps),
			     flags_lend(BPF_CORE_READ(sk, __sk_common.skc_flags)));
}

/* Of a program that is not ours: a send begins, whose end will be seen. */
static __always_inline void watched_send_begins(struct thread *thread, const struct sock *sk,
						__u32 mode)
{
	claim_row(thread, (__u64)sk);
	thread->mode = mode;
	if (mode == SITE_SEND_PIN)
		pinned = 1;
}

static __always_inline void end_send(struct thread *thread, __u64 bytes)
{
	struct tally *tally = tally_on(thread, thread->socket);

	if (!tally)
		return;
	add(&tally->extra[EXTRA_SENT], bytes, 1);
	add(site_of_send(tally, thread->mode), bytes, 1);
}

static __always_inline int sendmsg_begins(const struct sock *sk, const struct msghdr *msg,
					  bool plainly)
{
	struct thread *thread;
	__u32 mode;

	if (!armed)
		return 0;
	mode = mode_of_message(sk, msg, plainly);
	if (!scope)
		return send_begins(sk, mode);
	thread = current_thread();
	if (!thread)
		return 0;
	watched_send_begins(thread, sk, mode);
	note_lender(msg, (__u64)sk);
	return 0;
}

/* Fires in tcp_sendmsg_locked before each packet is filled (6.16). */
TRACEPOINT(sendmsg_locked, tcp_sendmsg_locked, struct sock *sk, struct msghdr *msg)
{
	return sendmsg_begins(sk, msg, TYPED);
}

SEC("kprobe/tcp_sendmsg")
int BPF_KPROBE(sendmsg_probe, struct sock *sk, struct msghdr *msg)
{
	return sendmsg_begins(sk, msg, false);
}

/* 6.4 and older: sendfile comes this way, and only with scatter-gather (tcp_sendpage_locked). */
SEC("kprobe/do_tcp_sendpages")
int BPF_KPROBE(sendpages_probe, struct sock *sk)
{
	struct thread *thread;

	if (!armed)
		return 0;
	if (!scope)
		return send_begins(sk, SITE_SEND_SPLICE);
	thread = current_thread();
	if (thread)
		watched_send_begins(thread, sk, SITE_SEND_SPLICE);
	return 0;
}

/*
 * Fast Open copies what fits into the SYN and may return before the tracepoint above (kernel:
 * tcp_send_syn_data). A call that had begun before the count did cannot say how.
 */
static __always_inline bool send_has_begun(struct thread *thread, __u64 socket, __u64 bytes)
{
	struct tally *tally;

	if (thread->socket == socket)
		return true;
	claim_row(thread, socket);
	thread->mode = SITE_SEND_COPY;
	if (thread->begun)
		return true;
	thread->begun = 1;
	tally = tally_on(thread, socket);
	if (tally)
		add(&tally->extra[EXTRA_IN_FLIGHT], bytes, 1);
	return false;
}

/* What the whole call returned (6.3): every caller of sock_sendmsg passes here. */
TRACEPOINT(send_length, sock_send_length, struct sock *sk, int result)
{
	struct thread *thread;

	if (!armed || result <= 0 || FIELD(sk, sk_protocol) != IPPROTO_TCP || not_covered(sk, true))
		return 0;
	thread = current_thread();
	if (!thread || !send_has_begun(thread, (__u64)sk, result))
		return 0;
	if (thread->calling == (__u64)sk)
		thread->taken += result; /* until the system call says what it returned */
	else
		end_send(thread, result);
	return 0;
}

/*
 * Kernels without the tracepoints above have only the system calls themselves: the mode from the
 * arguments and the socket behind the descriptor, the bytes from the result. Sends that are no
 * system call of their own (io_uring, the kernel's own) are not seen this way.
 */
static __always_inline void arguments_of_send(struct pt_regs *regs, __u8 kind, __u32 *descriptor,
					      __u32 *flags)
{
	__u32 descriptor_at = 0;

	switch (kind) {
	case SENDS_FLAGS_THIRD:
		*flags = syscall_argument(regs, 2);
		break;
	case SENDS_FLAGS_FOURTH:
	case SENDS_MANY:
		*flags = syscall_argument(regs, 3);
		break;
	case SENDS_SPLICE:
		descriptor_at = 2; /* splice(from, offset, to, ...) */
		*flags = MSG_SPLICE_PAGES;
		break;
	case SENDS_FILE:
		*flags = MSG_SPLICE_PAGES;
		break;
	}
	*descriptor = descriptor_at ? syscall_argument(regs, 2) : syscall_argument(regs, 0);
}

/*
 * The socket that a run's thread sends on by this descriptor; NULL: it is no run's, or none. Mostly
 * it is that of the last send on this processor, which lasts as long as the run.
 */
static __always_inline struct sock *socket_of_send(__u32 descriptor)
{
	struct scratch *scratch = scratch_of_cpu();
	__u64 thread = bpf_get_current_pid_tgid();
	struct sending *kept;
	struct sock *sk;

	if (!scratch)
		return NULL;
	kept = &scratch->sendings[thread % KEPT_PROCESSES];
	if (kept->thread == thread && kept->descriptor == descriptor)
		return (void *)kept->socket;
	if (!current_thread())
		return NULL;
	sk = tcp_socket_of(descriptor);
	if (sk) {
		kept->thread = thread;
		kept->descriptor = descriptor;
		kept->socket = (__u64)sk;
	}
	return sk;
}

TRACEPOINT(syscall_enter, sys_enter, struct pt_regs *regs, long number)
{
	__u32 flags = 0, descriptor;
	struct thread *thread;
	struct sock *sk;

	if (!armed || number < 0 || number >= SYSCALLS || !sends_by[number])
		return 0;
	if (!scope) {
		arguments_of_send(regs, sends_by[number], &descriptor, &flags);
		sk = socket_of_send(descriptor);
		return sk ? send_begins(sk, mode_of_call(sk, flags)) : 0;
	}
	thread = current_thread();
	if (!thread)
		return 0;
	thread->mode = 0;
	arguments_of_send(regs, sends_by[number], &descriptor, &flags);
	sk = tcp_socket_of(descriptor);
	if (sk && !not_covered(sk, true))
		watched_send_begins(thread, sk, mode_of_call(sk, flags));
	return 0;
}

/* sendmmsg returns a number of messages; each says its bytes in user memory. */
#define MANY_MAX 64
static __always_inline __s64 bytes_of_many(struct pt_regs *regs, long messages)
{
	struct user_mmsghdr *many = (void *)syscall_argument(regs, 1);
	__s64 bytes = 0;
	__u32 length;

	for (int i = 0; i < MANY_MAX; i++) {
		if (i >= messages)
			return bytes;
		if (bpf_probe_read_user(&length, sizeof(length), &many[i].length))
			return -1;
		bytes += length;
	}
	return messages == MANY_MAX ? bytes : -1;
}

TRACEPOINT(syscall_exit, sys_exit, struct pt_regs *regs, long result)
{
	struct thread *thread;
	__s64 bytes = result;
	long number;

	if (!armed || result <= 0)
		return 0;
	number = syscall_number(regs);
	if (number < 0 || number >= SYSCALLS || !sends_by[number])
		return 0;
	thread = current_thread();
	if (!thread || !thread->mode)
		return 0;
	if (sends_by[number] == SENDS_MANY)
		bytes = bytes_of_many(regs, result);
	if (bytes < 0)
		lose();
	else
		end_send(thread, bytes);
	thread->mode = 0;
	return 0;
}

/* every way */

/* Payload sent again. From 6.17 the tracepoint also fires for attempts that failed, with an error.
 */
TRACEPOINT(retransmit, tcp_retransmit_skb)
{
	struct sk_buff *skb = (void *)ctx[1];
	__u32 owner;

	if (!armed || (retransmit_args > 2 && (int)word_at(ctx, 2)))
		return 0;
	owner = owner_of_socket(ctx[0], run_of_cpu());
	if (owner != NOBODY)
		book_extra(owner, EXTRA_RETRANSMIT, BPF_CORE_READ(skb, len));
	return 0;
}
