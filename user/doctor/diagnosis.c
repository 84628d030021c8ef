// SPDX-License-Identifier: GPL-2.0
#include "doctor/diagnosis.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor/checks.h"
#include "doctor/gaps.h"
#include "doctor/method_report.h"
#include "traffic/transport.h"

#define RUN_TRACES (TRACE_COPIES | TRACE_SCHED)

static struct count_report *diagnosis__add(struct diagnosis *diagnosis)
{
	struct count_report *report = &diagnosis->counts[diagnosis->count++];

	*report = (struct count_report){};
	for (int site = 0; site < SITE_COUNT; site++)
		report->evidence[site] = EVIDENCE_UNAVAILABLE;
	return report;
}

/* Methods that have the same programs are shown as one. */
static void describe_methods(struct diagnosis *diagnosis, enum group group,
			     struct count_report *report)
{
	struct hooks *hooks = &diagnosis->hooks;

	for (enum method method = 0; method < METHOD_COUNT; method++) {
		struct method_report *next = &report->methods[report->method_count];
		size_t same = 0;

		*next = (struct method_report){};
		hooks__describe(hooks, group, method, &next->method);
		if (!next->method.count)
			continue;
		while (same < report->method_count &&
		       !method__is_same(&report->methods[same].method, &next->method))
			same++;
		if (same == report->method_count) {
			method__report(diagnosis, next);
			report->method_count++;
		}
		if (!diagnosis->tracer || !hooks__available(hooks, group))
			continue;
		if (hooks->method[group] == method) {
			report->methods[same].chosen = true;
			method__cost(&report->methods[same]);
		}
	}
}

static const struct split *find_split(const struct diagnosis *diagnosis, const char *function)
{
	for (size_t i = 0; i < diagnosis->split_count; i++)
		if (!strcmp(diagnosis->splits[i].function, function))
			return &diagnosis->splits[i];
	return NULL;
}

/* A probe on a function that the compiler split misses calls, and no miss is reported. */
static void judge_splits(const struct diagnosis *diagnosis, struct count_report *report)
{
	char words[SENTENCE_MAX];

	for (size_t w = 0; w < report->method_count; w++) {
		const struct hook_method *method = &report->methods[w].method;

		if (!report->methods[w].chosen)
			continue;
		for (size_t i = 0; i < method->count; i++) {
			const struct probe_status *status = method->parts[i].status;
			const struct split *split = find_split(diagnosis, status->function);

			if (status->attach == ATTACH_TRACEPOINT ||
			    method_part__refused(&method->parts[i]) || !split ||
			    !split__incomplete(split))
				continue;
			split__describe(split, words, sizeof(words));
			report->mark = report->needed ? MARK_MISSING : MARK_NOTE;
			remarks__add(
				&report->why, REMARK_CALLS_MISSED,
				VALUES(WORD("function", status->function), WORD("why", words)));
		}
	}
}

static void judge(const struct diagnosis *diagnosis, struct count_report *report)
{
	bool available = false, unknown = false;

	for (size_t i = 0; i < report->method_count; i++) {
		available = available || report->methods[i].chosen;
		unknown = unknown || report->methods[i].verdict == VERDICT_UNKNOWN;
	}
	if (!diagnosis->tracer && checks__may_trace()) {
		/*
		 * the methods are shown below by their hooks; here the kernel refused the programs
		 */
		report->mark = report->needed ? MARK_MISSING : MARK_NOTE;
		remarks__add(&report->why, REMARK_NOTHING_ATTACHES,
			     VALUES(WORD("why", strerror(-diagnosis->error))));
	} else if (!diagnosis->tracer && (unknown || !report->method_count)) {
		report->mark = MARK_UNKNOWN;
		remarks__add(&report->why, REMARK_NOT_TRIED, NO_VALUES);
	} else if (!available) {
		report->mark = report->needed ? MARK_MISSING : MARK_NOTE;
		remarks__add(&report->why, REMARK_NO_METHOD, NO_VALUES);
	}
	judge_splits(diagnosis, report);
}

/* Marks a count whose programs attach, but which the tracer refused for another reason. */
static void withdraw(struct count_report *report)
{
	report->mark = report->needed ? MARK_MISSING : MARK_NOTE;
	remarks__add(&report->why, REMARK_DATA_NOT_FOUND, NO_VALUES);
	for (size_t i = 0; i < report->method_count; i++)
		report->methods[i].chosen = false;
}

static void diagnose_group(struct diagnosis *diagnosis, enum group group)
{
	struct count_report *report = diagnosis__add(diagnosis);

	report->sites = group__info(group)->sites;
	report->extra = !(group__info(group)->traced & RUN_TRACES);
	/* no number needs a group without sites, except that of context switches */
	report->needed = !report->extra && (report->sites || group == GROUP_SWITCHES);
	if (!report->sites)
		report->beside = group__info(group)->name;
	for (int site = 0; site < SITE_COUNT && diagnosis->tracer; site++)
		if (report->sites & 1u << site)
			report->evidence[site] =
				report->extra ? hooks__evidence(&diagnosis->hooks, site)
					      : tracer__evidence(diagnosis->tracer, site);
	if (diagnosis->hooks_open)
		describe_methods(diagnosis, group, report);
	judge(diagnosis, report);
	for (int site = 0; site < SITE_COUNT && diagnosis->tracer; site++)
		if (report->sites & 1u << site && report->mark == MARK_OK &&
		    report->evidence[site] == EVIDENCE_UNAVAILABLE)
			withdraw(report);
}

/* user_memcpy: the program itself counts it, and a uprobe can prove the count. */
static void diagnose_memcpy(struct diagnosis *diagnosis)
{
	struct count_report *report = diagnosis__add(diagnosis);
	int err = -EPERM;

	report->sites = 1u << SITE_USER_MEMCPY;
	report->evidence[SITE_USER_MEMCPY] = EVIDENCE_SELF_REPORTED;
	if (diagnosis->tracer)
		err = tracer__watch_memcpy(diagnosis->tracer, "/proc/self/exe", USER_COPY_SYMBOL);
	if (!err)
		tracer__unwatch_memcpy(diagnosis->tracer);
	if (!diagnosis->tracer)
		remarks__add(&report->why, REMARK_MEMCPY_UNTRIED, NO_VALUES);
	else if (err)
		remarks__add(&report->why, REMARK_MEMCPY_UNPROVED,
			     VALUES(WORD("why", strerror(-err))));
	else
		remarks__add(&report->why, REMARK_MEMCPY_PROVED, NO_VALUES);
	report->mark = err ? MARK_NOTE : MARK_OK;
}

static void diagnose_rest(struct diagnosis *diagnosis)
{
	unsigned int done = 1u << SITE_USER_MEMCPY;

	diagnose_memcpy(diagnosis);
	for (size_t i = 0; i < diagnosis->count; i++)
		done |= diagnosis->counts[i].sites;
	for (int site = 0; site < SITE_COUNT; site++) {
		struct count_report *report;

		if (done & 1u << site)
			continue;
		report = diagnosis__add(diagnosis);
		report->sites = 1u << site;
		report->mark = MARK_NOTE;
		remarks__add(&report->why, REMARK_NO_PROBE, NO_VALUES);
	}
}

static void read_splits(struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->hooks.count; i++) {
		const struct probe_status *status = &diagnosis->hooks.status[i];

		if (status->attach != ATTACH_TRACEPOINT && !find_split(diagnosis, status->function))
			diagnosis->splits[diagnosis->split_count++].function = status->function;
	}
	diagnosis->split_error =
		split__find(symbols__kernel(), diagnosis->splits, diagnosis->split_count);
	if (diagnosis->split_error)
		diagnosis->split_count = 0;
}

/* Repeats the tracer's choice: refuses the programs that the kernel refused the tracer. */
static void follow_tracer(struct diagnosis *diagnosis)
{
	struct hooks *hooks = &diagnosis->hooks;

	for (size_t i = 0; i < diagnosis->probe_count; i++) {
		const struct probe_status *probe = &diagnosis->probes[i];

		if (probe->state == PROBE_REFUSED)
			hooks__refuse(hooks, probe->program, &probe->refusal);
	}
	hooks__choose(hooks);
}

void diagnosis__make(struct diagnosis *diagnosis, const struct doctor_options *options)
{
	*diagnosis = (struct diagnosis){};
	diagnosis->run = (struct tracer_options){
		.traced = RUN_TRACES | TRACE_GAPS,
		.attach = options->common.attach,
		.without = options->common.without,
		.btf_path = options->common.btf_path,
		.map_entries = options->common.map_entries,
		.verbose = options->common.verbose,
	};
	diagnosis->all = diagnosis->run;
	diagnosis->all.traced = ~0u;
	diagnosis->gap_count = -ENODATA;
	libbpf_set_print(NULL);
	if (checks__may_trace() && checks__have_btf(options->common.btf_path))
		diagnosis->error = tracer__open(&diagnosis->run, &diagnosis->tracer);
	else
		diagnosis->error = checks__may_trace() ? -EOPNOTSUPP : -EPERM;
	if (diagnosis->tracer)
		diagnosis->probes = tracer__probes(diagnosis->tracer, &diagnosis->probe_count);
	diagnosis->hooks_open = checks__have_btf(options->common.btf_path) &&
				!hooks__open(&diagnosis->hooks, &diagnosis->all);
	if (diagnosis->hooks_open)
		read_splits(diagnosis);
	if (diagnosis->hooks_open && diagnosis->tracer)
		follow_tracer(diagnosis);
	for (int group = 0; group < GROUP_COUNT; group++)
		if (group != GROUP_GAPS) /* bpf_runs reports it, not a site */
			diagnose_group(diagnosis, group);
	if (diagnosis->tracer)
		diagnosis__look_for_gaps(diagnosis);
	diagnose_rest(diagnosis);
}

void diagnosis__free(struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->count; i++) {
		struct count_report *report = &diagnosis->counts[i];

		remarks__free(&report->why);
		for (size_t method = 0; method < report->method_count; method++) {
			remarks__free(&report->methods[method].why);
			remarks__free(&report->methods[method].cost);
		}
	}
	tracer__close(diagnosis->tracer);
	if (diagnosis->hooks_open)
		hooks__close(&diagnosis->hooks);
}
