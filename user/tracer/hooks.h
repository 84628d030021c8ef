/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which BPF programs to load on this kernel: for each group of sites the first method of which
 * every program can attach.
 */
#ifndef HARNESS_HOOKS_H
#define HARNESS_HOOKS_H

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdbool.h>

#include "tracer/probes.h"
#include "tracer/programs.h"
#include "tracer/split.h"
#include "tracer/tracer.h"

#define USES_MAX 160

struct hooks {
	const struct tracer_options *options; /* borrowed */
	struct programs programs;
	int program_of[USES_MAX]; /* of each row of `uses` */
	struct btf *btf;	  /* the running kernel's, or from a file */
	bool own_btf; /* it is the kernel's own: tracepoints give typed pointers, fentry may work */
	enum method method[GROUP_COUNT]; /* METHOD_COUNT: none, the group is unavailable */
	bool closed[GROUP_COUNT];	 /* impossible for another reason than a hook */
	bool tried[PROGRAMS_MAX];
	bool needed[PROGRAMS_MAX];	/* load this program */
	char reason[PROGRAMS_MAX][192]; /* why one was refused; the status points here */
	struct probe_status status[PROGRAMS_MAX];
	struct split split[PROGRAMS_MAX]; /* what the compiler did to each function */
	bool splits_found;		  /* all of them, when first asked for */
	size_t count;			  /* of programs */
};

/* Reads the kernel's BTF. 0 or a negative errno with one line on stderr. */
int hooks__open(struct hooks *hooks, const struct tracer_options *options);
void hooks__close(struct hooks *hooks);

/*
 * Chooses a method for each group that is wanted, trying what has not been tried. Call again after
 * hooks__refuse() to choose anew. -EOPNOTSUPP with one line on stderr when the attach method asked
 * for cannot count what was sent and received.
 */
int hooks__choose(struct hooks *hooks);

/* The real program did not load or attach after all. */
void hooks__refuse(struct hooks *hooks, const char *name, const struct refusal *refusal);

/* The group cannot be counted on this kernel, whatever attaches. Call hooks__choose() after it. */
void hooks__close_group(struct hooks *hooks, enum group group);

/* Whether a group is counted by tracepoints. */
bool hooks__traces(const struct hooks *hooks, enum group group);

/* Whether a program is needed by the method chosen for this group. */
bool hooks__uses(const struct hooks *hooks, enum group group, const char *program);

/* Whether a group sees only system calls of their own, and so not io_uring. */
bool hooks__sees_calls_only(const struct hooks *hooks, enum group group);

bool hooks__available(const struct hooks *hooks, enum group group);

/* How the numbers of a site are known, by the method that counts it. */
enum evidence hooks__evidence(const struct hooks *hooks, enum site site);

/* Whether the copies of a site are timed. */
bool hooks__times(const struct hooks *hooks, enum site site);

/* For `harness doctor`: one program of a method, and what trying it gave. */
struct hook_part {
	const char *kind;		   /* "fentry", "kretprobe" ...; static */
	const struct probe_status *status; /* the hooks' own; refused or not */
	bool either;			   /* of the parts so marked one is enough */
};

#define HOOK_PARTS_MAX 12

struct hook_method {
	const char *passed_by; /* a kernel function whose bytes this method does not see, or NULL */
	bool works;
	struct hook_part parts[HOOK_PARTS_MAX];
	size_t count; /* 0: there is no such method */
};

/* Tries every program of the method, also after one was refused. Chooses nothing. */
void hooks__describe(struct hooks *hooks, enum group group, enum method method,
		     struct hook_method *found);

/* The verifier's words on the refusal of a program, from another try; empty when it says nothing.
 */
void hooks__verifier_line(const struct hooks *hooks, const char *name, char *line, size_t size);

#endif
