/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names the function that took payload from a receive queue without a copy to user memory: the
 * caller of tcp_read_sock or tcp_read_done, by a return address on the stack.
 */
#ifndef HARNESS_BPF_READER_H
#define HARNESS_BPF_READER_H

#include "bpf/cause.h"
#include "bpf/waiting.h"

/* 1: the address is in a function of READS. */
__noinline int lies_in_reads(__u64 address)
{
	int lies = 0;

	for (int i = 0; i < READS_COUNT; i++)
		lies |= address >= reads_start[i] && address < reads_end[i];
	return lies;
}

/*
 * The first address above tcp_rcv_space_adjust that is not lies_in_reads(); 0: none. The functions
 * of the program and of its tracepoint are below.
 */
__noinline __u64 reader_in_walk(void)
{
	struct scratch *scratch = scratch_of_cpu();
	__u64 reader = 0, address;
	bool above = false;

	for (__u32 i = 0; scratch && i < WALK_DEPTH; i++) {
		address = i < scratch->reader_depth ? scratch->reader_walk[i] : 0;
		if (address >= adjust_start && address < adjust_end)
			above = true;
		else if (above && !reader && !lies_in_reads(address))
			reader = address;
	}
	return reader;
}

/* An address in the function that moves copied_seq; 0: unknown. */
static __always_inline __u64 reader_on_stack(void *ctx)
{
	struct scratch *scratch = scratch_of_cpu();
	long bytes;

	if (!scratch)
		return 0;
	bytes = bpf_get_stack(ctx, scratch->reader_walk, sizeof(scratch->reader_walk), 0);
	scratch->reader_depth = bytes > 0 ? bytes / sizeof(__u64) : 0;
	return reader_in_walk();
}

static __always_inline bool is_tcp_recvmsg(__u64 reader)
{
	return reader >= recvmsg_start && reader < recvmsg_end;
}

static __always_inline bool is_zcrx(__u64 reader)
{
	return reader >= zcrx_start && reader < zcrx_end;
}

/*
 * A thread that is not followed took bytes from a followed connection, or a sockmap did: names the
 * function. The bytes of a sockmap are counted later, by the receive call that gets them or when
 * the connection is compared.
 */
static __always_inline int count_stranger(void *ctx, const struct sock *sk, __u32 to, bool sockmap)
{
	__u64 key = (__u64)sk, reader;
	struct connection *connection = bpf_map_lookup_elem(&connections, &key);
	__u32 bytes, owner;

	if (!connection || !connection->copied_seq_known)
		return 0;
	bytes = without_fin(sk, to - connection->copied_seq, to);
	owner = connection->reader == NO_OWNER ? connection->row : connection->reader;
	if (!bytes || owner == NO_OWNER)
		return 0;
	reader = reader_on_stack(ctx);
	if (sockmap) {
		if (!is_tcp_recvmsg(reader)) /* which tcp_bpf_recvmsg calls */
			connection->stranger = reader;
		return 0;
	}
	connection->copied_seq = to;
	count_extra(owner, EXTRA_TAKEN, bytes);
	count_reader(owner, reader, CAUSE_UNCOVERED, bytes);
	return 0;
}

#endif
