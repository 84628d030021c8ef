/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Owners that the kernel side names by itself, for programs that are not ours: a row a process or a
 * row a socket, taken from a queue of free numbers that user space fills.
 *
 * Why a queue and not a counter: an atomic addition that returns a value needs 5.12, and rows of
 * what has ended are used again.
 */
#ifndef HARNESS_BPF_ROWS_H
#define HARNESS_BPF_ROWS_H

#define AF_INET	      2
#define AF_INET6      10
#define IPPROTO_MPTCP 262
#define SOCK_STREAM   1
/* Not of the kinds in enum extra: a raw or netlink socket whose protocol is the same number. */
#define NOT_TCP EXTRA_COUNT

/* enum scope. SCOPE_NONE takes everything here out of the programs at load. */
const volatile __u32 scope = 0;
/* A row a socket, not a process. */
const volatile __u32 by_socket = 0;
/* Rows there are; `tallies` has two banks of so many. */
const volatile __u32 rows_max = 0;
/* tcp_sendmsg and tcp_recvmsg; 0 when the kernel hides its symbols. Set when all is loaded. */
volatile __u64 tcp_sendmsg_at = 0, tcp_recvmsg_at = 0;
/* Which bank is added to. User space turns it, waits for a grace period, and reads the other. */
volatile __u32 second_bank = 0;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct row);
} rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, __u32);
} free_rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} cgroup SEC(".maps");

/*
 * The ubuf_info of an io_uring zero-copy send, to the socket it sends on: it lives in a request of
 * the ring's, from which nothing leads to the socket. Requests are used again, so this stays small;
 * the oldest goes when it is full.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u64);
} lenders SEC(".maps");

/* A row of its own, or row 0 when there is none left: its totals stay right, its name is lost. */
static __always_inline __u32 take_row(void)
{
	__u32 row = 0;

	return bpf_map_pop_elem(&free_rows, &row) ? 0 : row;
}

static __always_inline void return_row(__u32 row)
{
	if (row)
		bpf_map_push_elem(&free_rows, &row, BPF_ANY);
}

/* Names the process after its first thread, as ps does. */
static __always_inline void name_row(struct row *row, struct task_struct *task)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);

	BPF_CORE_READ_INTO(&row->command, leader, comm);
}

/* Gives a process a row. Its owner, with what is to be remembered of it; NULL: no room. */
static __always_inline __u32 *new_process(__u32 tgid, struct task_struct *task, __u32 flags)
{
	__u32 number = take_row(), owner = number | flags;
	struct row *row = bpf_map_lookup_elem(&rows, &number);

	/* two threads of it at once: the second finds the first's */
	if (bpf_map_update_elem(&owners, &tgid, &owner, BPF_NOEXIST)) {
		return_row(number);
	} else if (row && number) {
		row->process = tgid;
		row->ended = 0;
		name_row(row, task);
		row->kind = ROW_PROCESS;
	}
	return bpf_map_lookup_elem(&owners, &tgid);
}

/* The current process has touched TCP: is it to be watched? */
static __always_inline __u32 *adopt_process(__u32 tgid)
{
	if (scope == SCOPE_TREE)
		return NULL;
	if (scope == SCOPE_CGROUP && bpf_current_task_under_cgroup(&cgroup, 0) != 1)
		return NULL;
	return new_process(tgid, (void *)bpf_get_current_task(), 0);
}

static __always_inline void describe_socket(struct row *row, const struct sock *sk)
{
	struct net_device *dev = BPF_CORE_READ(sk, sk_dst_cache, dev);

	row->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	row->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	row->remote_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (row->family == AF_INET) {
		BPF_CORE_READ_INTO((__u32 *)row->local, sk, __sk_common.skc_rcv_saddr);
		BPF_CORE_READ_INTO((__u32 *)row->remote, sk, __sk_common.skc_daddr);
	} else if (bpf_core_field_exists(sk->__sk_common.skc_v6_daddr)) { /* CONFIG_IPV6 */
		BPF_CORE_READ_INTO((struct in6_addr *)row->local, sk, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO((struct in6_addr *)row->remote, sk, __sk_common.skc_v6_daddr);
	}
	if (!dev || BPF_CORE_READ_INTO(&row->device, dev, name))
		row->device[0] = '\0';
}

/* A row for a socket of this owner; the owner's own when there is none left. */
static __always_inline __u32 new_socket_row(__u32 owner, const struct sock *sk)
{
	struct row *process = bpf_map_lookup_elem(&rows, &owner), *row;
	__u32 number = take_row();

	row = bpf_map_lookup_elem(&rows, &number);
	if (!number || !row || !process)
		return owner;
	row->process = process->process;
	row->ended = 0;
	__builtin_memcpy(row->command, process->command, sizeof(row->command));
	describe_socket(row, sk);
	row->kind = ROW_SOCKET;
	return number;
}

/*
 * Sockets whose bytes other code than tcp_sendmsg and tcp_recvmsg moves: kTLS and sockmaps put
 * their own functions there, MPTCP is another protocol. The extra that names them, 0 for plain TCP.
 */
static __always_inline __u32 not_covered(const struct sock *sk, bool sending)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	struct proto *proto;
	__u64 plain;

	if (BPF_CORE_READ(sk, sk_type) != SOCK_STREAM || (family != AF_INET && family != AF_INET6))
		return NOT_TCP;
	if (BPF_CORE_READ(sk, sk_protocol) == IPPROTO_MPTCP)
		return EXTRA_MPTCP;
	if (!tcp_sendmsg_at || !tcp_recvmsg_at)
		return 0;
	proto = BPF_CORE_READ(sk, __sk_common.skc_prot);
	plain = sending ? (__u64)BPF_CORE_READ(proto, sendmsg) == tcp_sendmsg_at
			: (__u64)BPF_CORE_READ(proto, recvmsg) == tcp_recvmsg_at;
	if (plain)
		return 0;
	return BPF_CORE_READ((struct inet_connection_sock *)sk, icsk_ulp_ops) ? EXTRA_TLS
									      : EXTRA_SOCKMAP;
}

#endif
