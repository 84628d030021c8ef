/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Chooses the BPF programs to load: for each group of sites, those of the first method whose
 * programs can all attach.
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
	const struct tracer_options *options; /* the caller's */
	struct programs programs;
	int program_of[USES_MAX]; /* by row of `uses`: an index into `status` */
	struct btf *btf;	  /* the running kernel's, or from a file */
	bool preempts;		  /* the kernel preempts fentry programs, and then skips them */
	bool own_btf;		  /* `btf` is the kernel's own: typed tracepoints, perhaps fentry */
	enum method method[GROUP_COUNT];    /* METHOD_COUNT: none, so the group is not counted */
	unsigned int excluded[GROUP_COUNT]; /* a bit for each method, by hooks__exclude() */
	bool tried[PROGRAMS_MAX];
	bool needed[PROGRAMS_MAX];	/* load this program */
	char reason[PROGRAMS_MAX][192]; /* why it was refused; status.why points here */
	struct probe_status status[PROGRAMS_MAX];
	struct split split[PROGRAMS_MAX]; /* what the compiler did to each function */
	bool splits_found;		  /* `split` is filled, at its first use */
	size_t count;			  /* of programs */
};

/* Reads the kernel's BTF. 0 or a negative errno with one line on stderr. */
int hooks__open(struct hooks *hooks, const struct tracer_options *options);
void hooks__close(struct hooks *hooks);

/*
 * Chooses a method for each group that is wanted, and tests programs that were not tested yet. Call
 * it again after hooks__refuse(). -EOPNOTSUPP with one line on stderr: the attach method that the
 * user named cannot count sends and receives.
 */
int hooks__choose(struct hooks *hooks);

/* A program that passed its test did not load or attach. */
void hooks__refuse(struct hooks *hooks, const char *name, const struct refusal *refusal);

/*
 * These methods (a bit each) cannot count the group on this kernel, although programs may attach.
 * Call hooks__choose() after it.
 */
#define ALL_METHODS (~0u)
void hooks__exclude(struct hooks *hooks, enum group group, unsigned int methods);

/* Whether a group is counted by tracepoints. */
bool hooks__traces(const struct hooks *hooks, enum group group);

/* Whether the method that was chosen for this group needs a program. */
bool hooks__uses(const struct hooks *hooks, enum group group, const char *program);

/* Whether a group sees only sends that are system calls, and so not io_uring's. */
bool hooks__sees_calls_only(const struct hooks *hooks, enum group group);

bool hooks__available(const struct hooks *hooks, enum group group);

/* The evidence for a site's bytes, by the method that counts it. */
enum evidence hooks__evidence(const struct hooks *hooks, enum site site);

/* Whether the copies of a site are timed. */
bool hooks__times(const struct hooks *hooks, enum site site);

/* For `harness doctor`: a program of a method, and the result of its test. */
struct method_program {
	const char *kind;		   /* "fentry", "kretprobe" ...; static */
	const struct probe_status *status; /* owned by the hooks; refused or not */
	bool one_is_enough;		   /* of the programs with this mark */
};

#define METHOD_PROGRAMS_MAX 12

struct hook_method {
	const char *missed_function; /* its bytes pass the method by; NULL: none */
	bool works;
	struct method_program programs[METHOD_PROGRAMS_MAX];
	size_t count; /* 0: this kernel has no such method */
};

/* Tests every program of the method, also after a refusal. Chooses no method. */
void hooks__describe(struct hooks *hooks, enum group group, enum method method,
		     struct hook_method *found);

/* The last line of the verifier's log for a refused program, from a new attempt; "" if empty. */
void hooks__verifier_line(const struct hooks *hooks, const char *name, char *line, size_t size);

#endif
