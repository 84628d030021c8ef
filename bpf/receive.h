/* SPDX-License-Identifier: GPL-2.0 */
/*
 * receive_copy and dma_in: payload copied from the receive queue to user memory.
 *
 * skb_copy_datagram_iter is shared by every protocol; the socket of a TCP receive-queue packet is
 * the receiving one, and its protocol tells. The bytes of a copy that came in by a device with
 * hardware behind it are dma_in: skb_iif remembers the interface long after skb->dev is gone.
 *
 * Where the receive buffer is full, tcp_collapse copies the packets of the queue together into new
 * ones, which remember no interface and are known by that: one more copy of what is received from
 * them, or several, if it came to it again.
 */

struct arrival {
	bool collapsed, from_hardware;
};

/* How a packet that is received came here. */
static __always_inline struct arrival arrival_of(const struct sk_buff *skb, const struct sock *sk,
						 bool plainly, struct scratch *scratch)
{
	__u32 index = READ(plainly, skb, skb_iif);
	struct arrival arrival = {.collapsed = !index};

	if (arrival.collapsed)
		index = socket_interface(sk);
	arrival.from_hardware = came_by_hardware(sk, index, plainly, scratch);
	return arrival;
}

/* Of a program that is not ours: booked when the call ends. */
static __always_inline int watched_receives(const struct sk_buff *skb, const struct sock *sk,
					    int bytes, bool plainly)
{
	struct arrival arrival;
	struct thread *thread;

	if (READ(plainly, sk, sk_protocol) != IPPROTO_TCP || not_covered(sk, false))
		return 0;
	thread = current_thread();
	if (!thread)
		return 0;
	arrival = arrival_of(skb, sk, plainly, NULL);
	thread->received += bytes;
	if (arrival.collapsed)
		thread->collapsed += bytes;
	if (arrival.from_hardware)
		thread->from_hardware += bytes;
	return 0;
}

static __always_inline int received(const struct sk_buff *skb, int bytes, bool plainly)
{
	struct arrival arrival;
	struct scratch *run;
	struct tally *tally;
	struct sock *sk;
	__u32 owner;

	if (!armed || bytes <= 0)
		return 0;
	sk = READ(plainly, skb, sk);
	if (!sk)
		return 0;
	if (scope)
		return watched_receives(skb, sk, bytes, plainly);
	run = scratch_of_cpu();
	owner = run ? owner_of_receiver(sk, plainly, run) : NOBODY;
	if (!run || owner == NOBODY)
		return 0;
	tally = tally_in(run, owner);
	arrival = arrival_of(skb, sk, plainly, run);
	add_alone(&tally->site[SITE_RECEIVE_COPY], bytes, 1);
	if (arrival.collapsed)
		add_alone(&tally->extra[EXTRA_COLLAPSED], bytes, 1);
	if (arrival.from_hardware)
		add_alone(&tally->site[SITE_DMA_IN], bytes, 1);
	return 0;
}

/* In a run, whose receives do not fault. */
SEC("fentry/skb_copy_datagram_iter")
int BPF_PROG(datagram_iter_enter, struct sk_buff *skb, int offset, void *to, int len)
{
	return received(skb, len, TYPED);
}

/* By its result: a fault half-way through gives the bytes back (-EFAULT, the iterator reverted). */
SEC("fexit/skb_copy_datagram_iter")
int BPF_PROG(datagram_iter_exit, struct sk_buff *skb, int offset, void *to, int len, int result)
{
	return result ? 0 : received(skb, len, TYPED);
}

/* The same function's tracepoint, at its entry: counts too much only for a faulting copy. */
TRACEPOINT(datagram_iovec, skb_copy_datagram_iovec, struct sk_buff *skb, int len)
{
	return received(skb, len, TYPED);
}

SEC("kprobe/skb_copy_datagram_iter")
int BPF_KPROBE(datagram_iter_probe, struct sk_buff *skb, int offset, void *to, int len)
{
	return received(skb, len, false);
}
