/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel data as the handlers want it. Every difference between kernels is one accessor here, with
 * the change behind it; no version number is ever looked at.
 */
#ifndef HARNESS_BPF_KERNEL_H
#define HARNESS_BPF_KERNEL_H

#define IPPROTO_TCP  6
#define MSG_ZEROCOPY 0x4000000
#define MSG_SPLICE_PAGES                                                                           \
	0x8000000 /* 6.5; user space cannot set it: sendfile and splice come with it */
#define NETIF_F_SG 1ULL

/* SKBFL_ZEROCOPY_ENABLE, SKBFL_SHARED_FRAG; before 5.13 SKBTX_DEV_ZEROCOPY, SKBTX_SHARED_FRAG */
#define FLAG_ZEROCOPY	    (1 << 0)
#define FLAG_SHARED_FRAG    (1 << 1)
#define TX_FLAG_ZEROCOPY    (1 << 3)
#define TX_FLAG_SHARED_FRAG (1 << 5)

/*
 * A packet's skb_shared_info. Without CASTS as far as it is looked at, read at once: a call of the
 * helper costs more than the bytes it brings.
 */
#ifdef CASTS
struct shared {
	const struct skb_shared_info *info;
};
#define SHARED_MEMBER(shared, member) MEMBER((shared)->info, member)
#else
struct shared {
	__u64 words[8];
};
#define SHARED_MEMBER(shared, member)                                                              \
	(*(typeof(((struct skb_shared_info *)0)->member) *)((void *)(shared)->words +              \
							    bpf_core_field_offset(                 \
								    struct skb_shared_info,        \
								    member)))
#endif

#define MARKS sizeof(__u64)	  /* its flags and tx_flags */
#define WHOLE (8 * sizeof(__u64)) /* all that is looked at */

static __always_inline const struct skb_shared_info *shared_info(const struct sk_buff *skb,
								 bool plainly)
{
	return (void *)(READ(plainly, skb, head) + READ(plainly, skb, end));
}

/*
 * So many bytes of it, all zeroes if they cannot be read. `plainly`, here and below: of a
 * tracepoint's packet (READ).
 */
static __always_inline void read_shared(struct shared *shared, const struct sk_buff *skb,
					bool plainly, __u32 bytes)
{
#ifdef CASTS
	shared->info = shared_info(skb, plainly);
#else
	bpf_probe_read_kernel(shared, bytes, shared_info(skb, plainly));
#endif
}

/* The packet refers to pages lent by user space (MSG_ZEROCOPY, io_uring). */
static __always_inline bool shared_is_pinned(const struct shared *shared)
{
	if (bpf_core_field_exists(struct skb_shared_info, flags))
		return SHARED_MEMBER(shared, flags) & FLAG_ZEROCOPY;
	return SHARED_MEMBER(shared, tx_flags) & TX_FLAG_ZEROCOPY;
}

/* The same or spliced: TCP puts this mark on both (tcp_sendmsg_locked, do_tcp_sendpages). */
static __always_inline bool refers_to_pages(const struct sk_buff *skb, bool plainly)
{
	const struct skb_shared_info *shared = shared_info(skb, plainly);

	if (bpf_core_field_exists(shared->flags))
		return MEMBER(shared, flags) & FLAG_SHARED_FRAG;
	return MEMBER(shared, tx_flags) & TX_FLAG_SHARED_FRAG;
}

/* A software timestamp is wanted when the device takes the packet (SKBTX_SW_TSTAMP). */
#define TX_FLAG_TIMESTAMP (1 << 1)
static __always_inline bool wants_timestamp(const struct shared *shared)
{
	return SHARED_MEMBER(shared, tx_flags) & TX_FLAG_TIMESTAMP;
}

/*
 * The socket that lent the pages: a MSG_ZEROCOPY ubuf_info lives in the control block of the
 * notification skb, whose sk is the sender (skb_from_uarg). Anything else gives a pointer that is
 * no socket of ours, which the look-up in `sockets` refuses. skb->sk will not do: loopback_xmit and
 * ip_rcv_core orphan the packet.
 */
static __always_inline __u64 lender_of(const struct shared *shared)
{
	__u64 uarg = (__u64)SHARED_MEMBER(shared, destructor_arg);
	struct sk_buff *notification;
	__u64 *lender;

	if (scope) {
		lender = bpf_map_lookup_elem(&lenders, &uarg);
		if (lender)
			return *lender;
	}
	if (!uarg || (uarg & 1)) /* bit 0: an AF_PACKET ring, no ubuf_info (SKB nouarg) */
		return 0;
	notification = (void *)(uarg - bpf_core_field_offset(struct sk_buff, cb));
	return (__u64)MEMBER(notification, sk);
}

/*
 * Bytes in the fragments: what skb_copy_ubufs copies. data_len also holds the skbs of frag_list,
 * which it leaves alone. Negative when the list is longer than we walk.
 */
#define FRAG_LIST_MAX 32
static __always_inline __s64 fragment_bytes(const struct sk_buff *skb, const struct shared *shared,
					    bool plainly)
{
	struct sk_buff *part = SHARED_MEMBER(shared, frag_list);
	__s64 bytes = READ(plainly, skb, data_len);

	for (int i = 0; part && i < FRAG_LIST_MAX; i++) {
		bytes -= MEMBER(part, len);
		part = MEMBER(part, next);
	}
	return part ? -1 : bytes;
}

/*
 * The interface a socket last received by, as it remembers it for the route (sk_rx_dst_set): in
 * inet_sock up to 5.15, then in sock.
 */
static __always_inline int socket_interface(const struct sock *sk)
{
	if (bpf_core_field_exists(sk->sk_rx_dst_ifindex))
		return BPF_CORE_READ(sk, sk_rx_dst_ifindex);
	return BPF_CORE_READ((struct inet_sock___rx_dst *)sk, rx_dst_ifindex);
}

/* The packet is in a tunnel, so that its TCP header is an inner one. */
static __always_inline bool is_encapsulated(const struct sk_buff *skb, bool plainly)
{
	if (plainly)
		return BPF_CORE_READ_BITFIELD(skb, encapsulation);
#ifdef CASTS
	return BPF_CORE_READ_BITFIELD(CAST(skb), encapsulation);
#else
	return BPF_CORE_READ_BITFIELD_PROBED(skb, encapsulation);
#endif
}

/* How long a TCP header is, in bytes, by its own word. */
#define TCP_WORDS_AT 12
static __always_inline __u32 header_length(const unsigned char *tcp)
{
	__u8 words = 0;

#ifdef CASTS
	words = ((const __u8 *)CAST((const struct tcphdr *)tcp))[TCP_WORDS_AT];
#else
	bpf_probe_read_kernel(&words, 1, tcp + TCP_WORDS_AT);
#endif
	return (words >> 4) * 4;
}

/* Offset of the TCP payload from skb->data, on the way out (headers are written). */
static __always_inline __u32 skb_payload_offset(const struct sk_buff *skb, bool plainly)
{
	unsigned char *tcp = READ(plainly, skb, head);

	if (is_encapsulated(skb, plainly))
		tcp += READ(plainly, skb, inner_transport_header);
	else
		tcp += READ(plainly, skb, transport_header);
	return tcp - READ(plainly, skb, data) + header_length(tcp);
}

/* The device that a socket's packets are handed to first, as its route says; NULL: it has none. */
static __always_inline const struct net_device *device_of_route(const struct sock *sk)
{
	const struct dst_entry *route = FIELD(sk, sk_dst_cache);

	return route ? FIELD(route, dev) : NULL;
}

/*
 * Whether a packet tap sees what this device sends: dev_queue_xmit_nit walks the namespace's list
 * (6.15: net->ptype_all) and the device's, and clones for each tap that wants outgoing packets.
 */
#define TAPS_MAX 8
static __always_inline bool list_has_tap(struct list_head *head)
{
	struct list_head *at = MEMBER(head, next);
	struct packet_type *tap;

	for (int i = 0; at != head && i < TAPS_MAX; i++) {
		tap = (void *)at - bpf_core_field_offset(struct packet_type, list);
		if (!MEMBER(tap, ignore_outgoing))
			return true;
		at = MEMBER(at, next);
	}
	return false;
}

static __always_inline bool device_has_tap(const struct net_device *dev)
{
	struct list_head *its = (void *)__builtin_preserve_access_index(&dev->ptype_all);
	struct net *net = FIELD(dev, nd_net.net);
	struct list_head *everywhere;

	/* mostly there is none, which needs no helper to see */
	if (FIELD(dev, ptype_all.next) != its && list_has_tap(its))
		return true;
	if (!bpf_core_field_exists(net->ptype_all))
		return list_has_tap((void *)all_taps);
	everywhere = (void *)__builtin_preserve_access_index(&net->ptype_all);
	return FIELD(net, ptype_all.next) != everywhere && list_has_tap(everywhere);
}

/*
 * Payload of a packet on the write queue, as of before a call that adds to it: tcp_sendmsg_locked
 * moves end_seq when it returns. Of fentry's own packet, whose memory may be read plainly.
 */
static __always_inline __u32 queued_before(const struct sk_buff *skb)
{
	const void *tcp = __builtin_preserve_access_index(&skb->cb);

	return *(__u32 *)(tcp + bpf_core_field_offset(struct tcp_skb_cb, end_seq)) -
	       *(__u32 *)(tcp + bpf_core_field_offset(struct tcp_skb_cb, seq));
}

/* io_uring brings its own ubuf_info (6.0) and needs no SO_ZEROCOPY. */
static __always_inline bool message_lends(const struct msghdr *msg)
{
	return bpf_core_field_exists(msg->msg_ubuf) && BPF_CORE_READ(msg, msg_ubuf);
}

/* Remembers whose pages such a message lends. */
static __always_inline void note_lender(const struct msghdr *msg, __u64 socket)
{
	__u64 uarg;

	if (!scope || !message_lends(msg))
		return;
	uarg = (__u64)BPF_CORE_READ(msg, msg_ubuf);
	bpf_map_update_elem(&lenders, &uarg, &socket, BPF_ANY);
}

/*
 * What user space passed to the system call these registers are of. Each is read where it stands:
 * merged with another's, a load would have a computed address, which verifiers refuse.
 */
#define REGISTER(regs, member)                                                                     \
	({                                                                                         \
		__u64 read_here = FIELD(regs, member);                                             \
		barrier_var(read_here);                                                            \
		read_here;                                                                         \
	})

#if defined(__TARGET_ARCH_x86)
static __always_inline long syscall_number(const struct pt_regs *regs)
{
	return REGISTER(regs, orig_ax);
}

static __always_inline __u64 syscall_argument(const struct pt_regs *regs, int n)
{
	switch (n) {
	case 0:
		return REGISTER(regs, di);
	case 1:
		return REGISTER(regs, si);
	case 2:
		return REGISTER(regs, dx);
	case 4:
		return REGISTER(regs, r8);
	default:
		return REGISTER(regs, r10); /* not cx: the syscall instruction clobbers it */
	}
}
#elif defined(__TARGET_ARCH_arm64)
static __always_inline long syscall_number(const struct pt_regs *regs)
{
	return REGISTER(regs, syscallno);
}

static __always_inline __u64 syscall_argument(const struct pt_regs *regs, int n)
{
	/* the first argument's register also takes the result; the kernel keeps the original */
	return n ? REGISTER(regs, regs[n]) : REGISTER(regs, orig_x0);
}
#else
#error "where does this machine keep a system call's number and arguments?"
#endif

/* The number of the system call a task is in; -1 when the kernel cannot say (before 5.15, without
 * BTF). */
static __always_inline long task_system_call(struct task_struct *task)
{
	if (!knows_system_call)
		return -1;
	return syscall_number((void *)bpf_task_pt_regs(task));
}

/* The socket behind a descriptor of the current process; NULL if it is none. */
#define S_IFMT	 0170000
#define S_IFSOCK 0140000
static __always_inline struct sock *socket_of(__u32 descriptor)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file = NULL;
	struct socket *socket;

	if (descriptor >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + descriptor);
	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

/* The same if it is TCP. */
static __always_inline struct sock *tcp_socket_of(__u32 descriptor)
{
	struct sock *sk = socket_of(descriptor);

	return sk && BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP ? sk : NULL;
}

/*
 * fentry and fexit see arguments as an array of words, the result after the last. Kernels differ in
 * the number of arguments; verifiers before 6.x want the offset to be a constant of the
 * instruction, so each position is a load of its own, which the compiler must not merge into one
 * computed address, and the verifier drops all but the one the constant `position` chooses.
 */
#define WORD_AT(n)                                                                                 \
	case n:                                                                                    \
		asm volatile("%0 = *(u64 *)(%1 + " #n "*8)" : "=r"(word) : "r"(ctx));              \
		break

static __always_inline __u64 word_at(unsigned long long *ctx, __u32 position)
{
	__u64 word = 0;

	switch (position) {
		WORD_AT(1);
		WORD_AT(2);
		WORD_AT(3);
		WORD_AT(4);
		WORD_AT(5);
		WORD_AT(6);
	}
	return word;
}
#undef WORD_AT

#endif
