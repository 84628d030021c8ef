// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "run/archive.h"
#include "host/environment.h"
#include "run/grid.h"
#include "output/json.h"
#include "ledger/ledger.h"
#include "run/measure.h"
#include "traffic/memory.h"
#include "net/path.h"
#include "output/progress.h"
#include "output/results.h"
#include "run/session.h"
#include "run/summary.h"
#include "output/table.h"
#include "base/text.h"

#define ARGUMENTS_MAX 256 /* words of a command line */

struct session {
	const struct options *options;
	struct archive *archive; /* NULL: nothing is kept */
	struct path path;
	struct measure measure;
	struct progress progress;
	struct results results;
	size_t run_total; /* at least */
	size_t runs_done; /* those of the archive included */
};

/* From here on a signal does not end the harness but makes cancel_fd readable. */
static int session__catch_signals(struct session *session)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	session->measure.cancel_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (session->measure.cancel_fd < 0 || sigprocmask(SIG_BLOCK, &signals, NULL))
		return -errno;
	/* a reader of stdout that goes away is an error of the write, not the end */
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

static json_t *json__words(int count, char *const words[])
{
	json_t *array = json_array();

	for (int i = 0; i < count; i++)
		json_array_append_new(array, json_string(words[i]));
	return array;
}

/* Where and with what the numbers are measured, and what it takes to go on with them. */
static json_t *session__environment(const struct session *session)
{
	const struct options *options = session->options;
	json_t *json = environment__json();
	size_t count;
	const struct probe_status *probes = measure__probes(&session->measure, &count);

	json_object_set_new(json, "arguments", json__words(options->argc, options->argv));
	json_object_set_new(json, "seed", json_integer(options->seed));
	json_object_set_new(json, "path_details", path__json(&session->path));
	json_object_set_new(json, "probes", json__probes(probes, count));
	json_object_set_new(
		json, "attach_seconds",
		json__real(session->measure.attach_seconds > 0, session->measure.attach_seconds));
	return json;
}

static void session__show_run(void *context, const struct run_spec *spec, unsigned int try)
{
	char size[TEXT_NUMBER], end[TEXT_NUMBER + 16], left[TEXT_NUMBER], again[TEXT_NUMBER] = "";
	const struct session *session = context;

	if (spec->messages)
		snprintf(end, sizeof(end), "%llu messages", (unsigned long long)spec->messages);
	else
		snprintf(end, sizeof(end), "%g s", spec->seconds);
	if (try > 1)
		snprintf(again, sizeof(again), ", try %u", try);
	progress__show(
		&session->progress, "run %zu of %zu%s%s: %s, %s, %u thread%s, %s",
		session->runs_done + 1, session->run_total,
		progress__left(&session->progress, session->runs_done, session->run_total, left),
		again, spec->transport->name, text__size(size, spec->message_bytes), spec->threads,
		spec->threads == 1 ? "" : "s", end);
}

/* Room for one more ledger, all zero. */
static struct ledger *results__next(struct results *results)
{
	struct ledger *runs;

	runs = reallocarray(results->runs, results->run_count + 1, sizeof(*runs));
	if (!runs)
		return NULL;
	results->runs = runs;
	runs += results->run_count;
	memset(runs, 0, sizeof(*runs));
	return runs;
}

/* A run that an earlier session made, from its JSON; NULL if it is still to be made. */
static const json_t *session__made(const struct session *session, const struct plan_run *run)
{
	json_t *each;
	size_t i;

	if (!session->archive)
		return NULL;
	json_array_foreach (session->archive->runs, i, each)
		if (json__is_of(each, run->transport->name, run->message_bytes, run->threads) &&
		    json_integer_value(json__at(each, "repeat")) == run->repeat &&
		    !json_array_size(json__at(each, "traced")) == !run->traced)
			return each;
	return NULL;
}

static int session__run_one(struct session *session, const struct plan_run *run)
{
	struct ledger *ledger = results__next(&session->results);
	struct measure *measure = &session->measure;
	struct run_spec spec;
	int err;

	if (!ledger)
		return -ENOMEM;
	if (!run->traced)
		measure__detach(measure);
	err = run->traced ? measure__attach(measure) : 0;
	if (err)
		return err;
	spec = measure__spec(measure, run->transport, run->message_bytes, run->threads);
	if (!session->progress.start_ns)
		progress__start(&session->progress, session->runs_done);
	session__show_run(session, &spec, 1);
	err = measure__warm_up(measure, &spec);
	if (err)
		return err;
	ledger->path = session->options->path.name;
	ledger->combination = run->combination;
	ledger->repeat = run->repeat;
	ledger->sequence = session->runs_done + 1;
	ledger->traced = run->traced ? session->options->traced : TRACE_NONE;
	if (ledger->traced & TRACE_COPIES)
		path__uncounted(&session->path, ledger->uncounted, sizeof(ledger->uncounted));
	err = measure__run(measure, &spec, ledger);
	if (err && err != -ECANCELED)
		path__complain_of_links(&session->path);
	if (err)
		return err;
	session->results.run_count++;
	return session->archive ? archive__add(session->archive, json__run(ledger)) : 0;
}

static int session__make_run(void *context, const struct plan_run *run, double *throughput)
{
	struct session *session = context;
	const struct results *results = &session->results;
	const json_t *made = session__made(session, run);
	int err = 0;

	if (made) {
		*throughput = json_number_value(json__at(made, "throughput_gbps"));
	} else {
		err = session__run_one(session, run);
		if (!err)
			*throughput = results->runs[results->run_count - 1].throughput_gbps;
	}
	if (!err && ++session->runs_done > session->run_total)
		session->run_total = session->runs_done;
	return err;
}

/* In the order of the lists, whatever the order they were made in. */
static int ledger__compare(const void *left, const void *right)
{
	const struct ledger *a = left, *b = right;

	if (a->repeat != b->repeat)
		return a->repeat < b->repeat ? -1 : 1;
	if (a->combination != b->combination)
		return a->combination < b->combination ? -1 : 1;
	return !a->traced - !b->traced;
}

/* The first failure ends it: what went wrong once would mostly go wrong again. */
static int session__run_grid(struct session *session)
{
	struct results *results = &session->results;
	int err;

	err = grid__run(session->options, session__make_run, session);
	if (results->run_count)
		qsort(results->runs, results->run_count, sizeof(*results->runs), ledger__compare);
	results->complete = !err;
	return err;
}

/*
 * Proves what transports say of their own memcpy, in runs apart from the timed ones, and after
 * them: to take a uprobe out costs grace periods (uprobe_unregister_sync), a tenth of a second of
 * waiting. `ended`: why the runs ended before they were all done; then nothing is proved, and that
 * is said.
 */
static int session__check_memcpy(struct session *session, int ended)
{
	const struct options *options = session->options;
	struct results *results = &session->results;
	int err, uprobe;

	if (!(options->traced & TRACE_COPIES))
		return ended;
	results->checks = calloc(options->transport_count, sizeof(*results->checks));
	if (!results->checks)
		return -ENOMEM;
	for (size_t i = 0; i < options->transport_count; i++)
		results->checks[i] = (struct memcpy_check){.transport = options->transport[i]->name,
							   .error = -ECANCELED};
	results->check_count = options->transport_count;
	if (ended)
		return ended;
	/* the last run may have been one without probes */
	err = measure__attach(&session->measure);
	if (err)
		return err;
	uprobe = measure__watch_memcpy(&session->measure);
	for (size_t i = 0; i < options->transport_count && !err; i++) {
		struct memcpy_check *check = &results->checks[i];

		progress__show(&session->progress, "checking the memcpy count of %s",
			       options->transport[i]->name);
		check->error = uprobe;
		if (!uprobe)
			err = measure__check_memcpy(&session->measure, options->transport[i],
						    check);
		check->error = check->error ?: err;
	}
	if (!uprobe)
		measure__unwatch_memcpy(&session->measure);
	return err;
}

static bool archive__valid(const struct archive *archive)
{
	json_t *run;
	size_t i;

	json_array_foreach (archive->runs, i, run)
		if (!json_is_true(json__at(run, "valid")))
			return false;
	return true;
}

static bool session__valid(const struct session *session)
{
	const struct results *results = &session->results;
	bool valid = !session->archive || archive__valid(session->archive);

	for (size_t i = 0; i < results->run_count; i++)
		valid = valid && results->runs[i].valid;
	for (size_t i = 0; i < results->check_count; i++)
		valid = valid &&
			(results->checks[i].error || memcpy_check__equal(&results->checks[i]));
	return valid;
}

static int memory__complain(const struct run_spec *spec, uint64_t available)
{
	const double gib = 1 << 30;
	char size[TEXT_NUMBER];

	fprintf(stderr,
		"harness: %s, %u thread%s and messages of %s bytes need %.1f GiB of memory, and "
		"%.1f GiB are available; use fewer threads or smaller messages\n",
		spec->transport->name, spec->threads, spec->threads == 1 ? "" : "s",
		text__size(size, spec->message_bytes), memory__needed(spec) / gib, available / gib);
	return -ENOMEM;
}

/* Before the first run of many, not before the one that does not fit. */
static int session__check_memory(const struct session *session)
{
	const struct options *options = session->options;
	uint64_t available = memory__available("");

	for (size_t t = 0; t < options->threads.count; t++)
		for (size_t s = 0; s < options->sizes.count; s++)
			for (size_t i = 0; i < options->transport_count; i++) {
				struct run_spec spec = measure__spec(
					&session->measure, options->transport[i],
					options->sizes.value[s], options->threads.value[t]);

				if (memory__needed(&spec) > available)
					return memory__complain(&spec, available);
			}
	return 0;
}

/* Of an archive all runs, those of earlier sessions included. */
static json_t *session__document(const struct session *session)
{
	json_t *document = json__document(&session->results, session__environment(session));

	if (session->archive)
		json_object_set(document, "runs", session->archive->runs);
	return document;
}

/*
 * A traced run and its baseline run share one row of the table: what is counted is of the one, how
 * fast it is without probes of the other. Sorted, the baseline run comes next.
 */
static int session__print_table(const struct session *session)
{
	struct results shown = session->results;
	int err;

	shown.runs = calloc(shown.run_count + 1, sizeof(*shown.runs));
	if (!shown.runs)
		return -ENOMEM;
	shown.run_count = 0;
	for (size_t i = 0; i < session->results.run_count; i++) {
		const struct ledger *run = &session->results.runs[i];
		struct ledger *last = shown.run_count ? &shown.runs[shown.run_count - 1] : NULL;

		if (last && last->traced && !run->traced && last->repeat == run->repeat &&
		    last->combination == run->combination)
			last->plain_gbps = (struct maybe){true, run->throughput_gbps};
		else
			shown.runs[shown.run_count++] = *run;
	}
	err = table__print(stdout, &shown);
	free(shown.runs);
	return err;
}

static int session__print(struct session *session)
{
	struct results *results = &session->results;
	json_t *document;
	int err;

	results->probes = measure__probes(&session->measure, &results->probe_count);
	if (session->options->json) {
		document = session__document(session);
		err = json__print(stdout, document);
		json_decref(document);
	} else {
		err = session__print_table(session);
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

	if (read(session->measure.cancel_fd, &info, sizeof(info)) != sizeof(info))
		info.ssi_signo = SIGINT;
	fprintf(stderr, "harness: interrupted by SIG%s; %zu of %zu runs are complete\n",
		sigabbrev_np(info.ssi_signo), session->runs_done, session->run_total);
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
	int err = session__check_memory(session);

	if (err)
		return EXIT_INVALID;
	/* what was resumed stays described as it was at first */
	if (session->archive && !session->archive->environment)
		err = archive__describe(session->archive, session__environment(session));
	if (err)
		return EXIT_INVALID;
	err = session__run_grid(session);
	err = session__check_memcpy(session, err);
	progress__clear(&session->progress);
	if (session->archive && archive__summarize(session->archive) && !err)
		err = -EIO;
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
	measure__close(&session->measure);
	close(session->measure.cancel_fd);
}

/* With or without an archive to write to. */
static int session__run_in(const struct options *options, struct archive *archive)
{
	struct session session = {
		.options = options,
		.archive = archive,
		.measure = {.options = options,
			    .path = &session.path,
			    .again = session__show_run,
			    .context = &session},
		.run_total = (size_t)options->repeat * plan__combinations(options) *
			     plan__variants(options),
	};
	int status, err;

	progress__open(&session.progress, stderr);
	err = session__catch_signals(&session);
	if (err) {
		fprintf(stderr, "harness: cannot catch signals: %s\n", strerror(-err));
		return EXIT_INVALID;
	}
	progress__show(&session.progress, "attaching");
	err = measure__attach(&session.measure);
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

/* Rows of two machines, kernels or programs are not repeats of one another. */
static int archive__compare(const struct archive *archive)
{
	static const char *const keys[] = {"kernel", "machine", "cpu", "harness"};
	json_t *here = environment__json();
	int err = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !err; i++) {
		const json_t *then = json__at(archive->environment, keys[i]);
		const json_t *now = json__at(here, keys[i]);

		if (json_equal(then, now))
			continue;
		fprintf(stderr, "harness: --resume %s: its %s is %s, and here it is %s\n",
			archive->name, keys[i], json_string_value(then) ?: "unknown",
			json_string_value(now) ?: "unknown");
		err = -EINVAL;
	}
	json_decref(here);
	return err;
}

/* What the command line was when the archive was created, but for what this one says of output. */
static int archive__options(const struct archive *archive, const struct options *asked, char **argv,
			    struct options *options)
{
	const json_t *words = json__at(archive->environment, "arguments");
	size_t count = json_array_size(words);
	int err;

	for (size_t i = 0; i < count && i < ARGUMENTS_MAX; i++)
		argv[i] = (char *)json_string_value(json_array_get(words, i));
	err = options__parse(MIN(count, ARGUMENTS_MAX), argv, options);
	if (err || !count || !options->out) {
		fprintf(stderr,
			"harness: --resume %s: environment.json does not say how it was made\n",
			archive->name);
		return -EINVAL;
	}
	options->seed = json_integer_value(json__at(archive->environment, "seed"));
	options->json = asked->json;
	options->verbose = asked->verbose;
	return 0;
}

static int session__resume(const struct options *asked)
{
	char *argv[ARGUMENTS_MAX + 1] = {};
	struct options options;
	struct archive archive;
	int status = EXIT_USAGE;

	if (archive__resume(&archive, asked->resume))
		return EXIT_USAGE;
	if (!archive__compare(&archive) && !archive__options(&archive, asked, argv, &options))
		status = session__run_in(&options, &archive);
	archive__close(&archive);
	return status;
}

int session__run(const struct options *options)
{
	struct archive archive;
	int status;

	if (options->resume)
		return session__resume(options);
	if (!options->out)
		return session__run_in(options, NULL);
	if (archive__create(&archive, options->out))
		return EXIT_USAGE;
	status = session__run_in(options, &archive);
	archive__close(&archive);
	return status;
}
