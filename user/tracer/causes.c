// SPDX-License-Identifier: GPL-2.0
#include "tracer/causes.h"

#include <string.h>

/*
 * The callers of skb_orphan_frags_rx and of skb_copy_ubufs itself, in 5.10 to 7.2. Static functions
 * may be inlined into their callers, so those stand here too.
 */
static const struct cause_info causes[] = {
	/* 6.15 and newer copy when IP hands the packet to a local socket */
	{"ip_local_deliver_finish", "local delivery", SITE_DEFERRED_COPY},
	{"ip_local_deliver", "local delivery", SITE_DEFERRED_COPY},
	{"ip_protocol_deliver_rcu", "local delivery", SITE_DEFERRED_COPY},
	{"ip6_input_finish", "local delivery", SITE_DEFERRED_COPY},
	{"ip6_input", "local delivery", SITE_DEFERRED_COPY},
	{"ip6_protocol_deliver_rcu", "local delivery", SITE_DEFERRED_COPY},
	/* before, on the way into any receive path of this host; there still, for a tap */
	{"__netif_receive_skb_core", "local receive", SITE_DEFERRED_COPY},
	{"__netif_receive_skb_one_core", "local receive", SITE_DEFERRED_COPY},
	{"deliver_ptype_list_skb", "local receive", SITE_DEFERRED_COPY},
	{"dev_queue_xmit_nit", "packet tap", SITE_TAP_COPY},
	{"tun_net_xmit", "tun or tap device", SITE_DEFERRED_COPY},
	{"__skb_tstamp_tx", "transmit timestamp", SITE_DEFERRED_COPY},
	{"skb_zerocopy_clone", "mixed owners in one segment", SITE_DEFERRED_COPY},
	{"start_xmit", "device without zero-copy", SITE_DEFERRED_COPY},
	{"netkit_xmit", "netkit device", SITE_DEFERRED_COPY},
};

static const struct cause_info unknown = {"", "copied by the kernel", SITE_DEFERRED_COPY};

const struct cause_info *cause__find(const char *function)
{
	for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++)
		if (!strcmp(causes[i].function, function))
			return &causes[i];
	return &unknown;
}
