// SPDX-License-Identifier: GPL-2.0
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>

#include "net/path_details.h"

static const struct offload {
	const char *name; /* as ethtool --show-features has it */
	unsigned int command;
} offloads[] = {
	{"rx-checksumming", ETHTOOL_GRXCSUM},
	{"tx-checksumming", ETHTOOL_GTXCSUM},
	{"scatter-gather", ETHTOOL_GSG},
	{"tcp-segmentation-offload", ETHTOOL_GTSO},
	{"generic-segmentation-offload", ETHTOOL_GGSO},
	{"generic-receive-offload", ETHTOOL_GGRO},
};

static struct ifreq details__request(const char *name)
{
	struct ifreq request = {};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return request;
}

static json_t *details__driver(int socket, const char *name)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq request = details__request(name);

	request.ifr_data = (void *)&info;
	return ioctl(socket, SIOCETHTOOL, &request) ? json_null() : json_string(info.driver);
}

static json_t *details__offload(int socket, const char *name, const struct offload *offload)
{
	struct ethtool_value value = {.cmd = offload->command};
	struct ifreq request = details__request(name);

	request.ifr_data = (void *)&value;
	return ioctl(socket, SIOCETHTOOL, &request) ? json_null() : json_boolean(value.data);
}

json_t *path_details__json(int socket, const char *name, enum xdp_mode xdp)
{
	struct ifreq request = details__request(name);
	json_t *json = json_object(), *states = json_object();

	for (size_t i = 0; i < sizeof(offloads) / sizeof(offloads[0]); i++)
		json_object_set_new(states, offloads[i].name,
				    details__offload(socket, name, &offloads[i]));
	json_object_set_new(json, "device", json_string(name));
	json_object_set_new(json, "driver", details__driver(socket, name));
	json_object_set_new(json, "mtu",
			    ioctl(socket, SIOCGIFMTU, &request) ? json_null()
								: json_integer(request.ifr_mtu));
	json_object_set_new(json, "xdp",
			    xdp__name(xdp) ? json_string(xdp__name(xdp)) : json_null());
	json_object_set_new(json, "offloads", states);
	return json;
}
