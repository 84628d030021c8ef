/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Compares a socket's sequence numbers with what was counted. Each byte that TCP takes moves
 * write_seq; each byte that is read moves copied_seq. SYN and FIN move them by one too: the SYN
 * before the connection is established, the FIN when the state changes (socket_state).
 */
#ifndef HARNESS_BPF_SEQUENCE_H
#define HARNESS_BPF_SEQUENCE_H

#include "bpf/packet.h"

#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT	2
#define TCP_SYN_RECV	3
#define TCP_FIN_WAIT1	4
#define TCP_CLOSE	7
#define TCP_LAST_ACK	9

#define TCP_FIELD(sk, member) BPF_CORE_READ((const struct tcp_sock *)(sk), member)

/*
 * Sets the numbers to those before the first byte that is counted. `taken`: bytes that write_seq
 * already includes and that are still to be counted. A socket that sends before it is connected
 * (Fast Open) has no sequence number yet: its first send is not compared.
 */
static __always_inline void init_sequences(struct connection *connection, const struct sock *sk,
					   __u32 taken)
{
	__u64 key = (__u64)sk;
	__u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);
	struct sequences *at = bpf_map_lookup_elem(&established, &key);

	if (state == TCP_CLOSE || state == TCP_SYN_SENT || state == TCP_SYN_RECV)
		at = NULL; /* of an earlier socket at this address */
	connection->copied_seq_known = !!at;
	connection->copied_seq = at ? at->copied_seq : 0;
	connection->expected_seq_known = state != TCP_CLOSE;
	connection->expected_seq =
		at && at->from_start ? at->write_seq : TCP_FIELD(sk, write_seq) - taken;
}

/* Expects no more than what write_seq is now. */
static __always_inline void restart_expected_seq(struct connection *connection,
						 const struct sock *sk)
{
	connection->expected_seq = TCP_FIELD(sk, write_seq);
	connection->expected_seq_known = 1;
}

/* Expects `bytes` more: a send has returned them. */
static __always_inline void advance_expected_seq(struct connection *connection,
						 const struct sock *sk, __u32 bytes)
{
	if (connection->expected_seq_known)
		__sync_fetch_and_add(&connection->expected_seq, bytes);
	else
		restart_expected_seq(connection, sk);
}

/* Bytes that write_seq moved by and no counted send explains; may be negative. */
static __always_inline __s32 bytes_unexplained(const struct connection *connection, __u32 write_seq)
{
	__s32 bytes = write_seq - connection->expected_seq;

	if (!connection->expected_seq_known)
		return 0;
	return bytes > 0 && connection->fin_sent ? bytes - 1 : bytes;
}

/*
 * Keeps write_seq and the unsent bytes at the close. Later only tcp_disconnect() changes write_seq,
 * to a number for the next connection.
 */
static __always_inline void note_close(struct connection *connection, const struct sock *sk)
{
	__u32 write_seq = TCP_FIELD(sk, write_seq), unsent = write_seq - TCP_FIELD(sk, snd_nxt);

	connection->final_seq = write_seq;
	connection->unsent = unsent && connection->fin_sent ? unsent - 1 : unsent;
	connection->closed = 1;
}

#define SOCK_DONE_SET(sk)                                                                          \
	(BPF_CORE_READ(sk, __sk_common.skc_flags) &                                                \
	 (1UL << bpf_core_enum_value(enum sock_flags, SOCK_DONE)))

/* `bytes` that end at `to`, less one for a FIN, which moves copied_seq as a byte does. */
static __always_inline __u32 without_fin(const struct sock *sk, __u32 bytes, __u32 to)
{
	return bytes && SOCK_DONE_SET(sk) && to == TCP_FIELD(sk, rcv_nxt) ? bytes - 1 : bytes;
}

/* Bytes that copied_seq moved by after the last read that was seen. */
static __always_inline __u32 bytes_read_unseen(const struct connection *connection,
					       const struct sock *sk)
{
	__u32 to = TCP_FIELD(sk, copied_seq);

	if (!connection->copied_seq_known ||
	    (connection->closed && connection->final_seq != TCP_FIELD(sk, write_seq)))
		return 0; /* disconnected */
	return without_fin(sk, to - connection->copied_seq, to);
}

#endif
