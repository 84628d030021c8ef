// SPDX-License-Identifier: GPL-2.0
#include "tracer/causes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The callers of skb_orphan_frags_rx and of skb_copy_ubufs, in 5.10 to 7.2. If the compiler may
 * inline one, its callers are listed too.
 */
static const struct cause_info known_causes[] = {
	/* since 6.15: IP hands the packet to a local socket */
	{"ip_local_deliver_finish", "local_delivery", "local delivery", true, SITE_DEFERRED_COPY},
	{"ip_local_deliver", "local_delivery", "local delivery", true, SITE_DEFERRED_COPY},
	{"ip_protocol_deliver_rcu", "local_delivery", "local delivery", true, SITE_DEFERRED_COPY},
	{"ip6_input_finish", "local_delivery", "local delivery", true, SITE_DEFERRED_COPY},
	{"ip6_input", "local_delivery", "local delivery", true, SITE_DEFERRED_COPY},
	{"ip6_protocol_deliver_rcu", "local_delivery", "local delivery", true, SITE_DEFERRED_COPY},
	/* before 6.15: any receive path of this host; since: a tap */
	{"__netif_receive_skb_core", "local_receive", "local receive", true, SITE_DEFERRED_COPY},
	{"__netif_receive_skb_one_core", "local_receive", "local receive", true,
	 SITE_DEFERRED_COPY},
	{"deliver_ptype_list_skb", "local_receive", "local receive", true, SITE_DEFERRED_COPY},
	{"dev_queue_xmit_nit", "packet_tap", "packet tap", false, SITE_TAP_COPY},
	{"tpacket_rcv", "packet_ring", "ring of a packet tap", false, SITE_TAP_COPY},
	{"tun_net_xmit", "tun_device", "tun or tap device", true, SITE_DEFERRED_COPY},
	{"__skb_tstamp_tx", "transmit_timestamp", "transmit timestamp", true, SITE_DEFERRED_COPY},
	{"skb_zerocopy_clone", "mixed_owners", "mixed owners in one segment", false,
	 SITE_DEFERRED_COPY},
	{"start_xmit", "device_without_zero_copy", "device without zero-copy", true,
	 SITE_DEFERRED_COPY},
	{"netkit_xmit", "netkit_device", "netkit device", false, SITE_DEFERRED_COPY},
};

static const struct cause_info unknown = {"", "unknown", "unknown cause", false,
					  SITE_DEFERRED_COPY};

const struct cause_info *cause__find(const char *function)
{
	for (size_t i = 0; i < sizeof(known_causes) / sizeof(*known_causes); i++)
		if (!strcmp(known_causes[i].function, function))
			return &known_causes[i];
	return &unknown;
}

bool cause__is_trampoline(const char *function)
{
	/* trampolines of fentry and fexit, of ftrace's callbacks, and without a name */
	static const char *const begins[] = {"bpf_trampoline_", "bpf_dispatcher_", "ftrace_", "0x"};

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (!strncmp(function, begins[i], strlen(begins[i])))
			return true;
	return false;
}

int causes__add(struct causes *causes, const char *function, const char *device,
		const struct counter *counter)
{
	const struct cause_info *info = cause__find(function);
	struct cause *cause;

	for (size_t i = 0; i < causes->count; i++) {
		cause = &causes->cause[i];
		if (strcmp(cause->function, function) || strcmp(cause->device, device))
			continue;
		cause->bytes += counter->bytes;
		cause->calls += counter->calls;
		return 0;
	}
	cause = reallocarray(causes->cause, causes->count + 1, sizeof(*cause));
	if (!cause)
		return -ENOMEM;
	causes->cause = cause;
	cause += causes->count++;
	*cause = (struct cause){
		.cause = info->words,
		.site = info->site,
		.bytes = counter->bytes,
		.calls = counter->calls,
	};
	snprintf(cause->function, sizeof(cause->function), "%s", function);
	snprintf(cause->device, sizeof(cause->device), "%s", device);
	return 0;
}

int causes__merge(struct causes *causes, const struct causes *other)
{
	int err = 0;

	for (size_t i = 0; i < other->count && !err; i++) {
		const struct cause *cause = &other->cause[i];
		struct counter counter = {.bytes = cause->bytes, .calls = cause->calls};

		err = causes__add(causes, cause->function, cause->device, &counter);
	}
	return err;
}

static int bigger_first(const void *a, const void *b)
{
	const struct cause *left = a, *right = b;

	return left->bytes < right->bytes ? 1 : left->bytes > right->bytes ? -1 : 0;
}

void causes__sort(struct causes *causes)
{
	if (causes->count)
		qsort(causes->cause, causes->count, sizeof(*causes->cause), bigger_first);
}

void causes__free(struct causes *causes)
{
	free(causes->cause);
	*causes = (struct causes){};
}
