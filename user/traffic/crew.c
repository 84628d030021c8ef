// SPDX-License-Identifier: GPL-2.0
#include "traffic/crew.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/param.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host/privilege.h"

/* Ignores Ctrl-C, which reaches the whole process group: only the parent handles it. */
static void crew__set_signals(void)
{
	sigset_t none;

	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	/* The parent may have blocked signals, to read them from a descriptor. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * Closes the parent's descriptors, BPF objects among them, which must not live as long as this
 * process.
 */
static int crew__keep_only_control(struct crew *crew)
{
	if (dup2(crew->control, STDERR_FILENO + 1) < 0 || close_range(STDERR_FILENO + 2, ~0u, 0))
		return failure__set(&crew->failure, -errno, "cannot close inherited files: %m");
	crew->control = STDERR_FILENO + 1;
	return 0;
}

/*
 * Raises limits: a thousand connections exceed the usual soft limit of files, and a thousand
 * threads may exceed the limit of a user other than root.
 */
static void crew__raise_limits(void)
{
	const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
	struct rlimit files;

	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	setrlimit(RLIMIT_NPROC, &none);
}

/* Makes this process end with its parent, which may have ended before the request. */
static void crew__end_with_parent(const struct crew *crew)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != crew->parent)
		_exit(EXIT_FAILURE);
}

/* Pins the process to its CPU. Threads inherit this. */
static int crew__pin(struct crew *crew)
{
	int cpu = crew->spec->cpu[crew->role->side];
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (crew->spec->pinned && sched_setaffinity(0, sizeof(set), &set))
		return failure__set(&crew->failure, -errno,
				    "cannot run on processor %d: %m; is it there and online?", cpu);
	return 0;
}

static int crew__set_up_process(struct crew *crew)
{
	int namespace_fd = crew->spec->namespace_fd[crew->role->side];

	prctl(PR_SET_NAME, crew->role->process_name);
	crew__end_with_parent(crew);
	crew__set_signals();
	crew__raise_limits();
	if (namespace_fd >= 0 && setns(namespace_fd, CLONE_NEWNET))
		return failure__set(&crew->failure, -errno,
				    "cannot enter its network namespace: %m%s",
				    errno == EPERM ? "; missing CAP_SYS_ADMIN (root has it)" : "");
	return crew__pin(crew) ?: crew__keep_only_control(crew);
}

/* Copies a worker's failure to the crew. */
static int crew__take_failure(struct crew *crew, const struct worker *worker)
{
	pthread_mutex_lock(&crew->lock);
	failure__set(&crew->failure, worker->failure.err, "thread %u: %.200s", worker->index,
		     worker->failure.text);
	pthread_mutex_unlock(&crew->lock);
	return worker->failure.err;
}

static void worker__park(struct worker *worker)
{
	struct crew *crew = worker->crew;

	pthread_mutex_lock(&crew->lock);
	crew->parked++;
	pthread_cond_broadcast(&crew->changed);
	while (!crew->go)
		pthread_cond_wait(&crew->changed, &crew->lock);
	pthread_mutex_unlock(&crew->lock);
}

_Noreturn static void *worker__main(void *data)
{
	struct worker *worker = data;
	struct crew *crew = worker->crew;

	worker__park(worker);
	if (crew->role->work(worker))
		crew__take_failure(crew, worker);
	pthread_mutex_lock(&crew->lock);
	worker->end_ns = control__now();
	pthread_mutex_unlock(&crew->lock);
	eventfd_write(crew->finished_fd, 1);
	/* A thread's counts in /proc go when it ends, so it waits until the process ends. */
	for (;;)
		pause();
}

static int crew__start_workers(struct crew *crew)
{
	for (unsigned int i = 0; i < crew->spec->threads; i++) {
		struct worker *worker = &crew->workers[i];

		errno = pthread_create(&worker->thread, NULL, worker__main, worker);
		if (errno)
			return failure__set(&crew->failure, -errno,
					    "cannot create thread %u of %u: %m; raise ulimit -u or "
					    "use fewer threads",
					    i + 1, crew->spec->threads);
	}
	pthread_mutex_lock(&crew->lock);
	while (crew->parked < crew->spec->threads)
		pthread_cond_wait(&crew->changed, &crew->lock);
	pthread_mutex_unlock(&crew->lock);
	return 0;
}

static int worker__compare_ports(const void *left, const void *right)
{
	const struct worker *a = left, *b = right;

	return (int)a->port - (int)b->port;
}

/* Limits the time without an acknowledgement: else a lost path takes a quarter of an hour. */
static int worker__limit_silence(struct worker *worker)
{
	unsigned int ms = 1000 * SILENCE_SECONDS;

	if (!setsockopt(worker->fd, SOL_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms)))
		return 0;
	return failure__set(&worker->failure, -errno, "TCP_USER_TIMEOUT: %m");
}

/* Opens each connection and starts its thread, which waits for GO. */
static int crew__prepare(struct crew *crew)
{
	unsigned int threads = crew->spec->threads;
	int err;

	crew->finished_fd = eventfd(0, EFD_CLOEXEC);
	crew->workers = calloc(threads, sizeof(*crew->workers));
	if (crew->finished_fd < 0 || !crew->workers)
		return failure__set(&crew->failure, -errno, "cannot prepare %u threads: %m",
				    threads);
	err = crew->role->connect(crew);
	if (err)
		return err;
	qsort(crew->workers, threads, sizeof(*crew->workers), worker__compare_ports);
	for (unsigned int i = 0; i < threads; i++) {
		struct worker *worker = &crew->workers[i];

		worker->crew = crew;
		worker->index = i;
		if (worker__limit_silence(worker) || crew->role->open(worker))
			return crew__take_failure(crew, worker);
	}
	/* before the threads start, which inherit them */
	if (crew->spec->counters)
		counters__open(&crew->counters);
	/*
	 * All that needs privileges is open. RLIMIT_MEMLOCK must not limit what MSG_ZEROCOPY pins.
	 */
	privilege__drop(CAPABILITY(IPC_LOCK));
	crew__end_with_parent(crew);
	err = crew__start_workers(crew);
	if (err)
		return err;
	return control__send(
		crew->control,
		&(struct control_message){.type = CONTROL_READY, .strangers = crew->strangers});
}

static double cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
	       1e-6 * (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void crew__release(struct crew *crew)
{
	pthread_mutex_lock(&crew->lock);
	crew->go = true;
	pthread_cond_broadcast(&crew->changed);
	pthread_mutex_unlock(&crew->lock);
}

static int crew__error(struct crew *crew)
{
	int err;

	pthread_mutex_lock(&crew->lock);
	err = crew->failure.err;
	pthread_mutex_unlock(&crew->lock);
	return err;
}

/* Milliseconds until the workers stop, for poll(); -1: there is no such time. */
static int crew__time_left(struct crew *crew, uint64_t start_ns)
{
	double left = crew->spec->seconds - 1e-9 * (control__now() - start_ns);

	if (crew->spec->seconds <= 0 || atomic_load(&crew->stop))
		return -1;
	if (left <= 0) {
		atomic_store(&crew->stop, true);
		return -1;
	}
	return left < 1e6 ? (int)(left * 1e3) + 1 : 1000000000;
}

/* Waits until all workers finished, one failed, or the parent closed the control socket. */
static int crew__wait(struct crew *crew)
{
	struct pollfd files[] = {
		{.fd = crew->control, .events = POLLIN},
		{.fd = crew->finished_fd, .events = POLLIN},
	};
	uint64_t start_ns = control__now(), finished = 0;
	eventfd_t more;
	int err = 0;

	while (finished < crew->spec->threads && !err) {
		if (poll(files, 2, crew__time_left(crew, start_ns)) < 0 && errno != EINTR)
			return failure__set(&crew->failure, -errno, "poll: %m");
		if (files[0].revents)
			return -EPIPE;
		if (files[1].revents && !eventfd_read(crew->finished_fd, &more))
			finished += more;
		err = crew__error(crew);
	}
	return err;
}

bool worker__is_done(const struct worker *worker, uint64_t messages)
{
	const struct run_spec *spec = worker->crew->spec;

	/* a run without a message has no result */
	if (spec->seconds > 0)
		return messages && atomic_load_explicit(&worker->crew->stop, memory_order_relaxed);
	return messages >=
	       spec->messages / spec->threads + (worker->index < spec->messages % spec->threads);
}

/* Reports the latencies of all workers together. */
static int crew__report_latency(struct crew *crew)
{
	struct control_message message = {.type = CONTROL_LATENCY};
	struct histogram *all = crew->workers[0].latency;
	int err = 0;

	for (unsigned int i = 1; i < crew->spec->threads && all; i++)
		histogram__merge(all, crew->workers[i].latency);
	for (unsigned int i = 0; i < HISTOGRAM_PARTS && all && !err; i++)
		if (histogram__take_part(all, i, &message.latency))
			err = control__send(crew->control, &message);
	return err;
}

static int crew__report(struct crew *crew, double start_cpu)
{
	struct control_message done = {
		.type = CONTROL_DONE,
		.done = {.cpu_seconds = cpu_seconds() - start_cpu},
	};
	int err = 0;

	for (unsigned int i = 0; i < crew->spec->threads && !err; i++) {
		struct worker *worker = &crew->workers[i];
		struct control_message message = {
			.type = CONTROL_CONNECTION,
			.connection = {.index = i,
				       .sent = worker->sender.counts,
				       .received = worker->receiver.counts,
				       .tcp = worker->tcp,
				       .requests = worker->requests},
		};

		done.done.end_ns = MAX(done.done.end_ns, worker->end_ns);
		err = control__send(crew->control, &message);
	}
	if (!err)
		err = crew__report_latency(crew);
	if (!err && crew->spec->counters) {
		struct control_message message = {.type = CONTROL_COUNTERS};

		counters__read(&crew->counters, &message.counters);
		err = control__send(crew->control, &message);
	}
	return err ? err : control__send(crew->control, &done);
}

/* Runs from the runner's GO to the report of this side. */
static int crew__run(struct crew *crew)
{
	struct control_message message;
	double start_cpu;
	int err;

	err = control__receive(crew->control, &message);
	if (err)
		return err;
	start_cpu = cpu_seconds();
	if (crew->spec->counters)
		counters__start(&crew->counters);
	crew__release(crew);
	err = crew__wait(crew);
	if (crew->spec->counters)
		counters__stop(&crew->counters);
	if (err)
		return err;
	return crew__report(crew, start_cpu);
}

/* Keeps connections open until the parent has read what it needs of them. */
static void crew__await_end(struct crew *crew)
{
	struct control_message message;

	while (!control__receive(crew->control, &message))
		;
}

_Noreturn void crew__main(const struct run_spec *spec, const struct role *role, uint16_t port,
			  int control, pid_t parent)
{
	struct crew crew = {
		.spec = spec,
		.role = role,
		.control = control,
		.parent = parent,
		.port = port,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};
	struct control_message failed = {.type = CONTROL_FAILED};
	int err;

	err = crew__set_up_process(&crew);
	if (!err)
		err = crew__prepare(&crew);
	if (!err)
		err = crew__run(&crew);
	if (err) {
		/* Other workers may still run, and fail. */
		pthread_mutex_lock(&crew.lock);
		failed.failure = crew.failure;
		pthread_mutex_unlock(&crew.lock);
		control__send(crew.control, &failed);
	}
	crew__await_end(&crew);
	for (unsigned int i = 0; !err && i < spec->threads; i++)
		role->close(&crew.workers[i]);
	/* Not exit(), which would run the parent's handlers and write its buffers again. */
	_exit(EXIT_SUCCESS);
}
