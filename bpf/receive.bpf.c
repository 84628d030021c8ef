// SPDX-License-Identifier: GPL-2.0
/*
 * receive_copy, receive_map, receive_splice, receive_read, dma_in: where the payload of the receive
 * queue goes.
 *
 * skb_copy_datagram_iter copies. Each reader then moves the socket's copied_seq and calls
 * tcp_rcv_space_adjust, under the socket's lock: tcp_recvmsg once a packet; tcp_read_sock,
 * tcp_zerocopy_receive and splice at their end. Bytes that copied_seq moved by were copied just
 * before, or the system call says where they went, or no site explains them: a residual. Bytes that
 * were copied without a move stay in the queue (MSG_PEEK). Bytes that were copied beyond the move
 * were given back by a call that faulted. All are counted at once, so a count never has a copy
 * without its bytes.
 */
#include "bpf/hardware.h"
#include "bpf/reader.h"
#include "bpf/send.h"
#include "bpf/taken.h"

#define SOL_TCP		     6
#define TCP_ZEROCOPY_RECEIVE 35

/* The packet is not from the network: TCP_REPAIR wrote it to the receive queue. */
static __always_inline bool was_repaired(const struct sk_buff *skb, const struct sock *sk)
{
	__u64 key = (__u64)sk;
	struct connection *connection = bpf_map_lookup_elem(&connections, &key);

	return connection && connection->repaired &&
	       (__s32)(queue_start(skb) - connection->repaired) < 0;
}

static __always_inline int note_copy(const struct sk_buff *skb, int bytes, bool plain)
{
	struct thread *thread;
	struct sock *sk;
	__u32 index, origin, protocol;

	if (!armed || bytes <= 0)
		return 0;
	sk = (void *)READ(plain, skb, sk);
	/* every protocol calls it; a packet of TCP's receive queue has the receiving socket */
	if (!sk)
		return 0;
	protocol = READ(plain, sk, sk_protocol);
	if (protocol != IPPROTO_TCP && protocol != IPPROTO_MPTCP)
		return 0;
	thread = current_thread();
	if (!thread)
		return 0;
	begin_reading(thread, sk);
	thread->copied += bytes;
	/*
	 * When the receive buffer is full, tcp_collapse copies the queue's packets together into
	 * new ones, whose skb_iif is 0.
	 */
	index = READ(plain, skb, skb_iif);
	if (!index && was_repaired(skb, sk))
		return 0;
	if (!index)
		thread->collapsed += bytes;
	origin = came_from(sk, index ?: socket_interface(sk));
	if (origin == LEADS_TO_HARDWARE)
		thread->from_hardware += bytes;
	else if (origin == LEADS_TO_PROGRAM)
		thread->from_program += bytes;
	return 0;
}

/* Counts by its result: a fault gives the bytes back (-EFAULT, the iterator is reverted). */
SEC("fexit/skb_copy_datagram_iter")
int BPF_PROG(datagram_iter_exit, struct sk_buff *skb, int offset, void *to, int len, int result)
{
	return result ? 0 : note_copy(skb, len, true);
}

SEC("kprobe/skb_copy_datagram_iter")
int BPF_KPROBE(datagram_iter_probe, struct sk_buff *skb, int offset, void *to, int len)
{
	return note_copy(skb, len, false);
}

/* The same function's tracepoint, at its entry. */
TRACEPOINT(datagram_iovec, skb_copy_datagram_iovec, struct sk_buff *skb, int len)
{
	return note_copy(skb, len, typed);
}

/* Where payload goes that a system call takes without a copy: a site, or an extra. */
enum fate {
	FATE_UNKNOWN,
	FATE_MAPPED,
	FATE_SPLICED,
	FATE_DISCARDED,
	FATE_READ,
	FATE_ZCRX,
	FATE_UNDECIDED, /* count_call_end() decides: the flags of the call are not known here */
};

static __always_inline enum fate fate_of_call(void)
{
	const struct pt_regs *regs = current_registers();
	long number = regs ? syscall_number(regs) : -1;

	if (is_kernel_thread()) /* no system call: tcp_read_sock gave the bytes to its callback */
		return FATE_READ;
	if (number < 0 || number >= SYSCALLS)
		return FATE_UNKNOWN;
	switch (receives_by[number]) {
	case RECEIVES_MAP:
		return syscall_argument(regs, 1) == SOL_TCP &&
				       syscall_argument(regs, 2) == TCP_ZEROCOPY_RECEIVE
			       ? FATE_MAPPED
			       : FATE_UNKNOWN;
	case RECEIVES_SPLICE:
		return FATE_SPLICED;
	case RECEIVES_FLAGS_THIRD:
		return syscall_argument(regs, 2) & MSG_TRUNC ? FATE_DISCARDED : FATE_UNKNOWN;
	case RECEIVES_FLAGS_FOURTH:
	case RECEIVES_MANY:
		return syscall_argument(regs, 3) & MSG_TRUNC ? FATE_DISCARDED : FATE_UNKNOWN;
	}
	return FATE_UNKNOWN;
}

/* The byte is urgent: tcp_recvmsg_locked steps over it (urg_hole), and MSG_OOB reads it. */
static __always_inline bool is_urgent(const struct sock *sk, __u32 rest, __u32 moved, __u32 to)
{
	return rest == 1 && to - BPF_CORE_READ((const struct tcp_sock *)sk, urg_seq) - 1 < moved;
}

/* io_uring has no system call whose arguments say how it receives: the reader tells. */
static __always_inline enum fate fate_of_reader(__u64 reader)
{
	if (is_zcrx(reader))
		return FATE_ZCRX;
	return is_tcp_recvmsg(reader) && sees_receive_ends ? FATE_UNDECIDED : FATE_UNKNOWN;
}

static __always_inline void count_zcrx(struct tally *tally, __u64 copied, __u32 rest)
{
	if (copied > rest)
		copied = rest;
	if (!counts_zcrx)
		add(&tally->extra[EXTRA_ZCRX], rest, 1);
	else if (copied)
		add(&tally->site[SITE_RECEIVE_COPY], copied, 1);
	if (counts_zcrx && copied < rest)
		add(&tally->site[SITE_RECEIVE_MAP], rest - copied, 1);
}

static __always_inline void count_without_copy(const struct thread *thread, struct tally *tally,
					       const struct sock *sk, __u32 rest, enum fate fate)
{
	__u32 origin = came_from(sk, socket_interface(sk));

	if (fate == FATE_MAPPED)
		add(&tally->site[SITE_RECEIVE_MAP], rest, 1);
	else if (fate == FATE_SPLICED)
		add(&tally->site[SITE_RECEIVE_SPLICE], rest, 1);
	else if (fate == FATE_READ)
		add(&tally->site[SITE_RECEIVE_READ], rest, 1);
	else if (fate == FATE_ZCRX)
		count_zcrx(tally, thread->zcrx_copied, rest);
	else if (fate == FATE_DISCARDED)
		add(&tally->extra[EXTRA_DISCARDED], rest, 1);
	/* without a packet: by the interface that the socket last received by */
	if (origin == LEADS_TO_HARDWARE)
		add(&tally->site[SITE_DMA_IN], rest, 1);
	else if (origin == LEADS_TO_PROGRAM)
		add(&tally->extra[EXTRA_TUN_IN], rest, 1);
}

/* Names the reader of bytes that receive_read has, or no site. */
static __always_inline void count_named(const struct thread *thread, const struct sock *sk,
					__u64 reader, enum fate fate, __u32 rest)
{
	if (fate == FATE_READ)
		count_reader(owner_on(thread, (__u64)sk), reader, CAUSE_READ, rest);
	else if (fate == FATE_UNKNOWN)
		count_reader(owner_on(thread, (__u64)sk), reader, CAUSE_UNCOVERED, rest);
}

static __always_inline void count_read(void *ctx, struct thread *thread, const struct sock *sk,
				       __u32 moved, __u32 to)
{
	struct tally *tally = tally_on(thread, (__u64)sk);
	__u64 bytes = thread->copied, reader = 0;
	enum fate fate = FATE_DISCARDED;
	__u32 rest;

	if (!tally)
		return;
	if (moved && bytes > moved)
		bytes = moved; /* a call that faulted gave back the rest */
	/* tcp_read_sock steps over the FIN before it calls tcp_rcv_space_adjust */
	if (moved > bytes)
		moved = bytes + without_fin(sk, moved - bytes, to);
	rest = moved > bytes ? moved - bytes : 0;
	if (rest && !is_urgent(sk, rest, moved, to))
		fate = fate_of_call();
	if (fate == FATE_UNKNOWN || fate == FATE_READ)
		reader = reader_on_stack(ctx);
	if (fate == FATE_UNKNOWN)
		fate = fate_of_reader(reader);
	if (fate == FATE_UNDECIDED) {
		thread->undecided += rest;
		any_undecided = 1;
		moved -= rest;
		rest = 0;
	}
	if (moved)
		add(&tally->extra[EXTRA_TAKEN], moved, 1);
	else if (bytes)
		add(&tally->extra[EXTRA_PEEKED], bytes, 1);
	count_copies(tally, thread, bytes, moved);
	if (!rest)
		return;
	count_without_copy(thread, tally, sk, rest, fate);
	count_named(thread, sk, reader, fate, rest);
}

static __always_inline bool call_peeks(void)
{
	const struct pt_regs *regs = current_registers();
	long number = regs ? syscall_number(regs) : -1;

	if (number < 0 || number >= SYSCALLS)
		return false;
	if (receives_by[number] == RECEIVES_FLAGS_THIRD)
		return syscall_argument(regs, 2) & MSG_PEEK;
	if (receives_by[number] == RECEIVES_FLAGS_FOURTH || receives_by[number] == RECEIVES_MANY)
		return syscall_argument(regs, 3) & MSG_PEEK;
	return false;
}

/*
 * Bytes that copied_seq moved by since the last read. If that is not known, the bytes just copied,
 * or 0 if the call peeks.
 */
static __always_inline __u32 bytes_moved(const struct thread *thread, const struct sock *sk,
					 __u32 to)
{
	struct connection *connection = connection_of(sk, 0);
	__u32 moved;

	if (!connection)
		return thread->copied;
	if (connection->copied_seq_known)
		moved = to - connection->copied_seq;
	else
		moved = call_peeks() ? 0 : thread->copied;
	connection->copied_seq = to;
	connection->copied_seq_known = 1;
	connection->reader = thread->owner;
	if (connection->repaired && (__s32)(to - connection->repaired) >= 0)
		connection->repaired = 0;
	return moved;
}

/* `plain`: the pointer is typed. */
static __always_inline __u32 copied_seq(struct sock *sk, bool plain)
{
	const struct tcp_sock *tcp = plain ? bpf_skc_to_tcp_sock(sk) : NULL;

	return tcp ? tcp->copied_seq : BPF_CORE_READ((const struct tcp_sock *)sk, copied_seq);
}

/* A reader has moved copied_seq. */
static __always_inline int note_read(void *ctx, struct sock *sk, bool plain)
{
	struct thread *thread;
	__u32 moved, to, kind;

	if (!armed)
		return 0;
	kind = not_covered(sk, plain, false);
	if (kind && kind != EXTRA_SOCKMAP)
		return 0;
	thread = kind ? NULL : current_thread();
	to = copied_seq(sk, plain);
	if (!thread)
		return count_stranger(ctx, sk, to, kind);
	if (by_socket)
		claim_socket(thread, sk, 0);
	begin_reading(thread, sk);
	moved = bytes_moved(thread, sk, to);
	if (moved || thread->copied)
		count_read(ctx, thread, sk, moved, to);
	thread->zcrx_copied = 0;
	end_reading(thread);
	return 0;
}

TRACEPOINT(space_adjust, tcp_rcv_space_adjust, struct sock *sk)
{
	return note_read(ctx, sk, typed);
}

/* The tracepoint is the function's first statement. */
SEC("kprobe/tcp_rcv_space_adjust")
int BPF_KPROBE(space_adjust_probe, struct sock *sk)
{
	return note_read(ctx, sk, false);
}
