// SPDX-License-Identifier: GPL-2.0
#include "tracer/sites.h"

#define SITE_INFO(id, site_name, roles, whose, probes, by_fentry, by_kprobe, by_tracepoint, at,    \
		  what)                                                                            \
	[SITE_##id] = {                                                                            \
		.name = (site_name),                                                               \
		.function = (at),                                                                  \
		.meaning = (what),                                                                 \
		.cpu_copy = (roles)&SITE_CPU_COPY,                                                 \
		.part = (roles)&SITE_PART,                                                         \
		.side = (whose),                                                                   \
		.group = GROUP_##probes,                                                           \
		.evidence = {[ATTACH_FENTRY] = EVIDENCE_##by_fentry,                               \
			     [ATTACH_KPROBE] = EVIDENCE_##by_kprobe,                               \
			     [ATTACH_TRACEPOINT] = EVIDENCE_##by_tracepoint},                      \
	},
const struct site_info sites[SITE_COUNT] = {SITES(SITE_INFO)};
#undef SITE_INFO

__u64 tally__departed(const struct tally *tally)
{
	__u64 left = tally->extra[EXTRA_LEFT].bytes;
	__u64 elsewhere = tally->extra[EXTRA_LEFT_BELOW].bytes;

	return (left > elsewhere ? left : elsewhere) + tally->extra[EXTRA_DROPPED].bytes;
}

const char *evidence__name(enum evidence evidence)
{
	switch (evidence) {
	case EVIDENCE_EXACT:
		return "exact";
	case EVIDENCE_DERIVED:
		return "derived";
	case EVIDENCE_SELF_REPORTED:
		return "self_reported";
	case EVIDENCE_KERNEL_FLAG:
		return "kernel_flag";
	case EVIDENCE_UPPER_BOUND:
		return "upper_bound";
	case EVIDENCE_UNAVAILABLE:
		break;
	}
	return "unavailable";
}
