// SPDX-License-Identifier: GPL-2.0
#include "tracer/attach.h"

#include <string.h>

#include "base/arguments.h"
#include "base/text.h"

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

void attach__names(char *text, size_t size)
{
	text[0] = '\0';
	for (int method = 0; method < ATTACH_COUNT; method++)
		text__append(text, size, "%s%s", method ? ", " : "", attach__name(method));
}

int attach__parse(const char *name, enum attach *attach)
{
	char names[128];

	for (int method = 0; method < ATTACH_COUNT; method++) {
		if (!strcmp(name, attach__name(method))) {
			*attach = method;
			return 0;
		}
	}
	attach__names(names, sizeof(names));
	return arguments__bad("--attach %s: want one of %s", name, names);
}
