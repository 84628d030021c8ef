/* SPDX-License-Identifier: GPL-2.0 */
/* The callers of skb_copy_ubufs, what each means, and the bytes that each copied. */
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

/* Code that other tracers had made, between skb_copy_ubufs and its caller. */
bool cause__is_trampoline(const char *function);

/* skb_copy_ubufs by caller and device. */
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

/* Adds to an equal cause if there is one. 0 or -ENOMEM. */
int causes__add(struct causes *causes, const char *function, const char *device,
		const struct counter *counter);
int causes__merge(struct causes *causes, const struct causes *other);
/* Biggest first. */
void causes__sort(struct causes *causes);
void causes__free(struct causes *causes);

#endif
