/* SPDX-License-Identifier: GPL-2.0 */
/* Offloads of network interfaces: work that the CPU must do, with copies, where they are off. */
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
	/* the kernel's names (netdev_features_strings); any of them will do; NULL ends them */
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
	int error; /* of asking for offloads; negative errno */
	struct offload_state offload[OFFLOAD_COUNT];
};

/*
 * Reads an interface of the network namespace that the socket is of. 0, -ENODEV when there is none
 * of that name, or another negative errno. What else could not be read is unknown in it.
 */
int interface__read(int socket, const char *name, struct interface *interface);

/* Whether the offload is off and that makes the CPU copy. */
bool interface__copies_without(const struct interface *interface, enum offload offload);

/* Why the kernel copies payload on the way to it. */
enum device_cause {
	DEVICE_COPIES_NOTHING, /* or its offloads could not be asked for */
	DEVICE_SG_OFF,
	DEVICE_SG_NEVER, /* off, and no command changes it */
	DEVICE_CHECKSUM_OFF,
	DEVICE_CHECKSUM_NEVER,
	DEVICE_ENCRYPTS, /* each packet in a copy */
};
enum device_cause interface__cause(const struct interface *interface);
/* "scatter_gather_off"; NULL: copies nothing. */
const char *device_cause__code(enum device_cause cause);

/* Where packets end up that go through it, when that alone causes copies. */
enum delivery {
	DELIVERY_AWAY,	  /* it causes none */
	DELIVERY_HERE,	  /* to this host */
	DELIVERY_TO_PEER, /* to the other end, which may deliver to this host */
};
enum delivery interface__delivery(const struct interface *interface);

#endif
