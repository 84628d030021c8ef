/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tables of bpf/sites.h as the user program reads them: groups of sites, the methods that can
 * count each, and the programs that a method needs.
 */
#ifndef HARNESS_PROBES_H
#define HARNESS_PROBES_H

#include <stdbool.h>
#include <stddef.h>

#include "tracer/attach.h"
#include "tracer/sites.h"

enum trace { /* what to trace; a set of bits */
	TRACE_NONE = 0,
	TRACE_COPIES = 1,
	TRACE_SCHED = 2,
	TRACE_COUNTERS = 4,
	TRACE_GAPS = 8,	  /* tasks that the kernel keeps BPF away from: tracer__gaps() */
	TRACE_TIME = 16,  /* the nanoseconds spent in copies */
	TRACE_PROVE = 32, /* the copying functions themselves, beside what is counted */
};

/*
 * How a group is counted, best first. Older kernels lack the tracepoints that say how a send began
 * and what it returned, so three of the methods have a variant without them.
 */
enum method {
	METHOD_FENTRY,
	METHOD_FENTRY_INET,
	METHOD_TRACEPOINT,
	METHOD_KPROBE,
	METHOD_KPROBE_CALL,
	METHOD_TRACEPOINT_CALL,
	METHOD_COUNT /* none */
};

/* The attach method a user names for it. */
enum attach method__attach(enum method method);

struct group_info {
	const char *name;    /* "context_switches" */
	unsigned int traced; /* enum trace bits: what must be traced for it */
	unsigned int sites;  /* a bit (1 << site) for each */
	enum group needs;    /* the group that says which socket is whose, or GROUP_NONE */
};

const struct group_info *group__info(enum group group);

struct use {
	enum group group;
	unsigned int methods; /* a bit (1 << method) for each that needs the program */
	const char *program;  /* its name in bpf/ */
	bool any; /* of a method's programs so marked those that can attach, one at least */
	const char *unless; /* a kernel function whose bytes the method would not see, or NULL */
};

extern const struct use uses[];
extern const size_t use_count;

#endif
