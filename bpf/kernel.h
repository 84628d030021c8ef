/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Accessors of tasks, system calls and sockets. Each difference between kernels is one accessor,
 * here or in packet.h; its comment names the change. No accessor tests a version number.
 */
#ifndef HARNESS_BPF_KERNEL_H
#define HARNESS_BPF_KERNEL_H

#include "bpf/system_call.h"

#define AF_INET	      2
#define AF_INET6      10
#define SOCK_STREAM   1
#define IPPROTO_TCP   6
#define IPPROTO_MPTCP 262

#define MSG_OOB	     0x1
#define MSG_PEEK     0x2
#define MSG_TRUNC    0x20
#define MSG_ERRQUEUE 0x2000
#define MSG_ZEROCOPY 0x4000000
/* since 6.5; sendfile and splice set it, user space cannot */
#define MSG_SPLICE_PAGES 0x8000000

#define NETIF_F_SG   1ULL
#define NETIF_F_CSUM 0x1aULL /* of any kind: IP_CSUM, HW_CSUM, IPV6_CSUM */
#define PF_KTHREAD   0x00200000

/*
 * Word `position` of the context. fentry and fexit receive the arguments as an array of words; the
 * result follows the last one, and kernels differ in the number of arguments. A verifier before 6.x
 * accepts only a constant offset in the load instruction. So each position has a load of its own,
 * in assembly, which the compiler cannot merge into one computed address. `position` is a constant
 * of the loaded program: the verifier drops the other loads.
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

/* devices */

/* The kind of a virtual device (`ip link add type KIND`) begins with these four bytes. */
static __always_inline bool kind_begins(const struct net_device *dev, const char word[4])
{
	const char *kind = BPF_CORE_READ(dev, rtnl_link_ops, kind);
	char begin[4] = {};

	bpf_probe_read_kernel(begin, sizeof(begin), kind);
	return !__builtin_memcmp(begin, word, sizeof(begin));
}

/* A tun or tap device: a program reads what leaves by it, and writes what comes by it. */
static __always_inline bool is_tun(const struct net_device *dev)
{
	return kind_begins(dev, "tun");
}

/* tasks */

/*
 * The registers with which `task` entered the kernel, at the end of its kernel stack
 * (task_pt_regs). NULL: a kernel thread, or a kernel stack of unknown size. `task`: the current one
 * or a tracepoint's.
 */
static __always_inline const struct pt_regs *registers_of(struct task_struct *task)
{
	if (BPF_CORE_READ(task, flags) & PF_KTHREAD)
		return NULL;
	if (has_task_pt_regs)
		return (void *)bpf_task_pt_regs(task);
	if (!kernel_stack_bytes)
		return NULL;
	return BPF_CORE_READ(task, stack) + kernel_stack_bytes - bpf_core_type_size(struct pt_regs);
}

/* registers_of() the current task. */
static __always_inline const struct pt_regs *current_registers(void)
{
	if (has_task_pt_regs)
		return registers_of(bpf_get_current_task_btf());
	return registers_of((void *)bpf_get_current_task());
}

static __always_inline bool is_kernel_thread(void)
{
	const struct task_struct *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, flags) & PF_KTHREAD;
}

/* sockets */

/* The struct sock of an open file; NULL: the file is no socket. */
#define S_IFMT	 0170000
#define S_IFSOCK 0140000
static __always_inline struct sock *socket_of_file(const struct file *file)
{
	struct socket *socket;

	if ((BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

/* The struct sock of a descriptor of the current process; NULL: it is no socket. */
static __always_inline struct sock *socket_of(__u32 descriptor)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file = NULL;

	if (descriptor >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + descriptor);
	return file ? socket_of_file(file) : NULL;
}

/*
 * The extra that counts a socket's bytes if tcp_sendmsg and tcp_recvmsg do not move them; 0: they
 * do, or the kernel hides their addresses. kTLS and sockmaps replace them in sk_prot; MPTCP is
 * another protocol. EXTRA_COUNT: not a TCP socket (a raw or netlink socket may have the same
 * protocol number).
 */
static __always_inline __u32 not_covered(const struct sock *sk, bool plain, bool sending)
{
	__u16 family = READ(plain, sk, __sk_common.skc_family);
	__u32 protocol = READ(plain, sk, sk_protocol);
	struct proto *proto;

	if ((protocol != IPPROTO_TCP && protocol != IPPROTO_MPTCP) ||
	    READ(plain, sk, sk_type) != SOCK_STREAM || (family != AF_INET && family != AF_INET6))
		return EXTRA_COUNT;
	if (protocol == IPPROTO_MPTCP)
		return EXTRA_MPTCP;
	if (!tcp_sendmsg_at || !tcp_recvmsg_at)
		return 0;
	proto = READ(plain, sk, __sk_common.skc_prot);
	if (sending ? (__u64)READ(plain, proto, sendmsg) == tcp_sendmsg_at
		    : (__u64)READ(plain, proto, recvmsg) == tcp_recvmsg_at)
		return 0;
	return BPF_CORE_READ((struct inet_connection_sock *)sk, icsk_ulp_ops) ? EXTRA_TLS
									      : EXTRA_SOCKMAP;
}

/*
 * The index of the interface that the socket last received by, kept for its route (sk_rx_dst_set):
 * in inet_sock before 5.16, in sock since.
 */
static __always_inline int socket_interface(const struct sock *sk)
{
	if (bpf_core_field_exists(sk->sk_rx_dst_ifindex))
		return BPF_CORE_READ(sk, sk_rx_dst_ifindex);
	return BPF_CORE_READ((struct inet_sock___rx_dst *)sk, rx_dst_ifindex);
}

/* The device of the socket's cached route, which gets its packets first; NULL: no route. */
static __always_inline const struct net_device *device_of_route(const struct sock *sk)
{
	const struct dst_entry *route = FIELD(sk, sk_dst_cache);

	return route ? FIELD(route, dev) : NULL;
}

/* The SYN had the Fast Open option (tcp_syn_options), so it may have carried data. */
static __always_inline bool used_fast_open(const struct sock *sk)
{
	return BPF_CORE_READ_BITFIELD_PROBED((const struct tcp_sock *)sk, syn_fastopen);
}

/* The socket option SO_ZEROCOPY is set. */
static __always_inline bool zerocopy_is_set(unsigned long sk_flags)
{
	return sk_flags & (1UL << bpf_core_enum_value(enum sock_flags, SOCK_ZEROCOPY));
}

#endif
