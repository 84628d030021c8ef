// SPDX-License-Identifier: GPL-2.0
#include "net/offload.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

const struct offload_info offloads[OFFLOAD_COUNT] = {
	[OFFLOAD_SG] = {"scatter_gather", "sg", "sg", {"tx-scatter-gather"}},
	/* what TCP over IPv4 needs: the harness sends nothing else */
	[OFFLOAD_CHECKSUM] = {"tx_checksum",
			      "tx-csum",
			      "tx",
			      {"tx-checksum-ip-generic", "tx-checksum-ipv4"}},
	[OFFLOAD_TSO] = {"tso", "tso", "tso", {"tx-tcp-segmentation"}},
	[OFFLOAD_GSO] = {"gso", "gso", "gso", {"tx-generic-segmentation"}},
	[OFFLOAD_GRO] = {"gro", "gro", "gro", {"rx-gro"}},
};

/* The kernel's features by name, as `ethtool -k` sees them. */
struct features {
	size_t count;
	struct ethtool_gstrings *names;
	struct ethtool_gfeatures *bits;
};

static int ask(int socket, const char *name, void *data)
{
	struct ifreq request = {.ifr_data = data};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(socket, SIOCETHTOOL, &request) ? -errno : 0;
}

static int features__count(int socket, const char *name, size_t *count)
{
	union {
		struct ethtool_sset_info info;
		char room[sizeof(struct ethtool_sset_info) + sizeof(uint32_t)];
	} request = {.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_FEATURES}};
	int err = ask(socket, name, &request);

	if (err)
		return err;
	*count = request.info.sset_mask ? request.info.data[0] : 0;
	return *count ? 0 : -EOPNOTSUPP;
}

static void features__free(struct features *features)
{
	free(features->names);
	free(features->bits);
}

static int features__read(int socket, const char *name, struct features *features)
{
	size_t blocks;
	int err = features__count(socket, name, &features->count);

	if (err)
		return err;
	blocks = (features->count + 31) / 32;
	features->names = calloc(1, sizeof(*features->names) + features->count * ETH_GSTRING_LEN);
	features->bits =
		calloc(1, sizeof(*features->bits) + blocks * sizeof(features->bits->features[0]));
	if (!features->names || !features->bits)
		return -ENOMEM;
	features->names->cmd = ETHTOOL_GSTRINGS;
	features->names->string_set = ETH_SS_FEATURES;
	features->names->len = features->count;
	err = ask(socket, name, features->names);
	if (err)
		return err;
	features->bits->cmd = ETHTOOL_GFEATURES;
	features->bits->size = blocks;
	return ask(socket, name, features->bits);
}

static void features__get(const struct features *features, const struct offload_info *info,
			  struct offload_state *state)
{
	const size_t names_max = sizeof(info->features) / sizeof(info->features[0]);

	state->fixed = true;
	for (size_t i = 0; i < features->count; i++) {
		const char *name = (char *)features->names->data + i * ETH_GSTRING_LEN;
		const struct ethtool_get_features_block *block = &features->bits->features[i / 32];
		uint32_t bit = 1u << i % 32;

		for (size_t j = 0; j < names_max && info->features[j]; j++) {
			if (strncmp(name, info->features[j], ETH_GSTRING_LEN))
				continue;
			state->known = true;
			state->on |= !!(block->active & bit);
			/* all others are what ethtool(8) calls [fixed] */
			if (block->available & ~block->never_changed & bit)
				state->fixed = false;
		}
	}
}

static void interface__read_driver(int socket, struct interface *interface)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};

	if (!ask(socket, interface->name, &info))
		snprintf(interface->driver, sizeof(interface->driver), "%.*s",
			 (int)sizeof(interface->driver) - 1, info.driver);
}

int interface__read(int socket, const char *name, struct interface *interface)
{
	struct features features = {};
	struct ifreq request = {};

	*interface = (struct interface){.mtu = -1};
	snprintf(interface->name, sizeof(interface->name), "%s", name);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(socket, SIOCGIFFLAGS, &request))
		return -errno;
	interface->up = request.ifr_flags & IFF_UP;
	if (!ioctl(socket, SIOCGIFMTU, &request))
		interface->mtu = request.ifr_mtu;
	interface__read_driver(socket, interface);
	interface->error = features__read(socket, name, &features);
	for (int i = 0; i < OFFLOAD_COUNT && !interface->error; i++)
		features__get(&features, &offloads[i], &interface->offload[i]);
	features__free(&features);
	return 0;
}

bool interface__copies_without(const struct interface *interface, enum offload offload)
{
	const struct offload_state *state = &interface->offload[offload];

	/*
	 * validate_xmit_skb: without NETIF_F_SG skb_segment() or __skb_linearize() copies, and
	 * skb_checksum_help() linearises what user space could still change. Segmentation in
	 * software refers to the same pages.
	 */
	return (offload == OFFLOAD_SG || offload == OFFLOAD_CHECKSUM) && state->known && !state->on;
}

/* skb_cow_data() makes a packet linear: its frags are not the driver's to encrypt */
static bool interface__encrypts(const struct interface *interface)
{
	return !strcmp(interface->driver, "wireguard") || !strcmp(interface->driver, "macsec");
}

enum device_cause interface__cause(const struct interface *interface)
{
	const struct offload_state *offload = interface->offload;

	if (interface__encrypts(interface))
		return DEVICE_ENCRYPTS;
	if (interface__copies_without(interface, OFFLOAD_SG))
		return offload[OFFLOAD_SG].fixed ? DEVICE_SG_NEVER : DEVICE_SG_OFF;
	if (interface__copies_without(interface, OFFLOAD_CHECKSUM))
		return offload[OFFLOAD_CHECKSUM].fixed ? DEVICE_CHECKSUM_NEVER
						       : DEVICE_CHECKSUM_OFF;
	return DEVICE_COPIES_NOTHING;
}

const char *device_cause__code(enum device_cause cause)
{
	static const char *const codes[] = {
		[DEVICE_SG_OFF] = "scatter_gather_off",
		[DEVICE_SG_NEVER] = "scatter_gather_never",
		[DEVICE_CHECKSUM_OFF] = "tx_checksum_off",
		[DEVICE_CHECKSUM_NEVER] = "tx_checksum_never",
		[DEVICE_ENCRYPTS] = "encrypts",
	};

	return codes[cause];
}

enum delivery interface__delivery(const struct interface *interface)
{
	if (!strcmp(interface->name, "lo"))
		return DELIVERY_HERE;
	return strcmp(interface->driver, "veth") ? DELIVERY_AWAY : DELIVERY_TO_PEER;
}
