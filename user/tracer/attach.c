// SPDX-License-Identifier: GPL-2.0
#include "tracer/attach.h"

#include <errno.h>
#include <string.h>

const char *attach__name(enum attach attach)
{
	static const char *const names[ATTACH_COUNT] = {
		[ATTACH_AUTO] = "auto",
		[ATTACH_FENTRY] = "fentry",
		[ATTACH_TRACEPOINT] = "tracepoint",
		[ATTACH_KPROBE] = "kprobe",
	};

	return attach < ATTACH_COUNT ? names[attach] : "none";
}

int attach__parse(const char *name, enum attach *attach)
{
	for (int method = 0; method < ATTACH_COUNT; method++) {
		if (!strcmp(name, attach__name(method))) {
			*attach = method;
			return 0;
		}
	}
	return -EINVAL;
}
