/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which interfaces lead to hardware, and which to a program (tun). skb_iif is the index of the last
 * interface that received the packet (__netif_receive_skb_core). The network namespace's table
 * gives the device of an index (__dev_get_by_index). Each answer is kept in a map. A bond, team or
 * VLAN over a card counts as hardware: skb_iif names it, not the card.
 */
#ifndef HARNESS_BPF_HARDWARE_H
#define HARNESS_BPF_HARDWARE_H

#include "bpf/owner.h"

struct interface {
	__u64 net;
	__u64 index;
};

#define LEADS_TO_HARDWARE 1
#define LEADS_TO_PROGRAM  2 /* a tun or tap device */

/* The answers. A full map evicts the oldest. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct interface);
	__type(value, __u32);
} interfaces SEC(".maps");

/* A bond, team or VLAN: each packet it receives comes from a lower device. A bridge's may not. */
static __always_inline bool only_passes_on(const struct net_device *dev)
{
	return kind_begins(dev, "bond") || kind_begins(dev, "team") || kind_begins(dev, "vlan");
}

/* The next lower device of `dev` (adj_list.lower); NULL after the last. `*at` starts as NULL. */
static __always_inline const struct net_device *next_lower(const struct net_device *dev,
							   struct list_head **at)
{
	struct list_head *head = (void *)__builtin_preserve_access_index(&dev->adj_list.lower);
	struct netdev_adjacent *lower;

	*at = *at ? BPF_CORE_READ(*at, next) : BPF_CORE_READ(head, next);
	lower = (void *)*at - bpf_core_field_offset(struct netdev_adjacent, list);
	return *at == head ? NULL : BPF_CORE_READ(lower, dev);
}

/*
 * 1: the net_device at `address` has a parent device, or is a bond, team or VLAN over one that has.
 * Not inlined, like the next two functions, so that the verifier checks each once.
 */
#define LOWER_MAX 8
__noinline int has_hardware_below(__u64 address)
{
	const struct net_device *dev = (const void *)address, *lower;
	struct list_head *at = NULL;

	if (BPF_CORE_READ(dev, dev.parent))
		return 1;
	if (!only_passes_on(dev))
		return 0;
	for (int i = 0; i < LOWER_MAX; i++) {
		lower = next_lower(dev, &at);
		if (!lower)
			break;
		if (BPF_CORE_READ(lower, dev.parent))
			return 1;
	}
	return 0;
}

/* As has_hardware_below(), and one level more: a VLAN on a bond. */
__noinline int has_hardware_two_below(__u64 address)
{
	const struct net_device *dev = (const void *)address, *lower;
	struct list_head *at = NULL;

	if (has_hardware_below(address))
		return 1;
	if (!only_passes_on(dev))
		return 0;
	for (int i = 0; i < LOWER_MAX; i++) {
		lower = next_lower(dev, &at);
		if (!lower)
			break;
		if (has_hardware_below((__u64)lower))
			return 1;
	}
	return 0;
}

/* The address of the net_device with this index; 0: there is none now. */
#define INDEX_HASH    256 /* NETDEV_HASHENTRIES */
#define SAME_HASH_MAX 32
__noinline __u64 device_of(__u64 namespace, __u32 index)
{
	const struct net *net = (const void *)namespace;
	struct hlist_head *heads = BPF_CORE_READ(net, dev_index_head);
	struct hlist_node *node = NULL;
	const struct net_device *dev;

	bpf_probe_read_kernel(&node, sizeof(node), heads + index % INDEX_HASH);
	for (int i = 0; node && i < SAME_HASH_MAX; i++) {
		dev = (void *)node - bpf_core_field_offset(struct net_device, index_hlist);
		if ((__u32)BPF_CORE_READ(dev, ifindex) == index)
			return (__u64)dev;
		node = BPF_CORE_READ(node, next);
	}
	return 0;
}

static __always_inline __u32 leads_to(__u64 net, __u32 index)
{
	struct interface interface = {.net = net, .index = index};
	__u32 *known = bpf_map_lookup_elem(&interfaces, &interface), answer = 0;
	__u64 device;

	if (known)
		return *known;
	device = device_of(net, index);
	if (device && has_hardware_two_below(device))
		answer = LEADS_TO_HARDWARE;
	else if (device && is_tun((const void *)device))
		answer = LEADS_TO_PROGRAM;
	if (device && bpf_map_update_elem(&interfaces, &interface, &answer, BPF_ANY))
		lose();
	return answer;
}

/* Where `index`, the interface that a packet of `sk` came by, leads; 0: neither. */
#define LOOPBACK_IFINDEX 1 /* in every namespace */
static __always_inline __u32 came_from(const struct sock *sk, __u32 index)
{
	if (index == LOOPBACK_IFINDEX)
		return 0;
	return leads_to((__u64)BPF_CORE_READ(sk, __sk_common.skc_net.net), index);
}

#endif
