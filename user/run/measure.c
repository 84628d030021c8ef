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
#include "base/text.h"

/* Of the runs that prove user_memcpy: short, because a uprobe costs a trap a call. */
#define CHECK_MESSAGES	64
#define CHECK_BYTES_MAX (1u << 20)

#define WHY 512

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
		if (measure->missed[i].set_aside && probes[i].state != PROBE_NOT_NEEDED)
			measure->probes[i].state =
				measure->missed[i].seen ? PROBE_ATTACHED : PROBE_SET_ASIDE;
	}
	return 0;
}

int measure__attach(struct measure *measure)
{
	const struct options *options = measure->options;
	struct tracer_options tracer_options = {
		.traced = options->traced,
		.attach = measure->by_kprobes ? ATTACH_KPROBE : options->attach,
		.without = options->without,
		.btf_path = options->btf_path,
		.map_entries = options->map_entries,
		.verbose = options->verbose,
	};
	uint64_t start_ns;
	int err;

	if (measure->tracer || !(options->traced & TRACE_PROBES))
		return 0;
	start_ns = control__now();
	err = tracer__open(&tracer_options, &measure->tracer);
	measure->attach_seconds = 1e-9 * (control__now() - start_ns);
	return err ?: measure__keep_probes(measure);
}

void measure__detach(struct measure *measure)
{
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

static bool measure__cancelled(const struct measure *measure)
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

/* Between start and stop of a runner: lets it go, traced if there is a tracer. */
static int measure__trace(struct measure *measure, struct runner *runner, struct run_result *result,
			  struct trace_counts counts[SIDE_COUNT])
{
	struct tracer *tracer = measure->tracer;
	int err = 0, settled;

	for (int side = 0; side < SIDE_COUNT && tracer && !err; side++)
		err = tracer__follow(tracer, side, runner__pid(runner, side));
	if (err)
		return err;
	if (tracer)
		tracer__arm(tracer);
	err = runner__go(runner, measure->cancel_fd, result);
	settled = tracer ? tracer__disarm(tracer) : 0;
	err = err ?: settled;
	for (int side = 0; side < SIDE_COUNT && tracer && !err; side++)
		err = tracer__read(tracer, side, &counts[side]);
	return err;
}

/* One run from start to stop. On success counts are the caller's to free. */
static int measure__count(struct measure *measure, const struct run_spec *spec,
			  struct run_result *result, struct trace_counts counts[SIDE_COUNT])
{
	const enum lending lending[RUN_OWNERS] = {
		[SENDER] = spec->transport->lends ? LENDING_ALL : LENDING_NONE,
		[RECEIVER] = LENDING_NONE, /* who asks for a message sends, too */
	};
	struct runner *runner;
	int err;

	memset(result, 0, sizeof(*result));
	memset(counts, 0, SIDE_COUNT * sizeof(*counts));
	if (measure__cancelled(measure))
		return -ECANCELED;
	err = measure->tracer ? tracer__expect(measure->tracer, lending) : 0;
	if (!err)
		err = runner__start(spec, &runner);
	if (err)
		return err;
	err = measure__trace(measure, runner, result, counts);
	runner__stop(runner);
	if (measure->tracer && tracer__forget(measure->tracer) && !err)
		err = -EIO;
	for (int side = 0; side < SIDE_COUNT && err; side++)
		trace_counts__free(&counts[side]);
	return err;
}

static void measure__observe(const struct measure *measure, struct observed *observed)
{
	struct tracer *tracer = measure->tracer;

	for (int site = 0; site < SITE_COUNT; site++)
		observed->evidence[site] = tracer__evidence(tracer, site);
	observed->send_calls_unknown = tracer__reads_queues(tracer);
	observed->switches_known = tracer__counts_switches(tracer);
	observed->activities_known = tracer__knows_activities(tracer);
	observed->retransmit_known = tracer__counts_retransmits(tracer);
	observed->departures_known = tracer__counts_departures(tracer);
	observed->pin_attempted_known = tracer__counts_pin_attempts(tracer);
	observed->lent_sends_known = tracer__counts_lent_sends(tracer);
	observed->probes = tracer__probes(tracer, &observed->probe_count);
}

static int measure__run_once(struct measure *measure, const struct run_spec *spec,
			     struct ledger *ledger)
{
	struct observed observed = {};
	struct run_result result;
	int err;

	err = measure__count(measure, spec, &result, observed.counts);
	if (err)
		return err;
	if (measure->tracer)
		measure__observe(measure, &observed);
	ledger__compose(ledger, spec, &result, measure->tracer ? &observed : NULL);
	for (int side = 0; side < SIDE_COUNT; side++)
		trace_counts__free(&observed.counts[side]);
	return 0;
}

/*
 * Whether another try may help: nothing is wrong but that events were missed. A result that is
 * wrong for any other reason stands as it is.
 */
static bool only_missed(const struct ledger *ledger)
{
	return !ledger->valid && ledger->missed_count &&
	       ledger->missed_count == ledger->reason_count;
}

#define TRIES_MAX	5
#define TRIES_PREEMPTED 2 /* with programs that may be preempted, where that is the reason */

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
 * A kernel that preempts everywhere (7.x) preempts programs on fentry and tracepoints too, and
 * skips them for whoever comes to the same processor meanwhile (bpf_prog->active). Those of kprobes
 * it does not preempt.
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

static void measure__say_why(const struct ledger *ledger, char *why, size_t size)
{
	why[0] = '\0';
	for (size_t i = 0; i < ledger->reason_count; i++)
		text__append(why, size, "%s%s", i ? ", " : "", ledger->reasons[i]);
}

/* What was missed in the run that now counts. Every tracer has the same probes. */
static int measure__add_misses(struct measure *measure)
{
	size_t count;
	const struct probe_status *probes = tracer__probes(measure->tracer, &count);

	if (!measure->missed)
		measure->missed = calloc(count, sizeof(*measure->missed));
	if (!measure->missed)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (probes[i].state == PROBE_SET_ASIDE)
			measure->missed[i].set_aside = true;
		if (probes[i].state != PROBE_ATTACHED)
			continue;
		measure->missed[i].seen = true;
		measure->missed[i].unknown |= !probes[i].missed_known;
		measure->missed[i].events += probes[i].missed;
	}
	return measure__keep_probes(measure);
}

int measure__run(struct measure *measure, const struct run_spec *spec, struct ledger *ledger)
{
	const struct ledger asked = *ledger;
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
		measure__say_why(ledger, why, sizeof(why));
		ledger__free(ledger);
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
		ledger__note(ledger,
			     "%s was run %u times, because events passed the probes unseen: %s",
			     ledger->transport, tries, why);
	if (measure->tracer && measure__add_misses(measure))
		return -ENOMEM;
	if (tries > TRIES_PREEMPTED && measure->by_kprobes)
		ledger__note(ledger,
			     "from here on the probes are kprobes: this kernel kept skipping "
			     "the programs of others, which it may preempt");
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

int measure__check_memcpy(struct measure *measure, const struct transport *transport,
			  struct memcpy_check *check)
{
	struct trace_counts counts[SIDE_COUNT];
	struct run_result result;
	struct run_spec spec;
	int err;

	spec = measure__spec(measure, transport,
			     MIN(measure->options->sizes.value[0], CHECK_BYTES_MAX), 1);
	spec.mode = RUN_STREAM;
	spec.seconds = 0;
	spec.messages = CHECK_MESSAGES;
	spec.verify = false;
	spec.fault = FAULT_NONE;
	err = measure__count(measure, &spec, &result, counts);
	if (err)
		return err;
	check->self_reported.bytes = result.sent.copied_bytes;
	check->self_reported.calls = result.sent.copies;
	check->uprobe = counts[SENDER].tally.site[SITE_USER_MEMCPY];
	for (int side = 0; side < SIDE_COUNT; side++)
		trace_counts__free(&counts[side]);
	return 0;
}
