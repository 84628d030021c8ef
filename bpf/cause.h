/* SPDX-License-Identifier: GPL-2.0 */
/* Counts the bytes of packet copies by cause: caller, device, owner and bank (struct cause_key). */
#ifndef HARNESS_BPF_CAUSE_H
#define HARNESS_BPF_CAUSE_H

#include "bpf/owner.h"

static __always_inline void add_to_cause(const struct cause_key *key, __u64 bytes, __u64 calls)
{
	struct counter none = {}, *counter = bpf_map_lookup_elem(&causes, key);

	if (!counter) {
		bpf_map_update_elem(&causes, key, &none, BPF_NOEXIST);
		counter = bpf_map_lookup_elem(&causes, key);
	}
	if (counter)
		add(counter, bytes, calls);
	else
		lose();
}

/* `reader`: an address in the function that took the bytes; 0: unknown, so they have no name. */
static __always_inline void count_reader(__u32 owner, __u64 reader, enum cause_kind kind,
					 __u64 bytes)
{
	struct cause_key key = {
		.caller = reader, .owner = owner, .bank = second_bank, .kind = kind};

	if (reader)
		add_to_cause(&key, bytes, 1);
}

/*
 * Splits a packet's bytes among the processes that sent them, oldest handover first. The rest is
 * packet->owner's.
 */
static __always_inline void count_shares(const struct packet *packet, struct cause_key *key)
{
	__u64 socket = packet->shared_socket, left = packet->bytes;
	struct connection *connection = bpf_map_lookup_elem(&connections, &socket);
	__u32 seq = packet->seq, part;

	for (int i = HANDOVERS_MAX - 1; i >= 0 && connection; i--) {
		part = connection->handover[i].seq - seq;
		if ((__u32)i >= connection->handovers || !left || (__s32)part <= 0)
			continue;
		if (part > left)
			part = left;
		key->owner = connection->handover[i].row;
		add_to_cause(key, part, 1);
		seq += part;
		left -= part;
	}
	key->owner = packet->owner;
	if (left)
		add_to_cause(key, left, 1);
}

/* Counts the bytes of a deferred copy that were not in a user's pages. */
static __always_inline void count_kinds(const struct packet *packet)
{
	struct tally *tally = packet->own || packet->files ? tally_of(packet->owner) : NULL;

	if (!tally)
		return;
	add(&tally->extra[EXTRA_DEFERRED_OWN], packet->own, 1);
	add(&tally->extra[EXTRA_DEFERRED_FILES], packet->files, 1);
}

static __always_inline void count_cause(const struct packet *packet, __u64 caller, __u64 above)
{
	const struct net_device *dev = (const void *)packet->device;
	struct cause_key key = {
		.caller = caller, .above = above, .owner = packet->owner, .bank = second_bank};

	if (dev)
		BPF_CORE_READ_INTO(&key.device, dev, name);
	if (packet->shared_socket)
		count_shares(packet, &key);
	else
		add_to_cause(&key, packet->bytes, 1);
}

/* The function at [start, end) needs the copy: it is the caller, or the one above the caller. */
static __always_inline bool copies_for(const struct scratch *scratch, __u64 start, __u64 end)
{
	return (scratch->caller >= start && scratch->caller < end) ||
	       (scratch->above >= start && scratch->above < end);
}

#endif
