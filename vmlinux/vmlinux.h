/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel types the BPF side reads, and of those only the members it reads.
 *
 * Every record is relocated at load against the running kernel's BTF (CO-RE), so neither order nor
 * size nor missing members matter here, only names and the members' types. A name with three
 * underscores is a flavour: another kernel's idea of the record before them. vmlinux/check.c
 * compares all of it with a real kernel's BTF.
 */
#ifndef HARNESS_VMLINUX_H
#define HARNESS_VMLINUX_H
#define __VMLINUX_H__ /* libbpf: pt_regs has the kernel's names for registers */

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __s32 s32;
typedef __u64 u64;
typedef __s64 s64;
enum {
	false = 0,
	true = 1,
};
typedef unsigned long size_t;
#define NULL ((void *)0)

enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_CGROUP_ARRAY = 8,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_QUEUE = 22,
};

enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
	BPF_F_MMAPABLE = 1 << 10,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct address_space;

struct page {
	struct address_space *mapping;
	unsigned long compound_head; /* 7.x has another word for it */
};

struct iov_iter {
	size_t count;
};

struct list_head {
	struct list_head *next, *prev;
};

struct ns_common {
	unsigned int inum;
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct net {
	struct ns_common ns;
	struct hlist_head *dev_index_head;
	struct list_head ptype_all; /* 6.15; before, one list for all namespaces */
};

typedef struct {
	struct net *net;
} possible_net_t;

struct device {
	struct device *parent; /* set by SET_NETDEV_DEV: there is hardware behind it */
};

struct net_device {
	char name[16];
	int ifindex;
	struct hlist_node index_hlist;
	possible_net_t nd_net;
	struct list_head ptype_all;
	u64 features;
	struct {
		struct list_head lower;
	} adj_list;
	struct device dev;
	const struct rtnl_link_ops *rtnl_link_ops;
};

struct rtnl_link_ops {
	const char *kind;
};

struct netdev_adjacent {
	struct net_device *dev;
	struct list_head list;
};

struct packet_type {
	bool ignore_outgoing;
	struct list_head list;
};

struct proto {
	void *sendmsg, *recvmsg;
};

struct in6_addr {
	union {
		u8 u6_addr8[16];
	} in6_u;
};

struct sock_common {
	__be32 skc_daddr, skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	struct proto *skc_prot;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
	possible_net_t skc_net;
	unsigned long skc_flags;
};

struct dst_entry {
	struct net_device *dev;
};

struct sk_buff;

struct sk_buff_head {
	struct sk_buff *next, *prev;
};

struct sock {
	struct sock_common __sk_common;
	u16 sk_type, sk_protocol;
	u64 sk_route_caps;
	struct dst_entry *sk_dst_cache;
	struct sk_buff_head sk_error_queue;
	int sk_rx_dst_ifindex;
};

/* 5.15 and older: the interface last received by is not in sock yet. */
struct inet_sock___rx_dst {
	int rx_dst_ifindex;
};

struct tcp_sock {
	u32 copied_seq, urg_seq, write_seq, snd_nxt, snd_una, rcv_nxt;
	u8 syn_fastopen : 1, repair : 1;
	u8 repair_queue;
};

struct tcp_skb_cb {
	__u32 seq, end_seq;
	__u16 tcp_gso_segs;
};

struct tcp_ulp_ops {
};

struct inet_connection_sock {
	const struct tcp_ulp_ops *icsk_ulp_ops; /* kTLS, MPTCP's subflows ... */
};

/* What user space passes to TCP_ZEROCOPY_RECEIVE; the second member came with 5.11. */
struct tcp_zerocopy_receive {
	__u32 length;
	__s32 copybuf_len;
};

struct sock_exterr_skb {
	struct {
	} ee; /* struct sock_extended_err */
};

struct ubuf_info {
};

struct sk_buff {
	struct sk_buff *next, *prev;
	struct net_device *dev;
	struct sock *sk;
	char cb[48];
	unsigned int len, data_len;
	int skb_iif;
	__u32 hash;
	__u16 transport_header, inner_transport_header, network_header, inner_network_header;
	__u8 encapsulation : 1;
	unsigned int end; /* an offset on 64-bit machines */
	unsigned char *head, *data;
};

struct skb_frag {
};

struct skb_shared_info {
	__u8 flags; /* 5.12: before, the zero-copy mark is a bit of tx_flags (06b4feb37e64) */
	__u8 tx_flags;
	__u8 nr_frags;
	struct sk_buff *frag_list;
	void *destructor_arg;
	struct skb_frag frags[17];
};

struct msghdr {
	unsigned int msg_flags;
	struct ubuf_info *msg_ubuf; /* 6.0: io_uring brings its own */
};

struct inode {
	unsigned short i_mode;
};

struct file {
	void *private_data;
	struct inode *f_inode;
};

struct bpf_iter__task_file {
	struct file *file;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct socket {
	struct sock *sk;
};

/* A process as each PID namespace numbers it, [0] being the initial one's. */
struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct xarray {
	void *xa_head;
};

struct xa_node {
	unsigned char shift;
	void *slots[64];
};

struct idr {
	struct xarray idr_rt;
};

struct pid_namespace {
	struct idr idr;
	unsigned int level;
};

struct thread_info {
#if defined(__TARGET_ARCH_x86)
	u32 status;
#elif defined(__TARGET_ARCH_arm64)
	unsigned long flags;
#endif
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state; /* 5.14 */
	int pid, tgid;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	char comm[16];
	unsigned int flags;
	void *stack;
	u64 start_time;
	unsigned long nvcsw, nivcsw;
	struct files_struct *files;
};

struct task_struct___long {
	long state;
};

struct pt_regs {
#if defined(__TARGET_ARCH_x86)
	unsigned long r10, r8, bx, ax, cx, dx, si, di, orig_ax, sp;
#elif defined(__TARGET_ARCH_arm64)
	u64 regs[31];
	u64 sp;
	u64 orig_x0;
	s32 syscallno;
#endif
};

struct user_pt_regs {
	u64 regs[31];
};

enum pageflags {
	PG_reserved
};

enum sock_flags {
	SOCK_DONE = 0x7ffe,
	SOCK_ZEROCOPY = 0x7fff, /* whatever this kernel says: read with bpf_core_enum_value() */
};

#pragma clang attribute pop

/* As user space has it (linux/errqueue.h): its layout is fixed. */
struct sock_extended_err {
	__u32 ee_errno;
	__u8 ee_origin, ee_type, ee_code, ee_pad;
	__u32 ee_info, ee_data;
};

/* User space's struct mmsghdr, whose layout is fixed: sendmmsg leaves the bytes of each message
 * here. */
struct user_mmsghdr {
	unsigned char header[56];
	unsigned int length;
	unsigned int padding;
};

/* The same of a 32-bit program. */
struct user_mmsghdr32 {
	unsigned char header[28];
	unsigned int length;
};

#endif
