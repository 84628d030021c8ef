// SPDX-License-Identifier: GPL-2.0
/* Processes and sockets that come and go while they are followed. */
#include "bpf/owner.h"

/* In the parent, before the child runs: nothing of it can be missed. */
TRACEPOINT(process_fork, sched_process_fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 tgid = FIELD(parent, tgid), child_tgid = FIELD(child, tgid), tid = FIELD(child, pid);
	__u32 *owner = bpf_map_lookup_elem(&owners, &tgid);
	struct thread fresh = {.begun = 1};

	if (!armed || !owner)
		return 0;
	if (child_tgid != tgid) {
		if (scope == SCOPE_TREE && !new_process(child_tgid, (void *)ctx[1], OWNER_BORN))
			lose();
		return 0;
	}
	fresh.owner = *owner & ~OWNER_BORN;
	if (bpf_map_update_elem(&threads, &tid, &fresh, BPF_ANY))
		lose();
	return 0;
}

TRACEPOINT(process_exec, sched_process_exec, struct task_struct *task)
{
	__u32 tgid = FIELD(task, tgid);
	__u32 *owner = bpf_map_lookup_elem(&owners, &tgid), number;
	struct row *row;

	if (!owner)
		return 0;
	number = *owner & ~OWNER_BORN;
	row = number ? bpf_map_lookup_elem(&rows, &number) : NULL;
	if (row)
		name_row(row, (void *)ctx[0]);
	return 0;
}

/* After its last context switch, so that nothing makes the thread anew. */
TRACEPOINT(process_free, sched_process_free, struct task_struct *task)
{
	__u32 tid = FIELD(task, pid), tgid = FIELD(task, tgid), number;
	struct row *row;
	__u32 *owner;

	bpf_map_delete_elem(&threads, &tid);
	if (tid != tgid)
		return 0;
	owner = bpf_map_lookup_elem(&owners, &tgid);
	if (!owner)
		return 0;
	number = *owner & ~OWNER_BORN;
	row = number ? bpf_map_lookup_elem(&rows, &number) : NULL;
	if (row)
		row->ended = 1;
	bpf_map_delete_elem(&owners, &tgid);
	return 0;
}

/* All it sent has been acknowledged or given up; its address will be another's. */
TRACEPOINT(socket_destroy, tcp_destroy_sock, struct sock *sk)
{
	__u64 socket = ctx[0];
	struct connection *connection = bpf_map_lookup_elem(&connections, &socket);
	__u32 number;
	struct row *row;

	if (!connection)
		return 0;
	number = connection->row;
	row = by_socket && number != NO_OWNER ? bpf_map_lookup_elem(&rows, &number) : NULL;
	if (row && row->kind == ROW_SOCKET)
		row->ended = 1;
	bpf_map_delete_elem(&connections, &socket);
	return 0;
}
