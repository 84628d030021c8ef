// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "host/environment.h"
#include "host/privilege.h"
#include "output/json.h"
#include "run/advice.h"
#include "run/plan.h"
#include "run/session.h"
#include "run/session_parts.h"
#include "run/session_screen.h"

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
	/* a closed stdout is reported as a failed write, and does not end the process */
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

/* The environment of the numbers, and the options for --resume. */
static json_t *session__environment(const struct session *session)
{
	const struct options *options = session->options;
	json_t *json = environment__json();
	size_t count;
	const struct probe_status *probes = measure__probes(&session->measure, &count);

	json_object_set_new(json, "arguments", json__words(options->argc, options->argv));
	json_object_set_new(json, "seed", json_integer(options->seed));
	json_object_set(json, "left_out", session->left_out);
	json_object_set_new(json, "path_details", path__json(&session->path));
	json_object_set_new(json, "sites", json__site_table());
	json_object_set_new(json, "probes", json__probes(probes, count));
	json_object_set_new(
		json, "attach_seconds",
		json__real(session->measure.attach_seconds > 0, session->measure.attach_seconds));
	return json;
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

/* Whether the proofs agree, those of earlier sessions included. */
static bool archive__proofs_equal(const struct archive *archive)
{
	json_t *proof, *site;
	size_t i, j;

	json_array_foreach (json__at(archive->proofs, "proofs"), i, proof)
		json_array_foreach (json__at(proof, "sites"), j, site)
			if (json_is_false(json__at(site, "equal")))
				return false;
	return true;
}

static bool session__valid(const struct session *session)
{
	const struct results *results = &session->results;
	bool valid = !session->archive ||
		     (archive__valid(session->archive) && archive__proofs_equal(session->archive));

	for (size_t i = 0; i < results->run_count; i++)
		valid = valid && results->runs[i].ledger.valid;
	for (size_t i = 0; i < results->proof_count; i++)
		valid = valid && proof__equal(&results->proofs[i]);
	for (size_t i = 0; i < results->check_count; i++)
		valid = valid &&
			(results->checks[i].error || memcpy_check__equal(&results->checks[i]));
	return valid;
}

/* The document; with an archive it has all runs, those of earlier sessions included. */
static json_t *session__document(const struct session *session)
{
	json_t *document = json__document(&session->results, session__environment(session));

	if (session->options->advise)
		json_object_set_new(document, "advice",
				    advice__json(session->options, json__at(document, "runs")));
	if (!session->archive)
		return document;
	json_object_set(document, "runs", session->archive->runs);
	if (session->archive->proofs)
		json_object_set(document, "proofs",
				json_object_get(session->archive->proofs, "proofs"));
	return document;
}

static int session__keep_proofs(const struct session *session)
{
	json_t *proofs, *checks;
	int err;

	if (!session->archive || !session->results.proof_count)
		return 0;
	proofs = json__proofs(&session->results);
	checks = json__memcpy_checks(&session->results);
	err = archive__add_proofs(session->archive, proofs, checks);
	json_decref(proofs);
	json_decref(checks);
	return err;
}

static int session__print_table(const struct session *session)
{
	const struct session_screen screen = {
		.options = session->options,
		.archive = session->archive,
		.results = &session->results,
		.run_total = session->run_total,
		.runs_done = session->runs_done,
	};

	return session_screen__print(&screen, stdout);
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
		err = -errno;
	if (err)
		fprintf(stderr, "harness: cannot write the results to standard output: %s\n",
			strerror(-err));
	return err;
}

/* The exit status for the signal that interrupted the session. */
static int session__interrupted(const struct session *session)
{
	struct signalfd_siginfo info = {.ssi_signo = SIGINT};

	if (read(session->measure.cancel_fd, &info, sizeof(info)) != sizeof(info))
		info.ssi_signo = SIGINT;
	fprintf(stderr, "harness: interrupted by SIG%s; %zu of %zu runs are complete\n",
		sigabbrev_np(info.ssi_signo), session->runs_done, session->run_total);
	return EXIT_SIGNAL + info.ssi_signo;
}

/* The exit status after a failed set-up, which has its line on stderr. */
static int status_of_setup(int err)
{
	switch (err) {
	case -EPERM:
	case -EOPNOTSUPP:
	case -ENOENT:
		return EXIT_CANNOT;
	case -ESTALE:  /* --resume, and other transports can run now */
	case -ENODEV:  /* --path names an interface that does not exist */
	case -EBADMSG: /* --btf names a file that is none */
		return EXIT_USAGE;
	}
	return EXIT_INVALID;
}

/*
 * What is left to do: attach and detach again, enter namespaces, start sides as another user and
 * end them, give files to the caller of sudo, and give interfaces back.
 */
static void session__drop_privileges(const struct session *session)
{
	uint64_t kept = CAPABILITY(BPF) | CAPABILITY(PERFMON) | CAPABILITY(SYSLOG) |
			CAPABILITY(SYS_ADMIN) | CAPABILITY(SYS_PTRACE) | CAPABILITY(SYS_RESOURCE) |
			CAPABILITY(IPC_LOCK) | CAPABILITY(NET_BIND_SERVICE) | CAPABILITY(SETUID) |
			CAPABILITY(SETGID) | CAPABILITY(KILL) | CAPABILITY(CHOWN) |
			CAPABILITY(DAC_OVERRIDE) | CAPABILITY(DAC_READ_SEARCH);

	if (session->options->path.kind == PATH_NIC)
		kept |= CAPABILITY(NET_ADMIN);
	privilege__keep(kept);
}

/* Makes the runs, after all is set up. */
static int session__go(struct session *session)
{
	int err = session__check_memory(session);

	if (err)
		return EXIT_INVALID;
	/* a resumed archive keeps its first description */
	if (session->archive && !session->archive->environment)
		err = archive__describe(session->archive, session__environment(session));
	if (err)
		return EXIT_INVALID;
	err = session__prove(session);
	if (!err)
		err = session__run_grid(session);
	err = session__check_memcpy(session, err);
	progress__clear(&session->progress);
	if (session__keep_proofs(session) && !err)
		err = -EIO;
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
		run_ledger__free(&session->results.runs[i]);
	free(session->results.runs);
	free(session->results.checks);
	free(session->results.proofs);
	json_decref(session->left_out);
	measure__close(&session->measure);
	close(session->measure.cancel_fd);
}

int session__run_in(const struct options *asked, struct archive *archive)
{
	struct options options = *asked; /* without the transports that cannot run here */
	struct session session = {
		.options = &options,
		.archive = archive,
		.measure = {.options = &options,
			    .path = &session.path,
			    .again = session__show_run,
			    .context = &session},
		.left_out = json_array(),
	};
	int status, err;

	progress__open(&session.progress, stderr);
	session.progress.run_s = options.seconds > 0 ? options.seconds + options.warm_up : 0;
	err = session__catch_signals(&session);
	if (err) {
		fprintf(stderr, "harness: cannot catch signals: %s\n", strerror(-err));
		return EXIT_INVALID;
	}
	progress__show(&session.progress, "attaching");
	err = measure__attach(&session.measure);
	if (!err)
		err = session__admit_transports(&session, &options);
	session.run_total =
		(size_t)options.repeat * plan__combinations(&options) * plan__variants(&options);
	if (!err)
		err = path__open(&options.path, &session.path);
	if (err) {
		status = status_of_setup(err);
	} else {
		session__drop_privileges(&session);
		status = session__go(&session);
		path__close(&session.path);
	}
	progress__clear(&session.progress);
	session__close(&session);
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
