// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
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
#include "base/owned.h"
#include "host/privilege.h"
#include "host/tasks.h"
#include "watch/watch_parts.h"

/* Rows of ended processes are read and freed at least this often. */
#define HOUSEKEEPING_S 1.0
/* and more often if the group of a process must be found before the process ends */
#define GROUPING_S 0.1
/* Data of an ended command may still be in flight, and be copied. */
#define LINGER_S 1.0
/* Processes that a command leaves behind may be about to end. */
#define LEFT_S	0.2
#define STEP_MS 20

double watch__now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* If one process is watched, its row has its number and name. */
static void watch__name(struct watch *watch)
{
	const struct watch_processes *processes = &watch->target.processes;
	struct account *together = watch->accounts.together;
	char *name = together->row.command;

	if (watch->options->by != BY_NOTHING)
		return;
	together->command = watch->target.command;
	if (processes->named != 1)
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
	else if (processes->named && !options->no_children)
		err = processes__add_children(processes);
	for (size_t i = 0; !err && i < processes->count; i++)
		err = MIN(rows__follow(watch->rows, processes->pid[i], options->command), 0);
	watch__name(watch);
	return err;
}

void watch__learn(struct watch *watch)
{
	struct known *known = &watch->known;

	known__learn(known, watch->tracer);
	known->time = watch->options->time;
	known->whole = !watch->options->interval;
	known->advise_above = watch->options->advise_above / 100;
	/* threads have context switches, connections have none */
	if (watch_options__by_socket(watch->options))
		known->switches = known->activities = false;
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
		.by_socket = watch_options__by_socket(options),
		.rows = options->rows,
		.cgroup_fd = watch->target.cgroup_fd,
	};
	int err = tracer__open(&tracer_options, &watch->tracer);

	if (!err)
		err = rows__open(watch->tracer, &watch->rows);
	if (err)
		return err;
	watch__learn(watch);
	return watch_accounts__open(&watch->accounts, options);
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

/* The seconds between reports; a view has one each second without --interval. 0: none. */
static double watch__interval(const struct watch *watch)
{
	return watch->options->interval > 0 ? watch->options->interval : !!watch->view;
}

/*
 * Whether all that was asked for has ended. Processes that a command leaves behind, as a daemon
 * does, are still watched. They have LEFT_S to end before a line on stderr.
 */
static bool watch__is_over(struct watch *watch)
{
	const struct watch_processes *processes = &watch->target.processes;
	size_t left;

	if (!processes->named || processes__running(processes) >= 0)
		return false;
	left = watch->child.pid ? rows__processes(watch->rows) : 0;
	if (!left)
		return true;
	if (!watch->left_since)
		watch->left_since = watch__now();
	if (!watch->reported_left && watch__now() > watch->left_since + LEFT_S) {
		watch__report_left(watch, left);
		watch->reported_left = true;
	}
	return false;
}

/* Milliseconds to wait in poll(). */
static int watch__poll_ms(const struct watch *watch, double until)
{
	double left = until - watch__now();

	if (watch->left_since)
		return STEP_MS;
	return left > 3600 ? 3600 * 1000 : left > 0 ? (int)(left * 1000) + 1 : 0;
}

/* Waits until `until` at most. Returns whether to end: after a signal, a key, or all ended. */
static bool watch__wait(struct watch *watch, double until)
{
	struct watch_processes *processes = &watch->target.processes;

	while (watch__now() < until) {
		struct pollfd fds[] = {
			{.fd = watch->signal_fd, .events = POLLIN},
			{.fd = processes__running(processes), .events = POLLIN},
			{.fd = watch->view ? STDIN_FILENO : -1, .events = POLLIN},
		};

		if (watch__is_over(watch))
			return true;
		poll(fds, sizeof(fds) / sizeof(*fds), watch__poll_ms(watch, until));
		if (fds[0].revents)
			return true;
		if (fds[1].revents)
			processes__ended(processes);
		/* a resize of the terminal interrupts poll() and is read as a key */
		if (watch->view && watch_view__keys(watch->view))
			return true;
	}
	return false;
}

static double earlier(double a, double b)
{
	return a < b ? a : b;
}

/* Reads and prints until the end. */
static int watch__run(struct watch *watch)
{
	const struct watch_options *options = watch->options;
	double interval = watch__interval(watch), start = watch->start;
	double end = options->seconds > 0 ? start + options->seconds : start + 1e9;
	double housekeeping = watch_by__is_of_process(options->by) ? GROUPING_S : HOUSEKEEPING_S;
	double read = start + housekeeping;
	double print = interval > 0 ? start + interval : end + 1;
	int err = 0;

	while (!err && !watch__wait(watch, earlier(end, earlier(read, print)))) {
		double time = watch__now();

		if (time >= end)
			break;
		err = watch_accounts__read(&watch->accounts, watch->rows);
		read = watch__now() + housekeeping;
		if (err || time < print)
			continue;
		err = watch__print(watch, false);
		watch_accounts__reset(&watch->accounts);
		/* a late print delays the next ones */
		print = print + interval > watch__now() ? print + interval
							: watch__now() + interval;
		if (options->count && watch->intervals >= options->count)
			break;
	}
	return err;
}

/* Waits while data of an ended command is in flight, LINGER_S at most. */
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

	/* pid_fd is readable shortly before the status is there */
	for (int i = 0; i < 5 && watch->child.pid && !child__has_ended(&watch->child); i++)
		usleep(1000);
	watch__linger(watch);
	rows__compare_open(watch->rows);
	tracer__disarm(watch->tracer);
	child__end(&watch->child);
	err = watch_accounts__read(&watch->accounts, watch->rows);
	if (!watch->known.rings) /* then taps that are there are named */
		watch_accounts__find_taps(&watch->accounts);
	if (!err && !(options->count && watch->intervals >= options->count))
		err = watch__print(watch, true);
	watch__say_status(watch);
	return err;
}

/* The exit status; a failed command's comes first with --exit-with-command. */
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

/*
 * Keeps only capabilities for what is left to do: read maps, programs, symbols and /proc, look into
 * other network namespaces, end the command. The command has all of the caller's.
 */
static void watch__drop_privileges(void)
{
	privilege__keep(CAPABILITY(BPF) | CAPABILITY(PERFMON) | CAPABILITY(SYSLOG) |
			CAPABILITY(SYS_ADMIN) | CAPABILITY(SYS_PTRACE) | CAPABILITY(KILL) |
			CAPABILITY(DAC_OVERRIDE) | CAPABILITY(DAC_READ_SEARCH));
}

static int watch__go(struct watch *watch)
{
	int err = watch__follow(watch);

	if (err)
		return EXIT_INVALID;
	watch__drop_privileges();
	tracer__arm(watch->tracer);
	/* finds the groups of processes that already run */
	if (watch_accounts__read(&watch->accounts, watch->rows) || watch__print_start(watch))
		return EXIT_INVALID;
	watch__report_ready(watch);
	if (watch->child.pid) {
		err = child__go(&watch->child);
		if (err) {
			fprintf(stderr, "harness: cannot start %s: %s\n",
				watch->options->command[0], strerror(-err));
			return EXIT_NO_COMMAND;
		}
	}
	watch->start = watch->last = watch__now();
	if (watch__has_view(watch))
		watch->view = watch_view__open();
	err = watch__run(watch);
	if (!err)
		err = watch__finish(watch);
	return watch__status(watch, err);
}

static void watch__close(struct watch *watch)
{
	child__end(&watch->child);
	watch_view__close(watch->view);
	account__reset(&watch->session);
	watch_accounts__close(&watch->accounts);
	watch_target__close(&watch->target);
	watch__close_judge(watch);
	rows__close(watch->rows);
	tracer__close(watch->tracer);
	if (watch->stream && watch->stream != stdout)
		fclose(watch->stream);
}

/* Opens the output: stderr with a command, whose stdout is its own, as with perf and strace. */
static int watch__open_output(struct watch *watch)
{
	const char *name = watch->options->output;
	int fd;

	if (!name && !watch->options->command) {
		watch->stream = stdout;
		return 0;
	}
	/* stderr has no buffer, so a copy of its descriptor is used */
	fd = name ? owned__write(name) : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	watch->stream = fd < 0 ? NULL : fdopen(fd, "w");
	if (watch->stream)
		return 0;
	fprintf(stderr, "harness: watch: --output %s: %s\n", name ?: "(standard error)",
		name && fd < 0 ? owned__strerror(fd) : strerror(errno));
	return -EINVAL;
}

int watch__main(int argc, char **argv)
{
	struct watch_options options;
	struct watch watch = {.options = &options, .valid = true};
	int status = EXIT_USAGE, err = watch_options__parse(argc, argv, &options);

	if (err)
		return err < 0 ? EXIT_USAGE : EXIT_VALID;
	if (tasks__check())
		return EXIT_CANNOT;
	if (!watch_target__open(&watch.target, &options) && !watch__check_ready(&watch) &&
	    !watch__open_judge(&watch) && !watch__open_output(&watch)) {
		status = EXIT_INVALID;
		if (!watch__catch_signals(&watch)) {
			err = watch__open_tracer(&watch);
			status = err == -ENOMEM	   ? EXIT_INVALID
				 : err == -EBADMSG ? EXIT_USAGE
				 : err		   ? EXIT_CANNOT
						   : watch__go(&watch);
		}
	}
	watch__close(&watch);
	return status;
}
