/* SPDX-License-Identifier: GPL-2.0 */
/* The causes of copies: the callers of skb_copy_ubufs, their meanings, and the bytes of each. */
#ifndef HARNESS_CAUSES_H
#define HARNESS_CAUSES_H

#include <stddef.h>

#include "tracer/sites.h"

struct cause_info {
	const char *function; /* the kernel function that made the copy happen */
	const char *code;     /* "local_delivery", "unknown"; as in JSON */
	const char *words;
	bool avoidable; /* the program or its host can avoid it: there is advice */
	enum site site; /* SITE_TAP_COPY for the clone made for a tap, else SITE_DEFERRED_COPY */
};

/* Never NULL: an unknown caller is "unknown", a deferred copy. */
const struct cause_info *cause__find(const char *function);

/* Whether the function is a trampoline that another tracer made. */
bool cause__is_trampoline(const char *function);

/* The bytes that skb_copy_ubufs copied for one caller on one device. */
struct cause {
	const char *cause; /* plain words ("local delivery"); static */
	char function[64]; /* kernel function, or the address when it has no name */
	char device[16];
	enum site site; /* SITE_DEFERRED_COPY or SITE_TAP_COPY */
	unsigned long long bytes;
	unsigned long long calls;
};

struct causes {
	struct cause *cause; /* owned; free with causes__free() */
	size_t count;
};

/* Adds bytes to the cause of this function and device, which it makes if new. 0 or -ENOMEM. */
int causes__add(struct causes *causes, const char *function, const char *device,
		const struct counter *counter);
int causes__merge(struct causes *causes, const struct causes *other);
/* Sorts by bytes, the biggest first. */
void causes__sort(struct causes *causes);
void causes__free(struct causes *causes);

#endif
