// SPDX-License-Identifier: GPL-2.0
#include "doctor/diagnosis.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor/checks.h"
#include "doctor/gaps.h"
#include "doctor/way_report.h"
#include "traffic/transport.h"

#define RUN_TRACES (TRACE_COPIES | TRACE_SCHED)

/* What is counted beside the sites. Not needed: what explains a ledger and decides no number. */
static const struct beside {
	const char *name;
	bool needed;
} besides[GROUP_COUNT] = {
	[GROUP_PIN_ATTEMPT] = {"pin_attempted", false},
	[GROUP_RETRANSMIT] = {"retransmits", false},
	[GROUP_FOLLOW] = {"processes", false},
	[GROUP_NOT_COVERED] = {"not_covered", false},
	[GROUP_COMPLETIONS] = {"completions", false},
	[GROUP_LEAVE] = {"departures", false},
	[GROUP_TIME_SEND] = {"send_copy_time", false},
	[GROUP_TIME_RECEIVE] = {"receive_copy_time", false},
	[GROUP_TIME_DEFERRED] = {"deferred_copy_time", false},
	[GROUP_TIME_TRANSMIT] = {"transmit_copy_time", false},
	[GROUP_SWITCHES] = {"context_switches", true},
};

static struct count_report *diagnosis__add(struct diagnosis *diagnosis)
{
	struct count_report *report = &diagnosis->counts[diagnosis->count++];

	*report = (struct count_report){};
	for (int site = 0; site < SITE_COUNT; site++)
		report->evidence[site] = EVIDENCE_UNAVAILABLE;
	return report;
}

/* Ways of the very same programs are one. */
static void describe_ways(struct diagnosis *diagnosis, enum group group,
			  struct count_report *report)
{
	struct hooks *hooks = &diagnosis->hooks;

	for (enum way way = 0; way < WAY_COUNT; way++) {
		struct way_report *next = &report->ways[report->way_count];
		size_t same = 0;

		*next = (struct way_report){};
		hooks__describe(hooks, group, way, &next->way);
		if (!next->way.count)
			continue;
		while (same < report->way_count &&
		       !way__is_same(&report->ways[same].way, &next->way))
			same++;
		if (same == report->way_count) {
			way__report(diagnosis, next);
			report->way_count++;
		}
		if (!diagnosis->tracer || !hooks__available(hooks, group))
			continue;
		if (hooks->way[group] == way)
			report->ways[same].chosen_by_watch = true;
		if (way == (report->watch_only ? hooks->way : diagnosis->way_of_run)[group])
			report->ways[same].chosen = true;
	}
}

static const struct split *find_split(const struct diagnosis *diagnosis, const char *function)
{
	for (size_t i = 0; i < diagnosis->split_count; i++)
		if (!strcmp(diagnosis->splits[i].function, function))
			return &diagnosis->splits[i];
	return NULL;
}

/* A probe on a function of which the compiler made several misses calls without a sign of it. */
static void judge_splits(const struct diagnosis *diagnosis, struct count_report *report)
{
	char words[FINDING_TEXT];

	for (size_t w = 0; w < report->way_count; w++) {
		const struct hook_way *way = &report->ways[w].way;
		bool in_run = report->ways[w].chosen;

		if (!in_run && (!report->ways[w].chosen_by_watch || report->mark != MARK_OK))
			continue;
		for (size_t i = 0; i < way->count; i++) {
			const struct probe_status *status = way->parts[i].status;
			const struct split *split = find_split(diagnosis, status->function);

			if (status->attach == ATTACH_TRACEPOINT ||
			    way_part__refused(&way->parts[i]) || !split ||
			    !split__incomplete(split))
				continue;
			split__describe(split, words, sizeof(words));
			report->mark = report->needed && in_run ? MARK_MISSING : MARK_NOTE;
			snprintf(report->why, sizeof(report->why),
				 "incomplete: a probe on %s does not see every call; %.300s",
				 status->function, words);
		}
	}
}

static void judge(const struct diagnosis *diagnosis, struct count_report *report)
{
	bool available = false, unknown = false;

	for (size_t i = 0; i < report->way_count; i++) {
		available = available || report->ways[i].chosen;
		unknown = unknown || report->ways[i].verdict == VERDICT_UNKNOWN;
	}
	if (!diagnosis->tracer && checks__may_trace()) {
		/* what a way's hooks allow follows below; the programs themselves were refused */
		report->mark = report->needed ? MARK_MISSING : MARK_NOTE;
		snprintf(report->why, sizeof(report->why), "nothing attaches: %s",
			 strerror(-diagnosis->error));
	} else if (!diagnosis->tracer && (unknown || !report->way_count)) {
		report->mark = MARK_UNKNOWN;
		snprintf(report->why, sizeof(report->why), "could not be tried");
	} else if (!available) {
		report->mark = report->needed ? MARK_MISSING : MARK_NOTE;
		snprintf(report->why, sizeof(report->why), "no way is open");
	}
	judge_splits(diagnosis, report);
}

/* Its programs attach, and yet it is not counted: the tracer closed it. */
static void withdraw(struct count_report *report)
{
	report->mark = report->needed ? MARK_MISSING : MARK_NOTE;
	snprintf(report->why, sizeof(report->why),
		 "its programs attach, but kernel data they need cannot be found");
	for (size_t i = 0; i < report->way_count; i++)
		report->ways[i].chosen = report->ways[i].chosen_by_watch = false;
}

static void diagnose_group(struct diagnosis *diagnosis, enum group group)
{
	struct count_report *report = diagnosis__add(diagnosis);

	report->sites = group__info(group)->sites;
	report->watch_only = !(group__info(group)->traced & RUN_TRACES);
	report->needed = !report->watch_only && (report->sites || besides[group].needed);
	if (!report->sites)
		report->beside = besides[group].name ?: "unnamed";
	for (int site = 0; site < SITE_COUNT && diagnosis->tracer; site++)
		if (report->sites & 1u << site)
			report->evidence[site] =
				report->watch_only ? hooks__evidence(&diagnosis->hooks, site)
						   : tracer__evidence(diagnosis->tracer, site);
	if (diagnosis->hooks_open)
		describe_ways(diagnosis, group, report);
	judge(diagnosis, report);
	for (int site = 0; site < SITE_COUNT && diagnosis->tracer; site++)
		if (report->sites & 1u << site && report->mark == MARK_OK &&
		    report->evidence[site] == EVIDENCE_UNAVAILABLE)
			withdraw(report);
}

/* What the program counts itself, and a uprobe can prove. */
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
		snprintf(
			report->why, sizeof(report->why),
			"counted by the program; whether a uprobe can prove it could not be tried");
	else if (err)
		snprintf(report->why, sizeof(report->why),
			 "counted by the program; the uprobe that would prove it is refused: %s",
			 strerror(-err));
	else
		snprintf(report->why, sizeof(report->why),
			 "counted by the program; a uprobe proves it");
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
		snprintf(report->why, sizeof(report->why),
			 "this harness has no probe for it, and no transport of its own uses it");
	}
}

static void read_splits(struct diagnosis *diagnosis)
{
	FILE *file;

	for (size_t i = 0; i < diagnosis->hooks.count; i++) {
		const struct probe_status *status = &diagnosis->hooks.status[i];

		if (status->attach != ATTACH_TRACEPOINT && !find_split(diagnosis, status->function))
			diagnosis->splits[diagnosis->split_count++].function = status->function;
	}
	file = fopen("/proc/kallsyms", "re");
	diagnosis->split_error =
		file ? split__read(file, diagnosis->splits, diagnosis->split_count) : -errno;
	if (file)
		fclose(file);
	if (diagnosis->split_error)
		diagnosis->split_count = 0;
}

/* The same choice as the tracer's, knowing what its real programs were refused. */
static void follow_tracer(struct diagnosis *diagnosis)
{
	struct hooks *hooks = &diagnosis->hooks;

	for (size_t i = 0; i < diagnosis->probe_count; i++) {
		const struct probe_status *probe = &diagnosis->probes[i];

		if (probe->state == PROBE_REFUSED)
			hooks__refuse(hooks, probe->program, probe->error, probe->why);
	}
	hooks->options = &diagnosis->run;
	hooks__choose(hooks);
	memcpy(diagnosis->way_of_run, hooks->way, sizeof(hooks->way));
	hooks->options = &diagnosis->all;
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
		if (group != GROUP_GAPS) /* a question of its own, not a number of a ledger */
			diagnose_group(diagnosis, group);
	if (diagnosis->tracer)
		diagnosis__look_for_gaps(diagnosis);
	diagnose_rest(diagnosis);
}

void diagnosis__free(struct diagnosis *diagnosis)
{
	tracer__close(diagnosis->tracer);
	if (diagnosis->hooks_open)
		hooks__close(&diagnosis->hooks);
}
