/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracer: counts copies for processes it is told to follow. It knows processes and sockets and
 * nothing of transports.
 *
 * Life: open (loads and attaches what this kernel allows), follow each process under a small owner
 * number, arm, let traffic run, disarm, read, forget. Counting happens in the kernel and only
 * while armed.
 */
#ifndef HARNESS_TRACER_H
#define HARNESS_TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tracer/attach.h"
#include "tracer/sites.h"

enum trace { /* what to trace; a set of bits */
	TRACE_NONE = 0,
	TRACE_COPIES = 1,
	TRACE_SCHED = 2,
	TRACE_COUNTERS = 4,
	TRACE_OTHERS = 8, /* programs that are not ours: watch.h */
	TRACE_GAPS = 16,  /* tasks that the kernel keeps BPF away from: tracer__gaps() */
	TRACE_TIME = 32,  /* of those, the nanoseconds spent in copies */
};

struct tracer_options {
	unsigned int traced; /* enum trace bits */
	enum attach attach;
	const char *without;  /* comma-separated kernel functions or tracepoints never to attach to,
			       * as if this kernel refused; NULL: none. Borrowed during open. */
	const char *btf_path; /* the kernel's types from this file, as if it had none of its own; or
			       * NULL. Borrowed during open. */
	unsigned int map_entries; /* threads and sockets that can be told apart; 0: the default */
	bool verbose;		  /* libbpf's own messages to stderr */
	/* for programs that are not ours, read with rows.h */
	enum scope scope;
	bool by_socket;	   /* a row a connection */
	unsigned int rows; /* processes and connections that have a row at one time */
	int cgroup_fd;	   /* SCOPE_CGROUP: the control group's directory */
};

#define MAP_ENTRIES_DEFAULT 16384

enum probe_state {
	PROBE_ATTACHED,
	PROBE_REFUSED,	  /* tried; `error` and `why` say how it failed */
	PROBE_SET_ASIDE,  /* loaded, and not attached: nothing to do while sends are as expected */
	PROBE_NOT_NEEDED, /* another way already gives the sites, or tracing them was not asked for
			   */
};

/* What the sends of one who is followed do with user's pages. */
enum lending {
	LENDING_UNKNOWN, /* some may lend them (MSG_ZEROCOPY, sendfile): each is seen */
	LENDING_NONE,	 /* all are copied */
	LENDING_ALL,	 /* each is with MSG_ZEROCOPY, on a socket with SO_ZEROCOPY */
};

/* One hook of the kernel, and what became of it. Owned by the tracer. */
struct probe_status {
	const char *program;  /* BPF program's name */
	const char *function; /* kernel function or tracepoint */
	enum attach attach;
	enum probe_state state;
	unsigned int sites;	   /* bit (1 << site) for each site that leans on it */
	int error;		   /* negative errno when refused */
	const char *why;	   /* one line when not attached, else NULL */
	bool missed_known;	   /* it was armed, and the kernel reports recursion_misses (5.12
				      and newer) */
	unsigned long long missed; /* events the kernel skipped for this program since it was last
				      armed, until it was disarmed */
};

/* skb_copy_ubufs by caller and device. */
struct cause {
	const char *cause; /* plain words ("local delivery"); static */
	char function[64]; /* kernel function, or the address when it has no name */
	char device[16];
	enum site site; /* SITE_DEFERRED_COPY or SITE_TAP_COPY */
	unsigned long long bytes;
	unsigned long long calls;
};

/* What was counted for one owner, summed over CPUs. */
struct trace_counts {
	struct tally tally;
	struct cause *causes; /* biggest first; free with trace_counts__free() */
	size_t cause_count;
};

struct tracer;

/* All return 0 or a negative errno, with one line on stderr, unless said otherwise. */

/*
 * Loads and attaches. A hook that cannot be attached is not an error here: its sites are
 * unavailable. -EPERM: no privilege for BPF at all (the message names the capability or sysctl);
 * -EOPNOTSUPP: the attach way asked for does not exist on this kernel. The caller maps both to exit
 * status 77.
 */
int tracer__open(const struct tracer_options *options, struct tracer **tracer);
void tracer__close(struct tracer *tracer); /* NULL is fine */

/*
 * Count `pid` (a thread group in the caller's pid namespace) under `owner`: of a run, < RUN_OWNERS,
 * of others, their row. Where its sends are all alike, on the sockets that it has by now.
 */
int tracer__follow(struct tracer *tracer, unsigned int owner, pid_t pid);
/* Forget every followed process and socket and zero all counters. */
int tracer__forget(struct tracer *tracer);

/*
 * What those who will be followed do, by owner; at first it is unknown. Where it is known they are
 * not to open sockets while it counts, and what sees sends begin is set aside; where nobody lends
 * so is what looks for lent pages, where somebody does what sees them pinned (fentry): for these
 * cost every send and packet. Whether it was as expected is seen: a packet with such pages of who
 * was to lend none makes the count a lossy one; for who was to, see tracer__counts_lent_sends().
 * Not while armed.
 */
int tracer__expect(struct tracer *tracer, const enum lending lending[RUN_OWNERS]);

/*
 * From here on / no longer, events count. Every CPU has seen it on return from disarm, which in a
 * run also reads the queues of the sockets that sent, so these must still be open. It fails with a
 * line on stderr, and never where others' programs are traced.
 */
void tracer__arm(struct tracer *tracer);
int tracer__disarm(struct tracer *tracer);

/* A task while which no program ran, and how often it was on a processor meanwhile. */
struct gap {
	pid_t thread;
	unsigned long long times;
};

/*
 * Of TRACE_GAPS, what was seen while armed. The number of them, GAPS_MAX at most, or a negative
 * errno without a line: -ENODATA when the probe is not attached.
 */
int tracer__gaps(struct tracer *tracer, struct gap gaps[GAPS_MAX]);

int tracer__read(struct tracer *tracer, unsigned int owner, struct trace_counts *counts);
void trace_counts__free(struct trace_counts *counts);

/* Re-reads the missed counts first, while armed. The array lives as long as the tracer. */
const struct probe_status *tracer__probes(struct tracer *tracer, size_t *count);
/* How numbers of this site are known with what is attached; EVIDENCE_UNAVAILABLE if they are not.
 */
enum evidence tracer__evidence(const struct tracer *tracer, enum site site);
/* Whether these are counted; what is not is unknown, not 0. */
bool tracer__counts_switches(const struct tracer *tracer);
/* Whether the kernel tells in which system call a thread blocked (5.15 and newer, with BTF). */
bool tracer__knows_activities(const struct tracer *tracer);
/* What was sent is read from the sockets' queues: the bytes, not in how many calls. */
bool tracer__reads_queues(const struct tracer *tracer);
bool tracer__counts_retransmits(const struct tracer *tracer);
bool tracer__kernel_has_kprobes(void); /* so ATTACH_KPROBE is not refused at once */
bool tracer__counts_departures(const struct tracer *tracer); /* EXTRA_LEFT, EXTRA_DROPPED */
bool tracer__counts_pin_attempts(const struct tracer *tracer);
/*
 * Sends are not seen, each was to lend, and so many did by their sockets' count: EXTRA_LENT_SENDS.
 * If that is not as many as took bytes, what was lent and what was copied is not known.
 */
bool tracer__counts_lent_sends(const struct tracer *tracer);

/*
 * Proof of user_memcpy: a uprobe on `symbol` of the running binary, a function whose third argument
 * is a number of bytes. Costs a trap a call, so attach it for a short run only.
 */
int tracer__watch_memcpy(struct tracer *tracer, const char *binary, const char *symbol);
void tracer__unwatch_memcpy(struct tracer *tracer);

#endif
