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
#include "bpf/send.h"

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
	__u32 index, origin;

	if (!armed || bytes <= 0)
		return 0;
	sk = (void *)READ(plain, skb, sk);
	/* every protocol calls it; a packet of TCP's receive queue has the receiving socket */
	if (!sk || READ(plain, sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	thread = current_thread();
	if (!thread)
		return 0;
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
	case RECEIVES_INSIDE: /* io_uring: a plain receive copies; zero-copy calls tcp_read_sock */
		return FATE_ZCRX;
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

static __always_inline void count_without_copy(struct tally *tally, const struct sock *sk,
					       __u32 rest, __u32 moved, __u32 to)
{
	__u32 origin = came_from(sk, socket_interface(sk));
	enum fate fate = is_urgent(sk, rest, moved, to) ? FATE_DISCARDED : fate_of_call();

	if (fate == FATE_MAPPED)
		add(&tally->site[SITE_RECEIVE_MAP], rest, 1);
	else if (fate == FATE_SPLICED)
		add(&tally->site[SITE_RECEIVE_SPLICE], rest, 1);
	else if (fate == FATE_READ)
		add(&tally->site[SITE_RECEIVE_READ], rest, 1);
	else if (fate == FATE_ZCRX)
		add(&tally->extra[EXTRA_ZCRX], rest, 1);
	else if (fate == FATE_DISCARDED)
		add(&tally->extra[EXTRA_DISCARDED], rest, 1);
	/* without a packet: by the interface that the socket last received by */
	if (origin == LEADS_TO_HARDWARE)
		add(&tally->site[SITE_DMA_IN], rest, 1);
	else if (origin == LEADS_TO_PROGRAM)
		add(&tally->extra[EXTRA_TUN_IN], rest, 1);
}

static __always_inline void count_copies(struct tally *tally, const struct thread *thread,
					 __u64 bytes, bool taken)
{
	if (!bytes)
		return;
	add(&tally->site[SITE_RECEIVE_COPY], bytes, 1);
	if (thread->from_hardware)
		add(&tally->site[SITE_DMA_IN], thread->from_hardware, 1);
	if (thread->from_program && taken)
		add(&tally->extra[EXTRA_TUN_IN], thread->from_program, 1);
	if (thread->collapsed && taken) /* bytes that were peeked count when they are taken */
		add(&tally->extra[EXTRA_COLLAPSED], thread->collapsed, 1);
}

static __always_inline void count_read(struct thread *thread, const struct sock *sk, __u32 moved,
				       __u32 to)
{
	struct tally *tally = tally_on(thread, (__u64)sk);
	__u64 bytes = thread->copied;

	if (!tally)
		return;
	if (moved && bytes > moved)
		bytes = moved; /* a call that faulted gave back the rest */
	/* tcp_read_sock steps over the FIN before it calls tcp_rcv_space_adjust */
	if (moved > bytes)
		moved = bytes + without_fin(sk, moved - bytes, to);
	if (moved)
		add(&tally->extra[EXTRA_TAKEN], moved, 1);
	else
		add(&tally->extra[EXTRA_PEEKED], bytes, 1);
	count_copies(tally, thread, bytes, moved);
	if (moved > bytes)
		count_without_copy(tally, sk, moved - bytes, moved, to);
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
static __always_inline int note_read(struct sock *sk, bool plain)
{
	struct thread *thread;
	__u32 moved, to;

	if (!armed || not_covered(sk, plain, false))
		return 0;
	thread = current_thread();
	if (!thread)
		return 0;
	if (by_socket)
		claim_socket(thread, sk, 0);
	to = copied_seq(sk, plain);
	moved = bytes_moved(thread, sk, to);
	if (moved || thread->copied)
		count_read(thread, sk, moved, to);
	thread->copied = 0;
	thread->collapsed = 0;
	thread->from_hardware = 0;
	thread->from_program = 0;
	return 0;
}

TRACEPOINT(space_adjust, tcp_rcv_space_adjust, struct sock *sk)
{
	return note_read(sk, typed);
}

/* The tracepoint is the function's first statement. */
SEC("kprobe/tcp_rcv_space_adjust")
int BPF_KPROBE(space_adjust_probe, struct sock *sk)
{
	return note_read(sk, false);
}
