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

/* What `--trace all` attaches. */
#define RUN_TRACES (TRACE_COPIES | TRACE_SCHED)

static struct group_report *add_group(struct diagnosis *diagnosis)
{
	struct group_report *report = &diagnosis->groups[diagnosis->group_count++];

	*report = (struct group_report){};
	for (int site = 0; site < SITE_COUNT; site++)
		report->evidence[site] = EVIDENCE_UNAVAILABLE;
	return report;
}

/* Methods that have the same programs are shown as one. */
static void describe_methods(struct diagnosis *diagnosis, enum group group,
			     struct group_report *report)
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
static void check_splits(const struct diagnosis *diagnosis, struct group_report *report)
{
	char words[SENTENCE_MAX];

	for (size_t w = 0; w < report->method_count; w++) {
		const struct hook_method *method = &report->methods[w].method;

		if (!report->methods[w].chosen)
			continue;
		for (size_t i = 0; i < method->count; i++) {
			const struct probe_status *status = method->programs[i].status;
			const struct split *split = find_split(diagnosis, status->function);

			if (status->attach == ATTACH_TRACEPOINT ||
			    method_program__refused(&method->programs[i]) || !split ||
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

/* Sets the mark of a group by its methods. */
static void judge(const struct diagnosis *diagnosis, struct group_report *report)
{
	bool available = false, unknown = false;

	for (size_t i = 0; i < report->method_count; i++) {
		available = available || report->methods[i].chosen;
		unknown = unknown || report->methods[i].verdict == VERDICT_UNKNOWN;
	}
	if (!diagnosis->tracer && checks__may_trace()) {
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
	check_splits(diagnosis, report);
}

/* The programs attach, but the tracer cannot count the group for another reason. */
static void mark_excluded(struct group_report *report)
{
	report->mark = report->needed ? MARK_MISSING : MARK_NOTE;
	remarks__add(&report->why, REMARK_DATA_NOT_FOUND, NO_VALUES);
	for (size_t i = 0; i < report->method_count; i++)
		report->methods[i].chosen = false;
}

static void diagnose_group(struct diagnosis *diagnosis, enum group group)
{
	struct group_report *report = add_group(diagnosis);

	report->sites = group__info(group)->sites;
	report->on_request = !(group__info(group)->traced & RUN_TRACES);
	/* of the groups without sites, a run needs only the context switches */
	report->needed = !report->on_request && (report->sites || group == GROUP_SWITCHES);
	if (!report->sites)
		report->name = group__info(group)->name;
	for (int site = 0; site < SITE_COUNT && diagnosis->tracer; site++)
		if (report->sites & 1u << site)
			report->evidence[site] =
				report->on_request ? hooks__evidence(&diagnosis->hooks, site)
						   : tracer__evidence(diagnosis->tracer, site);
	if (diagnosis->hooks_open)
		describe_methods(diagnosis, group, report);
	judge(diagnosis, report);
	for (int site = 0; site < SITE_COUNT && diagnosis->tracer; site++)
		if (report->sites & 1u << site && report->mark == MARK_OK &&
		    report->evidence[site] == EVIDENCE_UNAVAILABLE)
			mark_excluded(report);
}

/* user_memcpy: the program itself counts it, and a uprobe can prove the count. */
static void diagnose_memcpy(struct diagnosis *diagnosis)
{
	struct group_report *report = add_group(diagnosis);
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

/* The sites that no group has. */
static void diagnose_rest(struct diagnosis *diagnosis)
{
	unsigned int done = 1u << SITE_USER_MEMCPY;

	diagnose_memcpy(diagnosis);
	for (size_t i = 0; i < diagnosis->group_count; i++)
		done |= diagnosis->groups[i].sites;
	for (int site = 0; site < SITE_COUNT; site++) {
		struct group_report *report;

		if (done & 1u << site)
			continue;
		report = add_group(diagnosis);
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

/* Makes the hooks' choice that of the tracer, by the programs that the kernel refused to it. */
static void refuse_as_tracer(struct diagnosis *diagnosis)
{
	struct hooks *hooks = &diagnosis->hooks;

	for (size_t i = 0; i < diagnosis->probe_count; i++) {
		const struct probe_status *probe = &diagnosis->probes[i];

		if (probe->state == PROBE_REFUSED)
			hooks__refuse(hooks, probe->program, &probe->refusal);
	}
	hooks__choose(hooks);
}

static void open_tracer(struct diagnosis *diagnosis, const char *btf_path)
{
	if (!checks__may_trace())
		diagnosis->error = -EPERM;
	else if (!checks__have_btf(btf_path))
		diagnosis->error = -EOPNOTSUPP;
	else
		diagnosis->error = tracer__open(&diagnosis->run_options, &diagnosis->tracer);
	if (diagnosis->tracer)
		diagnosis->probes = tracer__probes(diagnosis->tracer, &diagnosis->probe_count);
}

/* The hooks also know the methods that the tracer does not use. */
static void open_hooks(struct diagnosis *diagnosis, const char *btf_path)
{
	diagnosis->hooks_open = checks__have_btf(btf_path) &&
				!hooks__open(&diagnosis->hooks, &diagnosis->all_options);
	if (!diagnosis->hooks_open)
		return;
	read_splits(diagnosis);
	if (diagnosis->tracer)
		refuse_as_tracer(diagnosis);
}

void diagnosis__make(struct diagnosis *diagnosis, const struct doctor_options *options)
{
	*diagnosis = (struct diagnosis){};
	diagnosis->run_options = (struct tracer_options){
		.traced = RUN_TRACES | TRACE_GAPS,
		.attach = options->common.attach,
		.without = options->common.without,
		.btf_path = options->common.btf_path,
		.map_entries = options->common.map_entries,
		.verbose = options->common.verbose,
	};
	diagnosis->all_options = diagnosis->run_options;
	diagnosis->all_options.traced = ~0u;
	diagnosis->gap_count = -ENODATA;
	libbpf_set_print(NULL);
	open_tracer(diagnosis, options->common.btf_path);
	open_hooks(diagnosis, options->common.btf_path);
	for (int group = 0; group < GROUP_COUNT; group++)
		if (group != GROUP_GAPS) /* the finding bpf_runs reports it */
			diagnose_group(diagnosis, group);
	if (diagnosis->tracer)
		diagnosis__look_for_gaps(diagnosis);
	diagnose_rest(diagnosis);
}

void diagnosis__free(struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->group_count; i++) {
		struct group_report *report = &diagnosis->groups[i];

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
