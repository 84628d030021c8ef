/* SPDX-License-Identifier: GPL-2.0 */
/* Packet taps: AF_PACKET sockets such as tcpdump's, and the processes that hold them. */
#ifndef HARNESS_TAPS_H
#define HARNESS_TAPS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#define TAP_OWNERS_MAX 4
#define COMM_MAX       64

struct tap_owner {
	pid_t pid;
	char comm[COMM_MAX];
};

struct tap {
	unsigned long inode;
	unsigned int protocol;	  /* ETH_P_*; 0: bound to none, so it gets nothing */
	unsigned int index;	  /* of its interface; 0: all */
	unsigned long namespace;  /* inode of its network namespace; 0: the reader's own */
	char device[IF_NAMESIZE]; /* the interface's name; empty: all, or it is gone */
	bool running;
	struct tap_owner owner[TAP_OWNERS_MAX];
	size_t owner_count;
};

struct taps {
	struct tap *tap;
	size_t count;
	int error;	     /* of reading /proc/net/packet; negative errno */
	unsigned int unseen; /* processes whose descriptors could not be read */
};

/* Reads the taps of this network namespace from /proc. `error` has a failure. */
void taps__read(struct taps *taps);
/* And those of every other namespace that a process is in and that may be entered. */
void taps__read_all(struct taps *taps);
void taps__free(struct taps *taps);

/* The text of /proc/net/packet. 0, -EINVAL when it is not that, or -ENOMEM. */
int taps__parse(FILE *stream, struct taps *taps);

/* Whether the tap sees what this host sends: dev_queue_xmit_nit walks the ETH_P_ALL taps only. */
bool tap__sees_sends(const struct tap *tap);

#endif
