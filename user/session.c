// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "environment.h"
#include "json.h"
#include "ledger.h"
#include "path.h"
#include "progress.h"
#include "results.h"
#include "runner.h"
#include "session.h"
#include "table.h"
#include "text.h"
#include "tracer.h"

/* Of the runs that prove user_memcpy: short, because a uprobe costs a trap a call. */
#define CHECK_MESSAGES	64
#define CHECK_BYTES_MAX (1u << 20)

struct session {
	const struct options *options;
	struct path path;
	struct tracer *tracer; /* NULL: nothing is traced */
	int cancel_fd;
	struct progress progress;
	struct results results;
	size_t run_total;
};

/* From here on a signal does not end the harness but makes cancel_fd readable. */
static int session__catch_signals(struct session *session)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	session->cancel_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (session->cancel_fd < 0 || sigprocmask(SIG_BLOCK, &signals, NULL))
		return -errno;
	/* a reader of stdout that goes away is an error of the write, not the end */
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

static bool session__cancelled(const struct session *session)
{
	struct pollfd cancel = {.fd = session->cancel_fd, .events = POLLIN};

	return poll(&cancel, 1, 0) > 0;
}

static int session__open_tracer(struct session *session)
{
	const struct options *options = session->options;
	struct tracer_options tracer_options = {
		.traced = options->traced,
		.attach = options->attach,
		.without = options->without,
		.btf_path = options->btf_path,
		.map_entries = options->map_entries,
		.verbose = options->verbose,
	};

	if (!options->traced)
		return 0;
	progress__show(&session->progress, "attaching");
	return tracer__open(&tracer_options, &session->tracer);
}

static struct run_spec session__spec(const struct session *session,
				     const struct transport *transport, size_t message_bytes,
				     unsigned int threads)
{
	const struct options *options = session->options;

	return (struct run_spec){
		.transport = transport,
		.message_bytes = message_bytes,
		.threads = threads,
		.seconds = options->seconds,
		.messages = options->messages,
		.verify = options->verify,
		.timestamps = options->timestamps,
		.fault = options->fault,
		.address = session->path.address,
		.port = options->port,
		.namespace_fd = {session->path.namespace_fd[SENDER],
				 session->path.namespace_fd[RECEIVER]},
	};
}

/* Between start and stop of a runner: lets it go, traced if there is a tracer. */
static int session__trace(struct session *session, struct runner *runner, struct run_result *result,
			  struct trace_counts counts[SIDE_COUNT])
{
	struct tracer *tracer = session->tracer;
	int err = 0;

	for (int side = 0; side < SIDE_COUNT && tracer && !err; side++)
		err = tracer__follow(tracer, side, runner__pid(runner, side));
	if (err)
		return err;
	if (tracer)
		tracer__arm(tracer);
	err = runner__go(runner, session->cancel_fd, result);
	if (tracer)
		tracer__disarm(tracer);
	for (int side = 0; side < SIDE_COUNT && tracer && !err; side++)
		err = tracer__read(tracer, side, &counts[side]);
	return err;
}

/* One run from start to stop. On success counts are the caller's to free. */
static int session__measure(struct session *session, const struct run_spec *spec,
			    struct run_result *result, struct trace_counts counts[SIDE_COUNT])
{
	struct runner *runner;
	int err;

	memset(result, 0, sizeof(*result));
	memset(counts, 0, SIDE_COUNT * sizeof(*counts));
	if (session__cancelled(session))
		return -ECANCELED;
	err = runner__start(spec, &runner);
	if (err)
		return err;
	err = session__trace(session, runner, result, counts);
	runner__stop(runner);
	if (session->tracer && tracer__forget(session->tracer) && !err)
		err = -EIO;
	for (int side = 0; side < SIDE_COUNT && err; side++)
		trace_counts__free(&counts[side]);
	return err;
}

static void session__observe(struct session *session, struct observed *observed)
{
	struct tracer *tracer = session->tracer;

	for (int site = 0; site < SITE_COUNT; site++)
		observed->evidence[site] = tracer__evidence(tracer, site);
	observed->switches_known = tracer__counts_switches(tracer);
	observed->activities_known = tracer__knows_activities(tracer);
	observed->retransmit_known = tracer__counts_retransmits(tracer);
	observed->pin_attempted_known = tracer__counts_pin_attempts(tracer);
	observed->probes = tracer__probes(tracer, &observed->probe_count);
}

static int session__run_one(struct session *session, const struct run_spec *spec,
			    unsigned int repeat)
{
	struct ledger *ledger = &session->results.runs[session->results.run_count];
	struct observed observed = {};
	struct run_result result;
	int err;

	err = session__measure(session, spec, &result, observed.counts);
	if (err)
		return err;
	ledger->path = session->options->path.name;
	ledger->repeat = repeat;
	ledger->traced = session->options->traced;
	if (session->tracer)
		session__observe(session, &observed);
	ledger__compose(ledger, spec, &result, session->tracer ? &observed : NULL);
	session->results.run_count++;
	for (int side = 0; side < SIDE_COUNT; side++)
		trace_counts__free(&observed.counts[side]);
	return 0;
}

static void session__show_run(const struct session *session, const struct run_spec *spec)
{
	char size[TEXT_NUMBER], end[TEXT_NUMBER + 16];

	if (spec->messages)
		snprintf(end, sizeof(end), "%llu messages", (unsigned long long)spec->messages);
	else
		snprintf(end, sizeof(end), "%g s", spec->seconds);
	progress__show(&session->progress, "run %zu of %zu: %s, %s, %u thread%s, %s",
		       session->results.run_count + 1, session->run_total, spec->transport->name,
		       text__size(size, spec->message_bytes), spec->threads,
		       spec->threads == 1 ? "" : "s", end);
}

static int session__run_transports(struct session *session, unsigned int repeat, size_t size,
				   unsigned int threads)
{
	const struct options *options = session->options;
	int err = 0;

	for (size_t i = 0; i < options->transport_count && !err; i++) {
		struct run_spec spec = session__spec(session, options->transport[i], size, threads);

		session__show_run(session, &spec);
		err = session__run_one(session, &spec, repeat);
	}
	return err;
}

/*
 * Transports innermost, because they are what is compared; repeats outermost, so that a machine
 * that changes its pace treats all alike. The first failure ends the session: what went wrong once
 * would mostly go wrong again.
 */
static int session__run_grid(struct session *session)
{
	const struct options *options = session->options;
	int err = 0;

	session->results.runs = calloc(session->run_total, sizeof(*session->results.runs));
	if (!session->results.runs)
		return -ENOMEM;
	for (unsigned int repeat = 1; repeat <= options->repeat; repeat++)
		for (size_t t = 0; t < options->threads.count; t++)
			for (size_t s = 0; s < options->sizes.count && !err; s++)
				err = session__run_transports(session, repeat,
							      options->sizes.value[s],
							      options->threads.value[t]);
	session->results.complete = !err;
	return err;
}

static int session__check_one(struct session *session, const struct transport *transport,
			      struct memcpy_check *check)
{
	struct trace_counts counts[SIDE_COUNT];
	struct run_spec spec;
	struct run_result result;
	int err;

	spec = session__spec(session, transport, session->options->sizes.value[0], 1);
	if (spec.message_bytes > CHECK_BYTES_MAX)
		spec.message_bytes = CHECK_BYTES_MAX;
	spec.seconds = 0;
	spec.messages = CHECK_MESSAGES;
	spec.verify = false;
	spec.fault = FAULT_NONE;
	err = session__measure(session, &spec, &result, counts);
	if (err)
		return err;
	check->transport = transport->name;
	check->self_reported.bytes = result.sent.copied_bytes;
	check->self_reported.calls = result.sent.copies;
	check->uprobe = counts[SENDER].tally.site[SITE_USER_MEMCPY];
	for (int side = 0; side < SIDE_COUNT; side++)
		trace_counts__free(&counts[side]);
	return 0;
}

/* Proves what transports say of their own memcpy, in runs apart from the timed ones. */
static int session__check_memcpy(struct session *session)
{
	const struct options *options = session->options;
	struct results *results = &session->results;
	int err = 0, uprobe;

	if (!(options->traced & TRACE_COPIES))
		return 0;
	results->checks = calloc(options->transport_count, sizeof(*results->checks));
	if (!results->checks)
		return -ENOMEM;
	uprobe = tracer__watch_memcpy(session->tracer, "/proc/self/exe", USER_COPY_SYMBOL);
	for (size_t i = 0; i < options->transport_count && !err; i++) {
		struct memcpy_check *check = &results->checks[i];

		progress__show(&session->progress, "checking the memcpy count of %s",
			       options->transport[i]->name);
		check->transport = options->transport[i]->name;
		check->error = uprobe;
		if (!uprobe)
			err = session__check_one(session, options->transport[i], check);
		results->check_count += !err;
	}
	if (!uprobe)
		tracer__unwatch_memcpy(session->tracer);
	return err;
}

static bool session__valid(const struct session *session)
{
	const struct results *results = &session->results;
	bool valid = true;

	for (size_t i = 0; i < results->run_count; i++)
		valid = valid && results->runs[i].valid;
	for (size_t i = 0; i < results->check_count; i++)
		valid = valid &&
			(results->checks[i].error || memcpy_check__equal(&results->checks[i]));
	return valid;
}

static int session__print(struct session *session)
{
	struct results *results = &session->results;
	json_t *document;
	int err;

	if (session->tracer)
		results->probes = tracer__probes(session->tracer, &results->probe_count);
	if (session->options->json) {
		document = json__document(results, environment__json());
		err = json__print(stdout, document);
		json_decref(document);
	} else {
		err = table__print(stdout, results);
	}
	if (!err && fflush(stdout))
		err = -EIO;
	if (err)
		fprintf(stderr, "harness: cannot write the results to standard output\n");
	return err;
}

/* Which signal it was, and so with what status to end. */
static int session__interrupted(const struct session *session)
{
	struct signalfd_siginfo info = {.ssi_signo = SIGINT};

	if (read(session->cancel_fd, &info, sizeof(info)) != sizeof(info))
		info.ssi_signo = SIGINT;
	fprintf(stderr, "harness: interrupted by SIG%s; %zu of %zu runs are complete\n",
		sigabbrev_np(info.ssi_signo), session->results.run_count, session->run_total);
	return EXIT_SIGNAL + info.ssi_signo;
}

/* What could not be set up was said by whoever could not; this is only its number. */
static int status_of_setup(int err)
{
	switch (err) {
	case -EPERM:
	case -EOPNOTSUPP:
	case -ENOENT:
		return EXIT_CANNOT;
	case -ENODEV: /* --path names an interface that does not exist */
		return EXIT_USAGE;
	}
	return EXIT_INVALID;
}

/* The runs, with everything set up for them. */
static int session__go(struct session *session)
{
	int err;

	err = session__check_memcpy(session);
	if (!err)
		err = session__run_grid(session);
	progress__clear(&session->progress);
	if (session__print(session) && !err)
		err = -EIO;
	if (err == -ECANCELED)
		return session__interrupted(session);
	return err || !session__valid(session) ? EXIT_INVALID : EXIT_VALID;
}

static void session__close(struct session *session)
{
	for (size_t i = 0; i < session->results.run_count; i++)
		ledger__free(&session->results.runs[i]);
	free(session->results.runs);
	free(session->results.checks);
	tracer__close(session->tracer);
	close(session->cancel_fd);
}

int session__run(const struct options *options)
{
	struct session session = {.options = options};
	int status, err;

	session.run_total = (size_t)options->repeat * options->threads.count *
			    options->sizes.count * options->transport_count;
	progress__open(&session.progress, stderr);
	err = session__catch_signals(&session);
	if (err) {
		fprintf(stderr, "harness: cannot catch signals: %s\n", strerror(-err));
		return EXIT_INVALID;
	}
	err = session__open_tracer(&session);
	if (!err) {
		err = path__open(&options->path, &session.path);
		status = err ? status_of_setup(err) : session__go(&session);
		if (!err)
			path__close(&session.path);
	} else {
		status = status_of_setup(err);
	}
	progress__clear(&session.progress);
	session__close(&session);
	return status;
}
