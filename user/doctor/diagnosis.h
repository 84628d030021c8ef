/* SPDX-License-Identifier: GPL-2.0 */
/* How each site would be counted on this kernel, and why not by the other methods. */
#ifndef HARNESS_DIAGNOSIS_H
#define HARNESS_DIAGNOSIS_H

#include "doctor/doctor_options.h"
#include "doctor/finding.h"
#include "tracer/hooks.h"
#include "tracer/split.h"

enum verdict {
	VERDICT_WORKS,
	VERDICT_UNUSABLE, /* a program that it needs cannot attach, or it would miss bytes */
	VERDICT_UNKNOWN,  /* could not be tried without privileges */
};

struct method_report {
	char name[40]; /* "tracepoint, system calls" */
	enum verdict verdict;
	bool chosen; /* run and watch use this method */
	struct hook_method method;
	struct remarks why;  /* why it is unusable or unknown */
	struct remarks cost; /* what the chosen method costs */
};

/*
 * What one group of probes counts: sites, or a number of another kind, such as context switches.
 * Also a site without probes.
 */
struct group_report {
	const char *name;   /* of a group without sites: "context_switches"; else NULL */
	unsigned int sites; /* a bit (1 << site) each */
	bool needed;	    /* for an exact ledger of a run */
	bool on_request;    /* counted only with --time or --prove */
	enum mark mark;
	enum evidence evidence[SITE_COUNT]; /* of its sites; EVIDENCE_UNAVAILABLE if unknown */
	struct method_report methods[METHOD_COUNT];
	size_t method_count;
	struct remarks why; /* when not ok */
};

#define GROUP_REPORTS_MAX (GROUP_COUNT + SITE_COUNT)

struct diagnosis {
	struct tracer_options run_options; /* of the tracer: what a run counts */
	struct tracer_options all_options; /* of the hooks: every group */
	struct hooks hooks;
	bool hooks_open;
	struct tracer *tracer;		   /* NULL: nothing can be traced */
	int error;			   /* of opening it; negative errno */
	const struct probe_status *probes; /* of the tracer: what really attached */
	size_t probe_count;
	struct group_report groups[GROUP_REPORTS_MAX];
	size_t group_count;
	struct split splits[PROGRAMS_MAX];
	size_t split_count;
	int split_error; /* of reading kallsyms */
	struct gap gaps[GAPS_MAX];
	int gap_count; /* or a negative errno */
};

/* Loads and attaches everything for a moment. Failures are part of the diagnosis. */
void diagnosis__make(struct diagnosis *diagnosis, const struct doctor_options *options);
void diagnosis__free(struct diagnosis *diagnosis);

/* The name of a method, by its probes: "tracepoint", "kprobe, system calls". */
void method__name(const struct hook_method *method, char *text, size_t size);
/*
 * Adds the reasons why a method is unusable: each once, with its functions. Adds nothing if no hook
 * is refused.
 */
void method__why(const struct hook_method *method, struct remarks *why);

#endif
