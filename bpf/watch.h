/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What only programs that are not ours need: what their receives returned, pages mapped and spliced
 * out of sockets, completions, and sockets the ledger does not cover.
 *
 * A receive is booked when it ends, its copies and its result together. So a call that had begun
 * before the count did, or has not ended when it stops, cannot make the ledger disagree.
 */

#define MSG_OOB	     0x1
#define MSG_PEEK     0x2
#define MSG_TRUNC    0x20
#define MSG_ERRQUEUE 0x2000

#define SOL_TCP			   6
#define TCP_ZEROCOPY_RECEIVE	   35
#define SO_EE_ORIGIN_ZEROCOPY	   5
#define SO_EE_CODE_ZEROCOPY_COPIED 1

/* What each system call number is to call_begin and call_end: enum receives. */
const volatile __u8 receives_by[SYSCALLS] = {};
/* These two have no better hook than the system call's end. */
const volatile __u32 calls_end_receives = 0, calls_end_maps = 0, calls_end_splices = 0,
		     calls_tell_not_covered = 0;
/* What sends returned is taken from system calls, and so holds their bytes at the sites to account.
 */
const volatile __u32 calls_check_sends = 0;
/* Number of arguments of tcp_recvmsg and tcp_zerocopy_receive on this kernel, from BTF. */
const volatile __u32 recvmsg_args = 0, map_args = 0;

/* The copies of the receive that ends here; none if it began before the count did. */
struct receipt {
	__u64 copied, from_hardware, collapsed;
	bool begun;
};

static __always_inline void begin_receive(struct thread *thread)
{
	thread->begun = 1;
	thread->received = 0;
	thread->from_hardware = 0;
	thread->collapsed = 0;
}

static __always_inline int receive_begins(void)
{
	struct thread *thread = armed ? current_thread() : NULL;

	if (thread)
		begin_receive(thread);
	return 0;
}

static __always_inline struct receipt take_receipt(struct thread *thread)
{
	struct receipt receipt = {
		.copied = thread->received,
		.from_hardware = thread->from_hardware,
		.collapsed = thread->collapsed,
		.begun = thread->begun,
	};

	begin_receive(thread); /* whatever is next begins now */
	return receipt;
}

/* The tally for what a thread receives on a socket. */
static __always_inline struct tally *receiving_tally(struct thread *thread, struct sock *sk)
{
	if (by_socket)
		claim_row(thread, (__u64)sk);
	return tally_on(thread, (__u64)sk);
}

static __always_inline void book_receipt(struct tally *tally, const struct receipt *receipt)
{
	if (receipt->copied)
		add(&tally->site[SITE_RECEIVE_COPY], receipt->copied, 1);
	if (receipt->from_hardware)
		add(&tally->site[SITE_DMA_IN], receipt->from_hardware, 1);
	if (receipt->collapsed)
		add(&tally->extra[EXTRA_COLLAPSED], receipt->collapsed, 1);
}

static __always_inline void end_receive(struct sock *sk, __s64 result, __u32 flags)
{
	struct thread *thread = current_thread();
	struct receipt receipt;
	struct tally *tally;

	if (!thread)
		return;
	receipt = take_receipt(thread);
	if (result <= 0 || (flags & MSG_ERRQUEUE)) /* the error queue's packets are no payload */
		return;
	tally = receiving_tally(thread, sk);
	if (!tally)
		return;
	if (!receipt.begun) {
		add(&tally->extra[EXTRA_IN_FLIGHT], result, 1);
		return;
	}
	if (flags & MSG_TRUNC) { /* tcp_recvmsg_locked copies nothing then, and returns it all */
		add(&tally->extra[EXTRA_DISCARDED], result, 1);
		return;
	}
	if (flags & MSG_OOB) /* tcp_recv_urg: one byte, by memcpy_to_msg */
		receipt.copied += result;
	add(&tally->extra[EXTRA_RECEIVED], result, 1);
	if (flags & MSG_PEEK) {
		add(&tally->extra[EXTRA_PEEKED], result, 1);
		receipt.collapsed = 0; /* said when it is taken */
	}
	book_receipt(tally, &receipt);
}

SEC("fentry/tcp_recvmsg")
int BPF_PROG(recvmsg_enter)
{
	return receive_begins();
}

/* (sk, msg, len, nonblock, flags, addr_len) up to 5.18 (ec095263a965), then without nonblock, and
 * from 7.x on without addr_len. */
SEC("fexit/tcp_recvmsg")
int recvmsg_exit(unsigned long long *ctx)
{
	__u32 flags = word_at(ctx, recvmsg_args == 6 ? 4 : 3);
	int result = word_at(ctx, recvmsg_args);

	if (armed)
		end_receive((void *)ctx[0], result, flags);
	return 0;
}

/* 6.3, from every caller of sock_recvmsg, io_uring too. */
TRACEPOINT(receive_length, sock_recv_length, struct sock *sk, int result, int flags)
{
	if (armed && FIELD(sk, sk_protocol) == IPPROTO_TCP && !not_covered(sk, false))
		end_receive(sk, result, flags);
	return 0;
}

/* pages mapped: copybuf_len bytes more were copied, by the functions that count copies */
static __always_inline void end_map(struct sock *sk, __u32 length, __s32 copied)
{
	struct thread *thread = current_thread();
	struct receipt receipt;
	struct tally *tally;

	if (!thread)
		return;
	receipt = take_receipt(thread);
	if (copied < 0)
		copied = 0;
	tally = length || copied ? receiving_tally(thread, sk) : NULL;
	if (!tally)
		return;
	if (!receipt.begun) {
		add(&tally->extra[EXTRA_IN_FLIGHT], (__u64)length + copied, 1);
		return;
	}
	add(&tally->extra[EXTRA_RECEIVED], (__u64)length + copied, 1);
	if (length)
		add(&tally->site[SITE_RECEIVE_MAP], length, 1);
	book_receipt(tally, &receipt);
}

SEC("fentry/tcp_zerocopy_receive")
int BPF_PROG(map_enter)
{
	return receive_begins();
}

SEC("fexit/tcp_zerocopy_receive")
int map_exit(unsigned long long *ctx)
{
	struct tcp_zerocopy_receive *zc = (void *)word_at(ctx, 1);
	int result = word_at(ctx, map_args);
	__s32 copied = 0;

	if (!armed || result)
		return 0;
	if (bpf_core_field_exists(zc->copybuf_len))
		copied = BPF_CORE_READ(zc, copybuf_len);
	end_map((void *)ctx[0], BPF_CORE_READ(zc, length), copied);
	return 0;
}

static __always_inline void end_splice(struct sock *sk, __s64 bytes)
{
	struct thread *thread = current_thread();
	struct tally *tally = thread ? receiving_tally(thread, sk) : NULL;

	if (!tally)
		return;
	add(&tally->extra[EXTRA_RECEIVED], bytes, 1);
	add(&tally->site[SITE_RECEIVE_SPLICE], bytes, 1);
}

SEC("fexit/tcp_splice_read")
int BPF_PROG(splice_read_exit, struct socket *socket, void *at, void *pipe, __u64 len, int flags,
	     __s64 result)
{
	if (armed && result > 0)
		end_splice(BPF_CORE_READ(socket, sk), result);
	return 0;
}

/* sockets whose copies other code makes */

static __always_inline void tell_not_covered(const struct sock *sk, bool sending, __s64 bytes)
{
	__u32 kind = not_covered(sk, sending);
	struct thread *thread = kind && kind != NOT_TCP ? current_thread() : NULL;
	struct tally *tally = thread ? tally_of(thread->owner) : NULL;

	if (!tally)
		return;
	/* one by one: a verifier before 5.12 follows no variable index into a map's value */
	if (kind == EXTRA_TLS)
		add(&tally->extra[EXTRA_TLS], bytes, 1);
	else if (kind == EXTRA_SOCKMAP)
		add(&tally->extra[EXTRA_SOCKMAP], bytes, 1);
	else
		add(&tally->extra[EXTRA_MPTCP], bytes, 1);
}

static __always_inline bool is_tcp(__u32 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP;
}

TRACEPOINT(other_send, sock_send_length, struct sock *sk, int result)
{
	if (armed && result > 0 && is_tcp(FIELD(sk, sk_protocol)))
		tell_not_covered(sk, true, result);
	return 0;
}

TRACEPOINT(other_receive, sock_recv_length, struct sock *sk, int result, int flags)
{
	if (armed && result > 0 && !(flags & MSG_ERRQUEUE) && is_tcp(FIELD(sk, sk_protocol)))
		tell_not_covered(sk, false, result);
	return 0;
}

/* the system calls themselves, where nothing better can be had */

/*
 * A send that is a system call of its own is booked when that ends: its bytes at the sites, and
 * beside them what user space was told. What io_uring or the kernel itself sends has no such second
 * witness.
 */
static __always_inline void begin_send_call(struct pt_regs *regs, __u32 kind)
{
	struct thread *thread = known_thread();
	struct sock *sk;

	if (!thread)
		return;
	sk = tcp_socket_of(kind == SENDS_SPLICE ? syscall_argument(regs, 2)
						: syscall_argument(regs, 0));
	if (thread->taken) /* the end of the last one was not seen */
		lose();
	thread->taken = 0;
	thread->calling = sk && !not_covered(sk, true) ? (__u64)sk : 0;
	if (thread->calling)
		thread->begun = 1;
}

static __always_inline void end_send_call(struct pt_regs *regs, long result, __u32 kind)
{
	struct thread *thread = known_thread();
	__u64 socket = thread ? thread->calling : 0, taken;
	__s64 bytes = result > 0 ? result : 0;
	struct tally *tally;

	if (!socket)
		return;
	taken = thread->taken;
	thread->calling = 0;
	thread->taken = 0;
	if (kind == SENDS_MANY && bytes)
		bytes = bytes_of_many(regs, bytes);
	if (bytes < 0)
		lose();
	tally = bytes > 0 || taken ? tally_on(thread, socket) : NULL;
	if (!tally)
		return;
	add(&tally->extra[EXTRA_SENT], bytes > 0 ? bytes : 0, 1);
	if (!taken)
		return;
	add(site_of_send(tally, thread->mode), taken, 1);
}

TRACEPOINT(call_begin, sys_enter, struct pt_regs *regs, long number)
{
	struct thread *thread;
	struct tally *tally;

	if (!armed || number < 0 || number >= SYSCALLS)
		return 0;
	if (calls_check_sends && sends_by[number])
		begin_send_call(regs, sends_by[number]);
	if (!receives_by[number])
		return 0;
	thread = known_thread();
	if (!thread && receives_by[number] != RECEIVES_INSIDE &&
	    tcp_socket_of(syscall_argument(regs, 0)))
		thread = current_thread(); /* adopts whom only TCP makes interesting */
	if (!thread)
		return 0;
	begin_receive(thread);
	tally = receives_by[number] == RECEIVES_INSIDE ? tally_of(thread->owner) : NULL;
	if (tally) /* the calls alone: to add a constant 0 becomes an operation that 5.10 lacks */
		__sync_fetch_and_add(&tally->extra[EXTRA_IO_URING].calls, 1);
	return 0;
}

/* TCP_ZEROCOPY_RECEIVE leaves its result in the caller's struct, as much of it as optlen says. */
#define MAP_LENGTH_AT	8
#define MAP_COPYBUF_AT	32
#define MAP_COPYBUF_END 36
static __always_inline void end_getsockopt(struct pt_regs *regs, struct sock *sk, long result)
{
	__u64 value = syscall_argument(regs, 3);
	__u32 size = 0, length = 0;
	__s32 copied = 0;

	if (result || syscall_argument(regs, 1) != SOL_TCP ||
	    syscall_argument(regs, 2) != TCP_ZEROCOPY_RECEIVE)
		return;
	if (bpf_probe_read_user(&size, sizeof(size), (void *)syscall_argument(regs, 4)) ||
	    bpf_probe_read_user(&length, sizeof(length), (void *)(value + MAP_LENGTH_AT)) ||
	    (size >= MAP_COPYBUF_END &&
	     bpf_probe_read_user(&copied, sizeof(copied), (void *)(value + MAP_COPYBUF_AT)))) {
		lose();
		return;
	}
	end_map(sk, length, copied);
}

static __always_inline void end_call(struct pt_regs *regs, struct sock *sk, long result, __u32 kind)
{
	__u32 flags = 0;

	if (kind == RECEIVES_MAP) {
		if (calls_end_maps)
			end_getsockopt(regs, sk, result);
		return;
	}
	if (not_covered(sk, false)) {
		if (calls_tell_not_covered && result > 0)
			tell_not_covered(sk, false, result);
		return;
	}
	if (kind == RECEIVES_SPLICE) {
		if (calls_end_splices && result > 0)
			end_splice(sk, result);
		return;
	}
	if (!calls_end_receives)
		return;
	if (kind == RECEIVES_FLAGS_THIRD)
		flags = syscall_argument(regs, 2);
	if (kind == RECEIVES_FLAGS_FOURTH || kind == RECEIVES_MANY)
		flags = syscall_argument(regs, 3);
	if (kind == RECEIVES_MANY && result > 0) {
		result = bytes_of_many(regs, result);
		if (result < 0)
			lose();
	}
	end_receive(sk, result, flags);
}

/* A send on a socket the ledger does not cover, where only system calls tell of it. */
static __always_inline void tell_call_not_covered(struct pt_regs *regs, long result, __u32 kind)
{
	__u32 descriptor = syscall_argument(regs, 0);
	struct sock *sk;

	if (result <= 0)
		return;
	if (kind == SENDS_SPLICE)
		descriptor = syscall_argument(regs, 2);
	sk = socket_of(descriptor);
	if (!sk || !is_tcp(BPF_CORE_READ(sk, sk_protocol)) || !not_covered(sk, true))
		return;
	if (kind == SENDS_MANY)
		result = bytes_of_many(regs, result);
	if (result < 0)
		lose();
	else
		tell_not_covered(sk, true, result);
}

TRACEPOINT(call_end, sys_exit, struct pt_regs *regs, long result)
{
	struct sock *sk;
	long number;

	if (!armed || (result < 0 && !calls_check_sends))
		return 0;
	number = syscall_number(regs);
	if (number < 0 || number >= SYSCALLS || !known_thread())
		return 0;
	if (calls_check_sends && sends_by[number])
		end_send_call(regs, result, sends_by[number]);
	if (result < 0)
		return 0;
	if (calls_tell_not_covered && sends_by[number])
		tell_call_not_covered(regs, result, sends_by[number]);
	if (!receives_by[number] || receives_by[number] == RECEIVES_INSIDE)
		return 0;
	sk = socket_of(syscall_argument(regs, 0));
	if (sk && is_tcp(BPF_CORE_READ(sk, sk_protocol)))
		end_call(regs, sk, result, receives_by[number]);
	return 0;
}

/*
 * A zero-copy send is complete (5.14, e3ae2365efc1: sk_error_report). The newest notification
 * tells: a new one, or the last one with its range extended, when only what is new counts. What it
 * says of copying is what the program will be told: an extended range keeps its first flag
 * (skb_zerocopy_notify_extend).
 */
TRACEPOINT(completion, inet_sk_error_report, struct sock *sk)
{
	struct sk_buff *tail = BPF_CORE_READ(sk, sk_error_queue.prev);
	struct sock_extended_err *error;
	struct notice notice = {}, *before;
	__u64 socket = ctx[0];
	__u32 owner, sends;
	struct tally *tally;

	owner = armed ? owner_of_socket(socket, run_of_cpu()) : NOBODY;
	if (owner == NOBODY || BPF_CORE_READ(tail, sk) != (void *)socket)
		return 0; /* an empty queue points to itself, inside the socket */
	error = (void *)tail + bpf_core_field_offset(struct sk_buff, cb) +
		bpf_core_field_offset(struct sock_exterr_skb, ee);
	if (BPF_CORE_READ(error, ee_origin) != SO_EE_ORIGIN_ZEROCOPY)
		return 0;
	notice.first = BPF_CORE_READ(error, ee_info);
	notice.last = BPF_CORE_READ(error, ee_data);
	before = bpf_map_lookup_elem(&notices, &socket);
	if (before && before->first == notice.first)
		sends = notice.last - before->last;
	else
		sends = notice.last - notice.first + 1;
	if (bpf_map_update_elem(&notices, &socket, &notice, BPF_ANY))
		lose();
	tally = tally_of(owner);
	if (!tally || !sends)
		return 0;
	__sync_fetch_and_add(&tally->extra[EXTRA_COMPLETIONS].calls, sends);
	if (BPF_CORE_READ(error, ee_code) & SO_EE_CODE_ZEROCOPY_COPIED)
		__sync_fetch_and_add(&tally->extra[EXTRA_COPIED].calls, sends);
	return 0;
}
