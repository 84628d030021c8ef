/* SPDX-License-Identifier: GPL-2.0 */
/* Who calls skb_copy_ubufs, and what that means in plain words. */
#ifndef HARNESS_CAUSES_H
#define HARNESS_CAUSES_H

#include "tracer/sites.h"

struct cause_info {
	const char *function; /* the kernel function that made the copy happen */
	const char *words;
	enum site site; /* whose copy it is: the packet's own, or a clone made for a tap */
};

/* Never NULL: an unknown caller is "copied by the kernel", a deferred copy. */
const struct cause_info *cause__find(const char *function);

#endif
