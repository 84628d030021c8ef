/* SPDX-License-Identifier: GPL-2.0 */
/* The XDP program of a network interface, and whether the kernel copies payload for it. */
#ifndef HARNESS_XDP_H
#define HARNESS_XDP_H

#include <net/if.h>
#include <stdbool.h>

enum xdp_mode {
	XDP_MODE_UNKNOWN,
	XDP_MODE_NONE,
	XDP_MODE_GENERIC,  /* by the stack, for any device (do_xdp_generic) */
	XDP_MODE_NATIVE,   /* by its driver */
	XDP_MODE_HARDWARE, /* by the device itself */
};

/* Of an interface of this thread's network namespace. */
enum xdp_mode xdp__mode(const char *device);

/* The word used in JSON; NULL: unknown. */
const char *xdp__name(enum xdp_mode mode);

/*
 * Whether payload is copied before such a program sees it. The program needs memory that is
 * not shared, and TCP's packets share their pages with the sender's queue: by the stack
 * skb_cow_data_for_xdp (before 6.9 skb_linearize), in veth skb_pp_cow_data.
 */
bool xdp__copies(enum xdp_mode mode, const char *driver);

/* Copies of received bytes that no probe counts. */
struct xdp_copies {
	bool some; /* or possibly some, if the mode is unknown */
	enum xdp_mode mode;
	char device[IF_NAMESIZE];
};

#endif
