// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/exit_status.h"
#include "host/tasks.h"
#include "watch/watch_parts.h"

/* Rows of ended processes are read and freed at least this often. */
#define HOUSEKEEPING_S 1.0
/* Data of a command that has ended may still be in flight, and be copied. */
#define LINGER_S 1.0
#define STEP_MS	 20

double watch__now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* One process has its own number and name, for all of it together. */
static void watch__name(struct watch *watch)
{
	const struct watch_processes *processes = &watch->target.processes;
	struct account *together = watch->accounts.together;
	char *name = together->row.command;

	together->command = watch->target.command;
	if (processes->asked != 1)
		return;
	together->row.process = processes->pid[0];
	if (watch->child.pid)
		return;
	tasks__name(processes->pid[0], name, sizeof(together->row.command));
	if (*name)
		snprintf(watch->target.command, sizeof(watch->target.command), "%s", name);
}

static int watch__make_child(struct watch *watch)
{
	struct watch_processes *processes = &watch->target.processes;
	int err = child__make(&watch->child, watch->options->command);

	if (!err)
		err = processes__add(processes, watch->child.pid);
	return err ?: processes__open(processes);
}

static int watch__follow(struct watch *watch)
{
	const struct watch_options *options = watch->options;
	struct watch_processes *processes = &watch->target.processes;
	int err = 0;

	if (options->command)
		err = watch__make_child(watch);
	else if (processes->asked && !options->no_children)
		err = processes__add_children(processes);
	for (size_t i = 0; !err && i < processes->count; i++)
		err = MIN(rows__follow(watch->rows, processes->pid[i], options->command), 0);
	watch__name(watch);
	return err;
}

static void watch__learn(struct watch *watch)
{
	struct known *known = &watch->known;

	known__learn(known, watch->tracer);
	known->time = watch->options->time;
	known->whole = !watch->options->interval;
}

static int watch__open_tracer(struct watch *watch)
{
	const struct watch_options *options = watch->options;
	struct tracer_options tracer_options = {
		.traced = TRACE_COPIES | TRACE_SCHED | (options->time ? TRACE_TIME : 0),
		.attach = options->common.attach,
		.without = options->common.without,
		.btf_path = options->common.btf_path,
		.map_entries = options->common.map_entries,
		.verbose = options->common.verbose,
		.scope = options->all	   ? SCOPE_ALL
			 : options->cgroup ? SCOPE_CGROUP
					   : SCOPE_TREE,
		.by_socket = options->by == BY_SOCKET,
		.rows = options->rows,
		.cgroup_fd = watch->target.cgroup_fd,
	};
	int err = tracer__open(&tracer_options, &watch->tracer);

	if (!err)
		err = rows__open(watch->tracer, &watch->rows);
	if (err)
		return err;
	watch__learn(watch);
	return watch_accounts__open(&watch->accounts, options->rows, options->by == BY_NOTHING);
}

static int watch__catch_signals(struct watch *watch)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	watch->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (watch->signal_fd < 0 || sigprocmask(SIG_BLOCK, &signals, NULL)) {
		fprintf(stderr, "harness: cannot catch signals: %s\n", strerror(errno));
		return -EINVAL;
	}
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

/* A view that renews itself does so each second, without --interval. */
static double watch__interval(const struct watch *watch)
{
	struct winsize size;

	if (watch->options->interval > 0)
		return watch->options->interval;
	return watch__view_size(watch, &size) ? 1 : 0;
}

/*
 * Whether the watch is to end: a signal, or each process that was asked for did. Waits until
 * `until` at most.
 */
static bool watch__wait(struct watch *watch, double until)
{
	struct watch_processes *processes = &watch->target.processes;
	struct pollfd fds[] = {{.fd = watch->signal_fd, .events = POLLIN},
			       {.fd = processes__running(processes), .events = POLLIN}};
	double left = until - watch__now();

	while (left > 0) {
		int ms = left > 3600 ? 3600 * 1000 : (int)(left * 1000) + 1;

		if (processes->asked && fds[1].fd < 0)
			return true;
		if (poll(fds, 2, ms) > 0) {
			if (fds[0].revents)
				return true;
			processes__ended(processes);
			fds[1].fd = processes__running(processes);
		}
		left = until - watch__now();
	}
	return false;
}

static double earlier(double a, double b)
{
	return a < b ? a : b;
}

/* Until the end, reading and printing as it goes. */
static int watch__run(struct watch *watch)
{
	const struct watch_options *options = watch->options;
	double interval = watch__interval(watch), start = watch->start;
	double end = options->seconds > 0 ? start + options->seconds : start + 1e9;
	double read = start + HOUSEKEEPING_S;
	double print = interval > 0 ? start + interval : end + 1;
	int err = 0;

	while (!err && !watch__wait(watch, earlier(end, earlier(read, print)))) {
		double time = watch__now();

		if (time >= end)
			break;
		err = watch_accounts__read(&watch->accounts, watch->rows);
		read = watch__now() + HOUSEKEEPING_S;
		if (err || time < print)
			continue;
		err = watch__print(watch, false);
		watch_accounts__reset(&watch->accounts);
		/* a late one delays those after it */
		print = print + interval > watch__now() ? print + interval
							: watch__now() + interval;
		if (options->count && watch->intervals >= options->count)
			break;
	}
	return err;
}

/* Data of a command that has ended may still be in flight, and be copied there. */
static void watch__linger(struct watch *watch)
{
	double end = watch__now() + LINGER_S;

	while (child__has_ended(&watch->child) && rows__connections(watch->rows) &&
	       watch__now() < end)
		usleep(STEP_MS * 1000);
}

static void watch__say_status(const struct watch *watch)
{
	int status = watch->child.status;

	if (!watch->child.ended)
		return;
	if (WIFSIGNALED(status))
		fprintf(stderr, "harness: %s was ended by SIG%s\n", watch->options->command[0],
			sigabbrev_np(WTERMSIG(status)));
	else
		fprintf(stderr, "harness: %s ended with status %d\n", watch->options->command[0],
			WEXITSTATUS(status));
}

static int watch__finish(struct watch *watch)
{
	const struct watch_options *options = watch->options;
	int err;

	/* pid_fd is readable a moment before the status can be had */
	for (int i = 0; i < 5 && watch->child.pid && !child__has_ended(&watch->child); i++)
		usleep(1000);
	watch__linger(watch);
	rows__settle(watch->rows);
	tracer__disarm(watch->tracer);
	child__end(&watch->child);
	err = watch_accounts__read(&watch->accounts, watch->rows);
	if (!watch->known.rings) /* then a tap is named, if it is there */
		watch_accounts__find_taps(&watch->accounts);
	if (!err && !(options->count && watch->intervals >= options->count))
		err = watch__print(watch, true);
	watch__say_status(watch);
	return err;
}

/* The command's own failure comes first, if it is asked for. */
static int watch__status(const struct watch *watch, int err)
{
	const struct child *child = &watch->child;
	int own = 0;

	if (child->ended && watch->options->exit_with_command)
		own = WIFSIGNALED(child->status) ? EXIT_SIGNAL + WTERMSIG(child->status)
						 : WEXITSTATUS(child->status);
	if (own)
		return own;
	if (!err && watch->unmet)
		return EXIT_UNMET;
	return err || !watch->valid ? EXIT_INVALID : EXIT_VALID;
}

static int watch__go(struct watch *watch)
{
	int err = watch__follow(watch);

	if (err)
		return EXIT_INVALID;
	tracer__arm(watch->tracer);
	watch__say_ready(watch);
	if (watch->child.pid) {
		err = child__go(&watch->child);
		if (err) {
			fprintf(stderr, "harness: cannot start %s: %s\n",
				watch->options->command[0], strerror(-err));
			return EXIT_NO_COMMAND;
		}
	}
	watch->start = watch->last = watch__now();
	err = watch__run(watch);
	if (!err)
		err = watch__finish(watch);
	return watch__status(watch, err);
}

static void watch__close(struct watch *watch)
{
	child__end(&watch->child);
	watch_accounts__close(&watch->accounts);
	watch_target__close(&watch->target);
	rows__close(watch->rows);
	tracer__close(watch->tracer);
	if (watch->stream && watch->stream != stdout)
		fclose(watch->stream);
}

static int watch__open_output(struct watch *watch)
{
	watch->stream = watch->options->output ? fopen(watch->options->output, "we") : stdout;
	if (watch->stream)
		return 0;
	fprintf(stderr, "harness: watch: --output %s: %s\n", watch->options->output,
		strerror(errno));
	return -EINVAL;
}

/* The names of --expect, looked up in a row of nothing. */
static int watch__check_expectations(const struct watch *watch)
{
	/* with a name, so that it is no unknown number */
	const struct account nothing = {.row.command = "-"};
	const struct report report = {.options = watch->options, .known = &watch->known};
	json_t *row = watch_json__row(&nothing, &report);
	int err = expectations__check_names(&watch->options->expect, row);

	json_decref(row);
	return err;
}

int watch__main(int argc, char **argv)
{
	struct watch_options options;
	struct watch watch = {.options = &options, .valid = true};
	int status = EXIT_USAGE, err = watch_options__parse(argc, argv, &options);

	if (err)
		return err < 0 ? EXIT_USAGE : EXIT_VALID;
	if (!watch_target__open(&watch.target, &options) && !watch__check_ready(&watch) &&
	    !watch__check_expectations(&watch) && !watch__open_output(&watch)) {
		status = EXIT_INVALID;
		if (!watch__catch_signals(&watch)) {
			err = watch__open_tracer(&watch);
			status = err ? (err == -ENOMEM ? EXIT_INVALID : EXIT_CANNOT)
				     : watch__go(&watch);
		}
	}
	watch__close(&watch);
	return status;
}
