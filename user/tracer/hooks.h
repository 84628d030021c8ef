/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which BPF programs to load on this kernel: the table of hooks, and finding out what attaches.
 *
 * A group is a set of sites that stand or fall together. For each group there are ways to count it,
 * each a set of programs that must all attach. "Can attach" means that it was tried, with a program
 * of two instructions.
 */
#ifndef HARNESS_HOOKS_H
#define HARNESS_HOOKS_H

#include <bpf/btf.h>
#include <stdbool.h>

#include "tracer/split.h"
#include "tracer/tracer.h"

enum group {
	GROUP_SEND,
	GROUP_PIN_ATTEMPT,
	GROUP_RECEIVE,
	GROUP_DEFERRED,
	GROUP_TAP,
	GROUP_TRANSMIT,
	GROUP_DMA_OUT,
	GROUP_DMA_IN,
	GROUP_RETRANSMIT,
	GROUP_DEPARTURES,
	GROUP_GAPS,
	GROUP_SWITCHES,
	/* only for programs that are not ours */
	GROUP_FOLLOW,
	GROUP_RECEIVED,
	GROUP_MAP,
	GROUP_RECEIVE_SPLICE,
	GROUP_NOT_COVERED,
	GROUP_COMPLETIONS,
	/* nanoseconds in the copies */
	GROUP_TIME_SEND,
	GROUP_TIME_RECEIVE,
	GROUP_TIME_DEFERRED,
	GROUP_TIME_TRANSMIT,
	GROUP_COUNT
};

/*
 * What is counted how. Older kernels lack the tracepoints that say how a send began and what it
 * returned, so two of the ways have a variant that watches system calls instead.
 */
enum way {
	WAY_FENTRY,
	WAY_TRACEPOINT,
	WAY_KPROBE,
	WAY_KPROBE_SYSCALL,
	WAY_SYSCALL,
	WAY_COUNT /* none */
};

#define PROGRAMS_MAX 96

struct hooks {
	const struct tracer_options *options; /* borrowed */
	struct btf *btf;		      /* the running kernel's, or from a file */
	bool own_btf; /* it is the kernel's own: tracepoints give typed pointers, fentry may work */
	enum way way[GROUP_COUNT]; /* WAY_COUNT: none, the group is unavailable */
	bool closed[GROUP_COUNT];  /* found impossible for another reason than a hook */
	bool tried[PROGRAMS_MAX];
	bool needed[PROGRAMS_MAX];	/* load this program */
	char reason[PROGRAMS_MAX][192]; /* why one was refused; the status points here */
	struct probe_status status[PROGRAMS_MAX];
	struct split split[PROGRAMS_MAX]; /* what the compiler did to each function */
	bool splits_read;		  /* all of them, when first asked for */
	bool again_tried, again;	  /* fentry programs can be attached a second time */
	size_t count;
};

/* Reads the kernel's BTF. 0 or a negative errno with one line on stderr. */
int hooks__open(struct hooks *hooks, const struct tracer_options *options);
void hooks__close(struct hooks *hooks);

/*
 * Chooses a way for each group that is wanted, trying what has not been tried. Call again after
 * hooks__refuse() to choose anew. -EOPNOTSUPP with one line on stderr when the way asked for cannot
 * count what was sent and received.
 */
int hooks__choose(struct hooks *hooks);

/* The real program would not load or attach after all. */
void hooks__refuse(struct hooks *hooks, const char *program, int error, const char *why);

/* The group cannot be counted on this kernel whatever attaches. Choose again after it. */
void hooks__close_group(struct hooks *hooks, enum group group);

/* Whether what one group counts is counted by watching system calls or tracepoints of the core. */
bool hooks__traces(const struct hooks *hooks, enum group group);

/* Whether one group sees only what is a system call of its own: not io_uring. */
bool hooks__sees_calls_only(const struct hooks *hooks, enum group group);

/* Whether what one group counts is counted by the end of the system call. */
bool hooks__ends_calls(const struct hooks *hooks, enum group group);

/* This program, by its number in `status`, has nothing to do where all sends of a run are such. */
bool hooks__idles(size_t program, enum lending lending);

/*
 * Whether a program on fentry, where the kernel permits them, can be attached again after it was
 * taken off: before 5.13 it cannot (bpf_tracing_prog_attach).
 */
bool hooks__fentry_attaches_again(struct hooks *hooks);

/* Whether this kernel has kprobes at all. */
bool hooks__kernel_has_kprobes(void);

/* Whether the kernel has this BPF helper ("task_pt_regs"). */
bool hooks__have_helper(const struct hooks *hooks, const char *name);

/* Whether a program can tell the verifier what record an address is of (bpf_rdonly_cast, 6.2). */
bool hooks__can_cast(const struct hooks *hooks);

bool hooks__available(const struct hooks *hooks, enum group group);
enum evidence hooks__evidence(const struct hooks *hooks, enum site site);

/* What was sent is read from the sockets' write queues when all is over; in how many calls is not
 * known. */
bool hooks__read_queues(const struct hooks *hooks);

/* Whether what sends returned is counted by other probes than what became of their bytes. */
bool hooks__check_sends(const struct hooks *hooks);

/* Whether the copies of a site are timed. */
bool hooks__times(const struct hooks *hooks, enum site site);

/* Offset in bytes of a member of a kernel structure; -1 if there is none. */
int hooks__offset(const struct hooks *hooks, const char *structure, const char *member);

/* Number of arguments, 0 if the kernel has none of that name. */
unsigned int hooks__arguments(const struct hooks *hooks, const char *function);
unsigned int hooks__tracepoint_arguments(const struct hooks *hooks, const char *tracepoint);
/* Position of its first argument of type `struct NAME *`; -1 if it has none. */
int hooks__argument(const struct hooks *hooks, const char *function, const char *type);

/* For `harness doctor`: one program of a way, and what trying it gave. */
struct hook_part {
	const char *kind;		   /* "fentry", "kretprobe" ...; static */
	const struct probe_status *status; /* the hooks' own; refused or not */
	bool either;			   /* of the parts so marked one is enough */
};

#define HOOK_PARTS_MAX 12

struct hook_way {
	const char *passed_by; /* a kernel function whose bytes this way does not see, or NULL */
	bool works;
	struct hook_part parts[HOOK_PARTS_MAX];
	size_t count; /* 0: there is no such way */
};

/* Tries every program of the way, also after one was refused. Chooses nothing. */
void hooks__describe(struct hooks *hooks, enum group group, enum way way, struct hook_way *found);

/* The sites of a group: a bit (1 << site) for each. */
unsigned int hooks__sites(enum group group);
/* What must be traced for it: enum trace bits. */
unsigned int hooks__traced(enum group group);

/*
 * What the verifier adds to the refusal of fentry, fexit or tp_btf: the last line of its log, from
 * another try. Empty when it says nothing.
 */
void hooks__verifier_line(const struct hooks *hooks, const char *program, char *line, size_t size);

#endif
