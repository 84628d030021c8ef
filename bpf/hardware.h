/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which interfaces have hardware behind them: learnt from the first packet of each card, as nothing
 * else tells BPF of devices. A packet that a bond or a VLAN takes from a card remembers only the
 * last of these (skb_iif, __netif_receive_skb_core), so whatever passes on a card's packets counts
 * too.
 */

/* Whether it is new. */
static __always_inline bool note_interface(const struct net_device *dev)
{
	struct interface interface = {};
	__u32 yes = 1;

	interface.net = (__u64)BPF_CORE_READ(dev, nd_net.net);
	interface.index = BPF_CORE_READ(dev, ifindex);
	if (bpf_map_lookup_elem(&hardware, &interface))
		return false;
	if (bpf_map_update_elem(&hardware, &interface, &yes, BPF_ANY))
		lose();
	return true;
}

/* A device that takes all its packets from those below it. A bridge does not. */
static __always_inline bool only_passes_on(const struct net_device *dev)
{
	char kind[4] = {};

	bpf_probe_read_kernel(kind, sizeof(kind), BPF_CORE_READ(dev, rtnl_link_ops, kind));
	return !__builtin_memcmp(kind, "bond", 4) || !__builtin_memcmp(kind, "team", 4) ||
	       !__builtin_memcmp(kind, "vlan", 4);
}

/* The next of the devices that stand on one, from its list; NULL after the last. */
static __always_inline const struct net_device *next_upper(const struct net_device *dev,
							   struct list_head **at)
{
	struct list_head *head = (void *)__builtin_preserve_access_index(&dev->adj_list.upper);
	struct netdev_adjacent *upper;

	*at = *at ? BPF_CORE_READ(*at, next) : BPF_CORE_READ(head, next);
	upper = (void *)*at - bpf_core_field_offset(struct netdev_adjacent, list);
	return *at == head ? NULL : BPF_CORE_READ(upper, dev);
}

#define UPPER_MAX 64
__noinline int note_upon(__u64 address)
{
	const struct net_device *dev = (void *)address, *upper;
	struct list_head *at = NULL;

	for (int i = 0; i < UPPER_MAX; i++) {
		upper = next_upper(dev, &at);
		if (!upper)
			break;
		if (only_passes_on(upper))
			note_interface(upper);
	}
	return 0;
}

/* Two high: VLANs on a bond. */
__noinline int note_all_upon(__u64 address)
{
	const struct net_device *dev = (void *)address, *upper;
	struct list_head *at = NULL;

	note_upon(address);
	for (int i = 0; i < UPPER_MAX; i++) {
		upper = next_upper(dev, &at);
		if (!upper)
			break;
		if (only_passes_on(upper))
			note_upon((__u64)upper);
	}
	return 0;
}

/* Of a packet that its device hands up. */
static __always_inline void note_hardware(const struct sk_buff *skb, const struct net_device *dev)
{
	if (!FIELD(dev, dev.parent) || !note_interface(dev))
		return;
	note_all_upon((__u64)BPF_CORE_READ(skb, dev)); /* an argument must be a bare number */
	hardware_seen = 1;
}
