/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a run's sockets were given to send, from their own write queues: a byte that tcp_sendmsg
 * took is on the queue, or it was and has been acknowledged. So sends need no hook at their end,
 * and at their start only one that sees whether they copy, pin or splice, which hardly ever
 * changes; or, in the fentry way, one that sees whose socket it is, and what was pinned or spliced
 * is taken off (book_referenced). Where all sends of a process are alike, each copies or each
 * lends, the sockets that it has are known from the start (adopt), and no send needs a hook at all:
 * that none lent shows in the packets, that each did in the socket's own number of those that did.
 *
 * Only for sockets that last as long as the count does: a run's are open until it has been read.
 */
#ifndef HARNESS_BPF_QUEUE_H
#define HARNESS_BPF_QUEUE_H

#define SEND_SHUTDOWN 2

struct queue {
	__u64 booked; /* of queue_total, what is in a tally, or was there before we counted */
	__u32 owner;
	__u32 mode;   /* enum site: where what is not booked goes */
	__u32 number; /* sk_zckey when it was followed */
	__u32 lends;  /* each of its sends does, and none was seen that says otherwise */
};

/* By socket. User space settles each when the count is over. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct queue);
} queues SEC(".maps");

/* A socket's mode has changed: what a processor remembers of it may be of before. */
volatile __u32 modes_change = 0;

/* Whether what was read belongs together: tcp_snd_una_update moves the two one after the other. */
static __always_inline bool read_queue(const struct tcp_sock *tcp, __u64 *total)
{
	__u32 first = BPF_CORE_READ(tcp, snd_una);
	__u64 acknowledged = BPF_CORE_READ(tcp, bytes_acked);

	*total = acknowledged + (BPF_CORE_READ(tcp, write_seq) - first);
	return first == BPF_CORE_READ(tcp, snd_una) &&
	       acknowledged == BPF_CORE_READ(tcp, bytes_acked);
}

/*
 * Payload ever put on a socket's write queue, less a constant: tcp_snd_una_update adds to
 * bytes_acked just what snd_una moves by. Without the socket's lock it may do so meanwhile: then
 * once more.
 */
static __always_inline __u64 queue_total(const struct sock *sk)
{
	const struct tcp_sock *tcp = (const void *)sk;
	__u64 total;

	if (!read_queue(tcp, &total) && !read_queue(tcp, &total) && !read_queue(tcp, &total))
		lose();
	/* tcp_send_fin takes a number of the sequence, too */
	return total - !!(BPF_CORE_READ(sk, sk_shutdown) & SEND_SHUTDOWN);
}

/*
 * A send that lends takes a number, by which it is said to be complete, and gives it back if it
 * lent nothing after all (msg_zerocopy_realloc, msg_zerocopy_put_abort): so many have lent.
 */
static __always_inline __u32 sends_that_lent(const struct sock *sk)
{
	return BPF_CORE_READ(sk, sk_zckey.counter);
}

/* Books what was put there since the last time. In how many calls is not known. */
static __always_inline void settle_queue(struct queue *queue, const struct sock *sk)
{
	struct tally *tally = tally_of(queue->owner);
	__u64 total = queue_total(sk);

	if (tally && total != queue->booked)
		__sync_fetch_and_add(&site_of_send(tally, queue->mode)->bytes,
				     total - queue->booked);
	queue->booked = total;
}

/*
 * This owner sends on this socket, which is perhaps new, or used to be sent on otherwise. `taken`:
 * what the queue has got of this send already.
 */
static __always_inline void follow_queue(__u32 owner, const struct sock *sk, __u32 mode,
					 __u64 taken)
{
	__u64 key = (__u64)sk;
	struct queue *queue = bpf_map_lookup_elem(&queues, &key);
	struct queue fresh = {.owner = owner, .mode = mode, .number = sends_that_lent(sk)};

	if (!queue) {
		fresh.booked = queue_total(sk) - taken;
		if (bpf_map_update_elem(&sockets, &key, &owner, BPF_ANY) ||
		    bpf_map_update_elem(&queues, &key, &fresh, BPF_NOEXIST))
			lose();
	} else if (queue->mode != mode) {
		modes_change = 1;
		settle_queue(queue, sk);
		queue->mode = mode;
		queue->lends = 0;
	}
}

static __always_inline __u64 *last_senders(struct scratch *scratch, __u32 mode)
{
	if (mode == SITE_SEND_PIN)
		return scratch->sends_pin;
	if (mode == SITE_SEND_SPLICE)
		return scratch->sends_splice;
	return scratch->sends_copy;
}

/*
 * A run's send begins. Mostly it is like one of the last on this processor, and nothing is to be
 * done: no look-up, hardly a cost. One word says it, so that whoever interrupts us leaves what is
 * true.
 */
static __always_inline int send_begins(const struct sock *sk, __u32 mode)
{
	struct scratch *scratch = scratch_of_cpu();
	__u64 *last;
	__u32 owner;

	if (!scratch)
		return 0;
	last = last_senders(scratch, mode);
	for (int i = 0; i < KEPT_SOCKETS && !modes_change; i++)
		if (last[i] == (__u64)sk)
			return 0;
	owner = owner_of_current(scratch);
	if (owner == NOBODY)
		return 0;
	follow_queue(owner, sk, mode, 0);
	if (mode == SITE_SEND_PIN)
		pinned = 1;
	for (int i = KEPT_SOCKETS - 1; i > 0; i--)
		last[i] = last[i - 1];
	last[0] = (__u64)sk;
	return 0;
}

/*
 * What a queue got of a run's send without a copy, where that is seen apart from the send; user
 * space takes it off what was copied.
 */
static __always_inline int book_referenced(enum site site, int bytes)
{
	struct scratch *run = scratch_of_cpu();
	__u32 owner = run ? owner_of_current(run) : NOBODY;

	if (!run || owner == NOBODY)
		return 0;
	if (site == SITE_SEND_PIN)
		pinned = 1;
	add_alone(&tally_in(run, owner)->site[site], bytes, 1);
	return 0;
}

/* What becomes of sends that are each to lend: without scatter-gather they are copied. */
static __always_inline __u32 mode_of_lender(const struct sock *sk)
{
	return BPF_CORE_READ(sk, sk_route_caps) & NETIF_F_SG ? SITE_SEND_PIN : SITE_SEND_COPY;
}

/*
 * Run by user space, before anything is counted, for each socket of a process that is followed:
 * with a descriptor of its own for it, the process's owner, and whether each send is to lend and
 * is not seen to.
 */
SEC("raw_tp")
int adopt(unsigned long long *ctx)
{
	const struct sock *sk = tcp_socket_of(ctx[0]);
	__u64 key = (__u64)sk, lends = ctx[2];
	struct queue *queue;

	if (!sk)
		return 0;
	follow_queue(ctx[1], sk, lends ? mode_of_lender(sk) : SITE_SEND_COPY, 0);
	queue = bpf_map_lookup_elem(&queues, &key);
	if (!queue || !lends)
		return 0;
	queue->lends = 1;
	pinned = 1;
	return 0;
}

/*
 * How many sends lent; and whether what such a send does is still what it was when the socket was
 * adopted: a route that has changed may lead over a device of the other kind.
 */
static __always_inline void settle_lent(const struct queue *queue, const struct sock *sk)
{
	struct tally *tally = tally_of(queue->owner);

	if (tally)
		__sync_fetch_and_add(&tally->extra[EXTRA_LENT_SENDS].calls,
				     sends_that_lent(sk) - queue->number);
	if (queue->lends && queue->mode != mode_of_lender(sk))
		lose();
}

/* Run by user space for each socket in `queues`, when nothing is counted any more. */
SEC("raw_tp")
int settle(unsigned long long *ctx)
{
	__u64 key = ctx[0];
	struct queue *queue = bpf_map_lookup_elem(&queues, &key);

	if (queue) {
		settle_queue(queue, (const void *)key);
		settle_lent(queue, (const void *)key);
	}
	return 0;
}

#endif
