/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Offloads of network interfaces. Where an offload is off, the CPU must do its work, with copies.
 */
#ifndef HARNESS_OFFLOAD_H
#define HARNESS_OFFLOAD_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

enum offload {
	OFFLOAD_SG,
	OFFLOAD_CHECKSUM,
	OFFLOAD_TSO,
	OFFLOAD_GSO,
	OFFLOAD_GRO,
	OFFLOAD_COUNT
};

extern const struct offload_info {
	const char *key;     /* in JSON */
	const char *title;   /* in the text */
	const char *ethtool; /* the word `ethtool -K` has for it */
	/* the kernel's names (netdev_features_strings); one of them is enough; NULL ends them */
	const char *features[3];
} offloads[OFFLOAD_COUNT];

struct offload_state {
	bool known;
	bool on;
	bool fixed; /* no command changes it */
};

struct interface {
	char name[IF_NAMESIZE];
	char driver[32]; /* empty: not known */
	int mtu;	 /* -1: not known */
	bool up;
	int error; /* of reading the offloads; negative errno */
	struct offload_state offload[OFFLOAD_COUNT];
};

/*
 * Reads an interface in the network namespace of the socket. 0, -ENODEV when no interface has that
 * name, or another negative errno. Other values that cannot be read are unknown in the result.
 */
int interface__read(int socket, const char *name, struct interface *interface);

/* Whether the offload is off and the CPU therefore copies. */
bool interface__copies_without(const struct interface *interface, enum offload offload);

/* Why the kernel copies payload on the way to the device. */
enum device_cause {
	DEVICE_COPIES_NOTHING, /* or its offloads could not be read */
	DEVICE_SG_OFF,
	DEVICE_SG_NEVER, /* off, and no command changes it */
	DEVICE_CHECKSUM_OFF,
	DEVICE_CHECKSUM_NEVER,
	DEVICE_ENCRYPTS, /* it encrypts a copy of each packet */
};
enum device_cause interface__cause(const struct interface *interface);
/* "scatter_gather_off"; NULL: copies nothing. */
const char *device_cause__code(enum device_cause cause);

/* Where packets through the device are delivered, if the delivery alone causes copies. */
enum delivery {
	DELIVERY_AWAY,	  /* elsewhere: no copies */
	DELIVERY_HERE,	  /* to this host */
	DELIVERY_TO_PEER, /* to the other end, which may deliver to this host */
};
enum delivery interface__delivery(const struct interface *interface);

#endif
