/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tables of bpf/sites.h for user space: groups of sites, the methods that can count each group,
 * and the programs that a method needs.
 */
#ifndef HARNESS_PROBES_H
#define HARNESS_PROBES_H

#include <stdbool.h>
#include <stddef.h>

#include "tracer/attach.h"
#include "tracer/sites.h"

enum trace { /* what to trace: a set of bits */
	TRACE_NONE = 0,
	TRACE_COPIES = 1,
	TRACE_SCHED = 2,
	TRACE_COUNTERS = 4,
	TRACE_GAPS = 8,	  /* tasks in which the kernel runs no BPF program: tracer__gaps() */
	TRACE_TIME = 16,  /* the nanoseconds spent in copies */
	TRACE_PROVE = 32, /* the effects of copies, besides what is counted */
};

/*
 * How a group is counted, best first. Older kernels lack the tracepoints for the start of a send or
 * for its result; three methods have a variant without them. KPROBE_RETURN needs no tracepoint for
 * a send.
 */
enum method {
	METHOD_FENTRY,
	METHOD_FENTRY_INET,
	METHOD_TRACEPOINT,
	METHOD_KPROBE_RETURN,
	METHOD_KPROBE,
	METHOD_KPROBE_CALL,
	METHOD_TRACEPOINT_CALL,
	METHOD_COUNT /* no method */
};

/* The attach method, as a user names it, of this method. */
enum attach method__attach(enum method method);

struct group_info {
	const char *name;    /* "context_switches" */
	unsigned int traced; /* enum trace bits: what must be traced for it */
	unsigned int sites;  /* a bit (1 << site) for each */
	enum group needs;    /* the group that finds a socket's owner, or GROUP_NONE */
};

const struct group_info *group__info(enum group group);

/* Whether its probes run in a process, which some kernels preempt, and not only in a softirq. */
bool group__runs_in_process(enum group group);

/* The program that sees the same events as this one (PAIRS); NULL: there is none. */
const char *program__other(const char *program);

/* A row of PROBES: a program that counts for a group, by some of the methods. */
struct use {
	enum group group;
	unsigned int methods; /* a bit (1 << method) for each that needs the program */
	const char *program;  /* its name in bpf/ */
	bool any; /* a method uses those of its marked programs that can attach, at least one */
	const char *unless; /* a kernel function whose bytes the method misses, or NULL */
};

extern const struct use uses[];
extern const size_t use_count;

#endif
