// SPDX-License-Identifier: GPL-2.0
#include "net/path_details.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "net/offload.h"

/*
 * What ethtool --show-features has at its left margin. Each is on if any of its features is, so
 * offload.h, which is about TCP over IPv4, may differ.
 */
static const struct feature_group {
	const char *name;
	unsigned int command;
} groups[] = {
	{"rx-checksumming", ETHTOOL_GRXCSUM},
	{"tx-checksumming", ETHTOOL_GTXCSUM},
	{"scatter-gather", ETHTOOL_GSG},
	{"tcp-segmentation-offload", ETHTOOL_GTSO},
	{"generic-segmentation-offload", ETHTOOL_GGSO},
	{"generic-receive-offload", ETHTOOL_GGRO},
};

static json_t *group__json(const struct feature_group *group, int socket, const char *name)
{
	struct ethtool_value value = {.cmd = group->command};
	struct ifreq request = {.ifr_data = (void *)&value};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(socket, SIOCETHTOOL, &request) ? json_null() : json_boolean(value.data);
}

json_t *path_details__json(int socket, const char *name, enum xdp_mode xdp)
{
	json_t *json = json_object(), *states = json_object();
	struct interface interface;

	interface__read(socket, name, &interface);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		json_object_set_new(states, groups[i].name, group__json(&groups[i], socket, name));
	json_object_set_new(json, "device", json_string(name));
	json_object_set_new(json, "driver",
			    *interface.driver ? json_string(interface.driver) : json_null());
	json_object_set_new(json, "mtu",
			    interface.mtu < 0 ? json_null() : json_integer(interface.mtu));
	json_object_set_new(json, "xdp",
			    xdp__name(xdp) ? json_string(xdp__name(xdp)) : json_null());
	json_object_set_new(json, "offloads", states);
	return json;
}
