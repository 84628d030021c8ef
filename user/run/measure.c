// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "traffic/control.h"
#include "host/environment.h"
#include "run/measure.h"
#include "tracer/rows.h"
#include "base/text.h"

/* Runs for a check are short, because their probes cost a trap a call. */
#define CHECK_MESSAGES	64
#define CHECK_BYTES_MAX (1u << 20)

#define WHY 512
/* Row 0, a row for each side, and some for processes that a side starts. */
#define ROWS 8

static void measure__forget_probes(struct measure *measure)
{
	for (size_t i = 0; i < measure->probe_count; i++)
		free((char *)measure->probes[i].why);
	free(measure->probes);
	measure->probes = NULL;
	measure->probe_count = 0;
}

static int measure__keep_probes(struct measure *measure)
{
	size_t count;
	const struct probe_status *probes = tracer__probes(measure->tracer, &count);

	measure__forget_probes(measure);
	measure->probes = calloc(count, sizeof(*probes));
	if (!measure->probes)
		return -ENOMEM;
	measure->probe_count = count;
	for (size_t i = 0; i < count; i++) {
		measure->probes[i] = probes[i];
		measure->probes[i].why = probes[i].why ? strdup(probes[i].why) : NULL;
		if (!measure->missed)
			continue;
		measure->probes[i].missed = measure->missed[i].events;
		measure->probes[i].missed_known =
			measure->missed[i].seen && !measure->missed[i].unknown;
	}
	return 0;
}

int measure__attach(struct measure *measure)
{
	const struct options *options = measure->options;
	struct tracer_options tracer_options = {
		.traced = options->traced | (measure->proving ? TRACE_PROVE : 0),
		.attach = measure->by_kprobes ? ATTACH_KPROBE : options->attach,
		.without = options->without,
		.btf_path = options->btf_path,
		.map_entries = options->map_entries,
		.verbose = options->verbose,
		.scope = SCOPE_TREE,
		.rows = ROWS,
	};
	uint64_t start_ns;
	int err;

	if (measure->tracer || !(options->traced & TRACE_PROBES))
		return 0;
	start_ns = control__now();
	err = tracer__open(&tracer_options, &measure->tracer);
	if (!err)
		err = rows__open(measure->tracer, &measure->rows);
	measure->attach_seconds = 1e-9 * (control__now() - start_ns);
	return err || measure->proving ? err : measure__keep_probes(measure);
}

void measure__detach(struct measure *measure)
{
	rows__close(measure->rows);
	measure->rows = NULL;
	tracer__close(measure->tracer);
	measure->tracer = NULL;
}

void measure__close(struct measure *measure)
{
	measure__detach(measure);
	measure__forget_probes(measure);
	free(measure->missed);
	measure->missed = NULL;
}

const struct probe_status *measure__probes(const struct measure *measure, size_t *count)
{
	*count = measure->probe_count;
	return measure->probes;
}

struct run_spec measure__spec(const struct measure *measure, const struct transport *transport,
			      size_t message_bytes, unsigned int threads)
{
	const struct options *options = measure->options;

	return (struct run_spec){
		.transport = transport,
		.mode = options->mode,
		.message_bytes = message_bytes,
		.threads = threads,
		.seconds = options->seconds,
		.messages = options->messages,
		.cores = environment__cores_allowed(),
		.pinned = options->cpus.count,
		.cpu = {options->cpus.value[SENDER], options->cpus.value[RECEIVER]},
		.counters = options->traced & TRACE_COUNTERS,
		.verify = options->verify,
		.timestamps = options->timestamps,
		.fault = options->fault,
		.address = measure->path->address,
		.port = options->port,
		.namespace_fd = {measure->path->namespace_fd[SENDER],
				 measure->path->namespace_fd[RECEIVER]},
	};
}

bool measure__cancelled(const struct measure *measure)
{
	struct pollfd cancel = {.fd = measure->cancel_fd, .events = POLLIN};

	return poll(&cancel, 1, 0) > 0;
}

int measure__warm_up(struct measure *measure, const struct run_spec *spec)
{
	struct run_spec warm = *spec;
	struct run_result result;
	struct runner *runner;
	int err;

	warm.seconds = measure->options->warm_up;
	warm.messages = 0;
	if (warm.seconds <= 0)
		return 0;
	if (measure__cancelled(measure))
		return -ECANCELED;
	err = runner__start(&warm, &runner);
	if (!err)
		err = runner__go(runner, measure->cancel_fd, &result);
	runner__stop(runner);
	return err;
}

static void measure__observe(const struct measure *measure, struct known *known)
{
	known__learn(known, measure->tracer);
	for (int site = 0; site < SITE_COUNT; site++)
		if (measure->proved & 1u << site)
			known->evidence[site] = EVIDENCE_EXACT;
	known->time = measure->options->traced & TRACE_TIME;
	known->own_sockets = true;
}

static int measure__run_once(struct measure *measure, const struct run_spec *spec,
			     struct run_ledger *ledger)
{
	struct observed observed = {};
	struct run_result result;
	int err;

	err = measure__count(measure, spec, &result, observed.counts, &observed.known.lost);
	if (err)
		return err;
	if (measure->tracer)
		measure__observe(measure, &observed.known);
	run_ledger__compose(ledger, spec, &result, measure->tracer ? &observed : NULL);
	side_counts__free(observed.counts);
	return 0;
}

/* Whether another try may help: each reason is a missed event or may be its consequence. */
static bool only_missed(const struct run_ledger *run)
{
	return remarks__only_missed(&run->ledger.reasons);
}

#define TRIES_MAX 5
/* Tries before kprobes are used, where programs were skipped that the kernel can preempt. */
#define TRIES_PREEMPTED 2

static bool skipped_preemptible(const struct measure *measure)
{
	size_t count;
	const struct probe_status *probes = tracer__probes(measure->tracer, &count);

	for (size_t i = 0; i < count; i++)
		if (probes[i].attach != ATTACH_KPROBE && probes[i].state == PROBE_ATTACHED &&
		    probes[i].missed_known && probes[i].missed)
			return true;
	return false;
}

/*
 * A kernel that preempts everywhere (7.x) also preempts fentry and tracepoint programs, and then
 * skips them for the next task on the same processor (bpf_prog->active). It does not preempt kprobe
 * programs.
 */
static int measure__turn_to_kprobes(struct measure *measure)
{
	if (measure->options->attach != ATTACH_AUTO || measure->by_kprobes ||
	    !skipped_preemptible(measure) || !tracer__kernel_has_kprobes())
		return 0;
	measure->by_kprobes = true;
	measure__detach(measure);
	return measure__attach(measure);
}

/* Why a run is done again, as codes. */
static void measure__name_reasons(const struct run_ledger *run, char *names, size_t size)
{
	const struct remarks *reasons = &run->ledger.reasons;

	names[0] = '\0';
	for (size_t i = 0; i < reasons->count; i++) {
		const char *name = remark__name(reasons->remark[i].code);

		if (!strstr(names, name))
			text__append(names, size, "%s%s", *names ? " " : "", name);
	}
}

/* Adds the events that the probes missed in a run that counts. Every tracer has the same probes. */
static int measure__add_misses(struct measure *measure)
{
	size_t count;
	const struct probe_status *probes = tracer__probes(measure->tracer, &count);

	if (!measure->missed)
		measure->missed = calloc(count, sizeof(*measure->missed));
	if (!measure->missed)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (probes[i].state != PROBE_ATTACHED)
			continue;
		measure->missed[i].seen = true;
		measure->missed[i].unknown |= !probes[i].missed_known;
		measure->missed[i].events += probes[i].missed;
	}
	return measure__keep_probes(measure);
}

int measure__run(struct measure *measure, const struct run_spec *spec, struct run_ledger *ledger)
{
	const struct run_ledger asked = *ledger;
	unsigned int tries = 0;
	char why[WHY] = "";
	int err;

	for (;;) {
		err = measure__run_once(measure, spec, ledger);
		if (err)
			return err;
		tries++;
		if (!only_missed(ledger) || tries == TRIES_MAX)
			break;
		measure__name_reasons(ledger, why, sizeof(why));
		run_ledger__free(ledger);
		*ledger = asked;
		if (tries == TRIES_PREEMPTED)
			err = measure__turn_to_kprobes(measure);
		if (err)
			return err;
		if (measure->again)
			measure->again(measure->context, spec, tries + 1);
	}
	ledger->tries = tries;
	if (tries > 1)
		ledger__note(&ledger->ledger, REMARK_RETRIED,
			     VALUES(WHOLE("tries", tries), WORD("reasons", why)));
	if (measure->tracer && measure__add_misses(measure))
		return -ENOMEM;
	if (tries > TRIES_PREEMPTED && measure->by_kprobes)
		ledger__note(&ledger->ledger, REMARK_TURNED_TO_KPROBES, NO_VALUES);
	return 0;
}

int measure__watch_memcpy(struct measure *measure)
{
	return tracer__watch_memcpy(measure->tracer, "/proc/self/exe", USER_COPY_SYMBOL);
}

void measure__unwatch_memcpy(struct measure *measure)
{
	tracer__unwatch_memcpy(measure->tracer);
}

int measure__short_run(struct measure *measure, const struct transport *transport,
		       struct side_counts counts[SIDE_COUNT], struct run_result *result)
{
	unsigned long long lost = 0;
	struct run_result mine;
	struct run_spec spec;

	spec = measure__spec(measure, transport,
			     MIN(measure->options->sizes.value[0], CHECK_BYTES_MAX), 1);
	spec.mode = RUN_STREAM;
	spec.seconds = 0;
	spec.messages = CHECK_MESSAGES;
	spec.verify = false;
	spec.fault = FAULT_NONE;
	return measure__count(measure, &spec, result ?: &mine, counts, &lost);
}

int measure__check_memcpy(struct measure *measure, const struct transport *transport,
			  struct memcpy_check *check)
{
	struct side_counts counts[SIDE_COUNT];
	struct run_result result;
	int err = measure__short_run(measure, transport, counts, &result);

	if (err)
		return err;
	check->self_reported.bytes = result.sent.copied_bytes;
	check->self_reported.calls = result.sent.copies;
	check->uprobe = counts[SENDER].tally.site[SITE_USER_MEMCPY];
	side_counts__free(counts);
	return 0;
}
