/* SPDX-License-Identifier: GPL-2.0 */
/* Rows: what user space shows of a process or a socket (struct row). */
#ifndef HARNESS_BPF_ROW_H
#define HARNESS_BPF_ROW_H

#include "bpf/kernel.h"

/* Takes a free row; 0: none is left. Row 0 keeps the totals right, without a name. */
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

/* The number of a process in the harness's PID namespace; 0: it has none there. */
static __always_inline __u32 number_in_pidns(const struct pid *pid)
{
	const struct upid *number = &pid->numbers[0] + pidns_level;

	if (BPF_CORE_READ(pid, level) < pidns_level || (__u64)BPF_CORE_READ(number, ns) != pidns)
		return 0;
	return BPF_CORE_READ(number, nr);
}

/* Names the process after its first thread, as ps does. */
static __always_inline void name_row(struct row *row, struct task_struct *task)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);

	BPF_CORE_READ_INTO(&row->command, leader, comm);
	row->process = number_in_pidns(BPF_CORE_READ(leader, thread_pid));
}

static __always_inline void read_addresses(const struct sock *sk, __u32 family, __u8 local[16],
					   __u8 remote[16])
{
	if (family == AF_INET) {
		BPF_CORE_READ_INTO((__u32 *)local, sk, __sk_common.skc_rcv_saddr);
		BPF_CORE_READ_INTO((__u32 *)remote, sk, __sk_common.skc_daddr);
	} else if (bpf_core_field_exists(sk->__sk_common.skc_v6_daddr)) { /* CONFIG_IPV6 */
		BPF_CORE_READ_INTO((struct in6_addr *)local, sk, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO((struct in6_addr *)remote, sk, __sk_common.skc_v6_daddr);
	}
}

static __always_inline void describe_socket(struct row *row, const struct sock *sk)
{
	struct net_device *dev = BPF_CORE_READ(sk, sk_dst_cache, dev);

	row->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	row->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	row->remote_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	read_addresses(sk, row->family, row->local, row->remote);
	if (!dev || BPF_CORE_READ_INTO(&row->device, dev, name))
		row->device[0] = '\0';
}

/* Takes a row for a socket of this owner. Returns `owner` if no row is left. */
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

#endif
