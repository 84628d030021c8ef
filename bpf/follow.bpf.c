// SPDX-License-Identifier: GPL-2.0
/* Starts and ends of followed processes and sockets. */
#include "bpf/cause.h"

/* processes and threads */

/* Runs in the parent before the child runs, so no event of the child is missed. */
TRACEPOINT(process_fork, sched_process_fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 tgid = FIELD(parent, tgid), child_tgid = FIELD(child, tgid), tid = FIELD(child, pid);
	__u32 *owner = bpf_map_lookup_elem(&owners, &tgid);
	struct thread fresh = {.no_early_send = 1};

	if (!armed || !owner)
		return 0;
	if (child_tgid != tgid) {
		if (scope == SCOPE_TREE && !new_process(child_tgid, (void *)ctx[1], NO_EARLY_SEND))
			lose();
		return 0;
	}
	fresh.owner = *owner & ~NO_EARLY_SEND;
	if (bpf_map_update_elem(&threads, &tid, &fresh, BPF_ANY))
		lose();
	return 0;
}

/* The row of a followed process; NULL: not followed, or it has row 0. */
static __always_inline struct row *row_of_process(__u32 tgid)
{
	__u32 *owner = bpf_map_lookup_elem(&owners, &tgid);
	__u32 number = owner ? *owner & ~NO_EARLY_SEND : 0;

	return number ? bpf_map_lookup_elem(&rows, &number) : NULL;
}

TRACEPOINT(process_exec, sched_process_exec, struct task_struct *task)
{
	struct row *row = row_of_process(FIELD(task, tgid));

	if (row)
		name_row(row, (void *)ctx[0]);
	return 0;
}

/* Runs after the thread's last context switch, so no event makes its record again. */
TRACEPOINT(process_free, sched_process_free, struct task_struct *task)
{
	__u32 tid = FIELD(task, pid), tgid = FIELD(task, tgid);
	struct row *row;

	bpf_map_delete_elem(&threads, &tid);
	if (tid != tgid)
		return 0;
	row = row_of_process(tgid);
	if (row)
		row->ended = 1;
	bpf_map_delete_elem(&owners, &tgid);
	return 0;
}

/* sockets: what was counted, against the sequence numbers */

/* Counts bytes to `owner`, or to `otherwise` if there is no owner. */
static __always_inline void count_either(__u32 owner, __u32 otherwise, enum extra extra,
					 __s64 bytes)
{
	if (bytes)
		count_extra(owner == NO_OWNER ? otherwise : owner, extra, bytes);
}

/* Compares a closed socket, on which no call is in progress. */
static __always_inline void compare_closed(const struct connection *connection,
					   const struct sock *sk)
{
	__u32 write_seq = connection->closed ? connection->final_seq : TCP_FIELD(sk, write_seq);
	__u32 row = connection->row, reader = connection->reader;
	__u32 unseen = bytes_read_unseen(connection, sk);

	count_either(row, reader, EXTRA_UNCOVERED, bytes_unexplained(connection, write_seq));
	count_either(row, reader, EXTRA_UNSENT, connection->unsent);
	count_either(reader, row, EXTRA_TAKEN, unseen);
	if (unseen)
		count_reader(reader == NO_OWNER ? row : reader, connection->stranger,
			     CAUSE_UNCOVERED, unseen);
}

/*
 * User space runs it for a connection that is open when counting ends; ctx[0] is its socket. While
 * a send is in progress its bytes are not known, so the socket is not compared.
 */
SEC("raw_tp")
int compare_open(unsigned long long *ctx)
{
	__u64 socket = ctx[0];
	struct connection *connection = bpf_map_lookup_elem(&connections, &socket);
	volatile struct connection *now = connection;
	__u32 ended, write_seq, expected;
	__s32 uncovered;

	if (!connection || connection->closed || !connection->sends_begun)
		return 0;
	/* in this order: a send that starts meanwhile makes begun and ended differ */
	ended = now->sends_ended;
	write_seq = TCP_FIELD((struct sock *)socket, write_seq);
	expected = now->expected_seq;
	if (now->sends_begun != ended) {
		count_call(connection->row, EXTRA_UNCOMPARED);
		return 0;
	}
	uncovered = bytes_unexplained(connection, write_seq);
	connection->expected_seq = expected + uncovered;
	count_either(connection->row, connection->reader, EXTRA_UNCOVERED, uncovered);
	return 0;
}

/* sockets: starts and ends */

/*
 * Runs for each open file as counting begins: notes how far a connection has been read. write_seq
 * is not noted: a send may be in progress.
 */
SEC("iter/task_file")
int note_socket(struct bpf_iter__task_file *ctx)
{
	struct sequences at = {};
	struct file *file = ctx->file;
	struct sock *sk;
	__u64 key;

	sk = file ? socket_of_file(file) : NULL;
	if (!sk || not_covered(sk, false, false) == EXTRA_COUNT)
		return 0;
	key = (__u64)sk;
	at.copied_seq = TCP_FIELD(sk, copied_seq);
	bpf_map_update_elem(&established, &key, &at, BPF_NOEXIST);
	return 0;
}

/*
 * A followed process connects: the socket is followed from its start, also if another process sends
 * on it. MPTCP's subflows (icsk_ulp_ops) are not: MPTCP itself sends on them.
 */
static __always_inline int note_connect(const struct sock *sk)
{
	bool layered = BPF_CORE_READ((struct inet_connection_sock *)sk, icsk_ulp_ops);
	struct thread *thread = layered ? NULL : current_thread();
	struct connection *connection = thread ? connection_of(sk, 0) : NULL;

	if (connection && connection->reader == NO_OWNER)
		connection->reader = thread->owner;
	return 0;
}

static __always_inline void note_established(const struct sock *sk)
{
	__u64 key = (__u64)sk;
	struct connection *connection = bpf_map_lookup_elem(&connections, &key);
	struct sequences at = {TCP_FIELD(sk, copied_seq), TCP_FIELD(sk, write_seq), 1};

	bpf_map_update_elem(&established, &key, &at, BPF_ANY);
	if (connection)
		note_flow(sk);
	if (connection && !connection->expected_seq_known && !connection->sends_begun) {
		connection->expected_seq = at.write_seq;
		connection->copied_seq = at.copied_seq;
		connection->expected_seq_known = connection->copied_seq_known = 1;
	}
	if (!connection || !connection->closed)
		return;
	compare_closed(connection, sk); /* this socket had an earlier connection */
	bpf_map_delete_elem(&connections, &key);
}

static __always_inline int note_state(const struct sock *sk, bool plain, int to)
{
	__u64 key = (__u64)sk;
	struct connection *connection;

	if (!armed || READ(plain, sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	if (to == TCP_SYN_SENT)
		return note_connect(sk);
	if (to == TCP_ESTABLISHED) {
		note_established(sk);
		return 0;
	}
	if (to != TCP_FIN_WAIT1 && to != TCP_LAST_ACK && to != TCP_CLOSE)
		return 0;
	connection = bpf_map_lookup_elem(&connections, &key);
	if (connection && to == TCP_CLOSE)
		note_close(connection, sk);
	else if (connection)
		connection->fin_sent = 1; /* tcp_send_fin() follows */
	return 0;
}

TRACEPOINT(socket_state, inet_sock_set_state, struct sock *sk, int from, int to)
{
	return note_state(sk, typed, to);
}

SEC("kprobe/tcp_set_state")
int BPF_KPROBE(socket_state_probe, struct sock *sk, int to)
{
	return note_state(sk, false, to);
}

/* All that the socket sent is acknowledged or discarded. Another socket may get its address. */
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
	if (armed)
		compare_closed(connection, sk);
	bpf_map_delete_elem(&connections, &socket);
	return 0;
}
