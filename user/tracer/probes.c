// SPDX-License-Identifier: GPL-2.0
#include "tracer/probes.h"

#include <string.h>

#define BIT(n) (1u << (n))

enum attach method__attach(enum method method)
{
	static const enum attach attach[METHOD_COUNT] = {
		[METHOD_FENTRY] = ATTACH_FENTRY,
		[METHOD_FENTRY_INET] = ATTACH_FENTRY,
		[METHOD_TRACEPOINT] = ATTACH_TRACEPOINT,
		[METHOD_KPROBE_RETURN] = ATTACH_KPROBE,
		[METHOD_KPROBE] = ATTACH_KPROBE,
		[METHOD_KPROBE_CALL] = ATTACH_KPROBE,
		[METHOD_TRACEPOINT_CALL] = ATTACH_TRACEPOINT,
	};

	return attach[method];
}

static unsigned int sites_of(enum group group)
{
	unsigned int bits = 0;

	for (int site = 0; site < SITE_COUNT; site++)
		if (sites[site].group == group)
			bits |= BIT(site);
	return bits;
}

const struct group_info *group__info(enum group group)
{
	static struct group_info info[GROUP_COUNT] = {
#define GROUP_INFO(id, words, what, needed)                                                        \
	[GROUP_##id] = {.name = (words), .traced = TRACE_##what, .needs = GROUP_##needed},
		GROUPS(GROUP_INFO)
#undef GROUP_INFO
	};

	info[group].sites = sites_of(group);
	return &info[group];
}

bool group__runs_in_process(enum group group)
{
	return group == GROUP_SEND || group == GROUP_PIN_ATTEMPT || group == GROUP_RECEIVE ||
	       group == GROUP_COMPLETIONS;
}

const char *program__other(const char *program)
{
	static const char *const pairs[][2] = {
#define PAIR(program, other) {#program, #other},
		PAIRS(PAIR)
#undef PAIR
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		for (int side = 0; side < 2; side++)
			if (!strcmp(program, pairs[i][side]))
				return pairs[i][!side];
	return NULL;
}

/* the names that bpf/sites.h uses */
#define FENTRY		BIT(METHOD_FENTRY)
#define FENTRY_INET	BIT(METHOD_FENTRY_INET)
#define TRACEPOINT	BIT(METHOD_TRACEPOINT)
#define KPROBE_RETURN	BIT(METHOD_KPROBE_RETURN)
#define KPROBE		BIT(METHOD_KPROBE)
#define KPROBE_CALL	BIT(METHOD_KPROBE_CALL)
#define TRACEPOINT_CALL BIT(METHOD_TRACEPOINT_CALL)
#define KPROBES		(KPROBE | KPROBE_CALL)
#define TRACEPOINTS	(TRACEPOINT | TRACEPOINT_CALL)
#define EVERY_METHOD	(FENTRY | KPROBES | TRACEPOINTS)
#define ALL		false
#define ANY		true

const struct use uses[] = {
#define USE(group, methods, program, how, unless) {GROUP_##group, methods, #program, how, unless},
	PROBES(USE)
#undef USE
};
const size_t use_count = sizeof(uses) / sizeof(*uses);
