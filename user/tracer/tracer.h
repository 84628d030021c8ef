/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracer: counts copies for the processes that it follows. It knows processes and sockets, and
 * no transports.
 *
 * Order of calls: open (loads and attaches what this kernel allows), follow processes (rows.h),
 * arm, let traffic run, disarm, read the rows. BPF programs count, and only while armed.
 */
#ifndef HARNESS_TRACER_H
#define HARNESS_TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tracer/attach.h"
#include "tracer/probes.h"
#include "tracer/refusal.h"
#include "tracer/sites.h"

struct tracer_options {
	unsigned int traced; /* enum trace bits */
	enum attach attach;
	const char
		*without; /* comma-separated kernel functions or tracepoints that are not attached
			     to, as if this kernel refused; NULL: none. Borrowed during open. */
	const char *btf_path; /* a file with the kernel's BTF, used as if the kernel had none; NULL:
				 none. Borrowed during open. */
	unsigned int map_entries; /* of threads and of sockets; 0: the default */
	bool verbose;		  /* libbpf's own messages to stderr */
	enum scope scope;	  /* which processes are followed besides those named */
	bool by_socket;		  /* one row for each connection */
	unsigned int rows;	  /* most processes and connections with a row at one time */
	int cgroup_fd;		  /* SCOPE_CGROUP: the control group's directory */
};

#define MAP_ENTRIES_DEFAULT 16384

enum probe_state {
	PROBE_ATTACHED,
	PROBE_REFUSED,	  /* tested; `refusal` and `why` have the reason */
	PROBE_NOT_NEEDED, /* another method counts the sites, or they were not asked for */
};

/* One hook of the kernel, and its state. Owned by the tracer. */
struct probe_status {
	const char *program;  /* BPF program's name */
	const char *function; /* kernel function or tracepoint */
	const char *other;    /* the program that sees the same events, or NULL */
	enum attach attach;
	enum probe_state state;
	unsigned int sites;	   /* bit (1 << site) for each site that needs it */
	unsigned int groups;	   /* bit (1 << group) for each group that uses it */
	struct refusal refusal;	   /* when refused */
	const char *why;	   /* one line when not attached, else NULL */
	bool missed_known;	   /* it was armed, and the kernel reports recursion_misses (5.12
				      and newer) */
	unsigned long long missed; /* events that the kernel skipped for this program, from the last
				      arming until disarming */
};

struct tracer;

/* All return 0 or a negative errno with one line on stderr, unless a comment differs. */

/*
 * Loads and attaches. A hook that cannot attach is no error: its sites are unavailable. -EPERM: no
 * privilege for BPF (the message names the capability or sysctl). -EOPNOTSUPP: this kernel lacks
 * the attach method that was asked for. The caller maps both to exit status 77.
 */
int tracer__open(const struct tracer_options *options, struct tracer **result);
void tracer__close(struct tracer *tracer); /* NULL is fine */

/* Starts and stops counting. On return from tracer__disarm() every CPU has stopped. */
void tracer__arm(struct tracer *tracer);
void tracer__disarm(struct tracer *tracer);

/* A task during which no program runs, and how often it was on a CPU. */
struct gap {
	pid_t thread; /* 0: the idle task, or one outside the caller's PID namespace */
	unsigned long long times;
};

/*
 * Fills in the tasks that TRACE_GAPS found while armed. Returns their number, GAPS_MAX at most, or
 * a negative errno without a line; -ENODATA: the probe is not attached.
 */
int tracer__gaps(struct tracer *tracer, struct gap gaps[GAPS_MAX]);

/* Reads the missed counts again if armed. The array is valid until tracer__close(). */
const struct probe_status *tracer__probes(struct tracer *tracer, size_t *count);
/* The evidence for this site's bytes with what is attached; EVIDENCE_UNAVAILABLE: not counted. */
enum evidence tracer__evidence(const struct tracer *tracer, enum site site);
/* Whether a group is counted. The numbers of a group that is not are unknown, not 0. */
bool tracer__counts(const struct tracer *tracer, enum group group);
/* Whether the system call that a thread is in is known. */
bool tracer__knows_calls(const struct tracer *tracer);
/* Whether sends inside io_uring are seen. */
bool tracer__sees_io_uring(const struct tracer *tracer);
/* Whether sockets that the sites do not cover (kTLS, sockmap, MPTCP) are recognised. */
bool tracer__knows_not_covered(const struct tracer *tracer);
/* Whether the copies of a site are timed. */
bool tracer__times(const struct tracer *tracer, enum site site);
/* Events that could not be counted since the tracer was opened. 0 or a negative errno. */
int tracer__lost(const struct tracer *tracer, unsigned long long *lost);
bool tracer__kernel_has_kprobes(void); /* whether ATTACH_KPROBE can work at all */

/*
 * Proves user_memcpy by a uprobe on `symbol` of the running binary, a function whose third argument
 * is a number of bytes. Each call costs a trap, so attach it for a short run only.
 */
int tracer__watch_memcpy(struct tracer *tracer, const char *binary, const char *symbol);
void tracer__unwatch_memcpy(struct tracer *tracer);

#endif
