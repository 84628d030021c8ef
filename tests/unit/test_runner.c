// SPDX-License-Identifier: GPL-2.0
/* Whole runs between real processes on the loopback, without root. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "traffic/control.h"
#include "traffic/runner.h"

static struct run_spec spec(const struct transport *transport, size_t bytes, unsigned int threads,
			    uint64_t messages)
{
	return (struct run_spec){
		.transport = transport,
		.message_bytes = bytes,
		.threads = threads,
		.messages = messages,
		.address.s_addr = htonl(INADDR_LOOPBACK),
		.namespace_fd = {-1, -1},
	};
}

static unsigned int open_files(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned int count = 0;

	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

/* What a test writes to stderr and leaves behind. */
struct watch {
	int stderr_fd, printed_fd;
	unsigned int files;
	char printed[1024];
};

static void watch__begin(struct watch *watch)
{
	watch->files = open_files();
	fflush(stderr);
	watch->stderr_fd = dup(STDERR_FILENO);
	watch->printed_fd = memfd_create("stderr", 0);
	dup2(watch->printed_fd, STDERR_FILENO);
}

/* No process and no descriptor is left, and exactly one line was printed, or none. */
static void watch__end(struct watch *watch, const char *line)
{
	ssize_t length = pread(watch->printed_fd, watch->printed, sizeof(watch->printed) - 1, 0);
	char *end;

	dup2(watch->stderr_fd, STDERR_FILENO);
	close(watch->stderr_fd);
	close(watch->printed_fd);
	watch->printed[length > 0 ? length : 0] = '\0';

	end = strchr(watch->printed, '\n');
	if (!line) {
		assert_string_equal(watch->printed, "");
	} else {
		assert_memory_equal(watch->printed, "harness: ", strlen("harness: "));
		if (!strstr(watch->printed, line))
			fail_msg("\"%s\" is not in: %s", line, watch->printed);
		if (end != strchr(watch->printed, '\0') - 1)
			fail_msg("not one line: %s", watch->printed);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(open_files(), watch->files);
}

static int run(const struct run_spec *wanted, int cancel_fd, struct run_result *result)
{
	struct runner *runner;
	int err;

	err = runner__start(wanted, &runner);
	if (err)
		assert_null(runner);
	else
		err = runner__go(runner, cancel_fd, result);
	runner__stop(runner);
	return err;
}

static void check_quantities(const struct run_spec *wanted, const struct run_result *result)
{
	uint64_t bytes = wanted->messages * wanted->message_bytes;
	const struct send_method *method = wanted->transport->sender;
	uint64_t calls = wanted->messages * (method == &sender_eight_sends	 ? 8
					     : method == &sender_sendfile_corked ? 2
										 : 1);
	uint64_t completions = method == &sender_uring_zc ? FIELDS : method == &sender_zero_copy;
	bool two = method == &sender_two_copy;

	assert_int_equal(result->sent.messages, wanted->messages);
	assert_int_equal(result->sent.payload_bytes, bytes);
	assert_int_equal(result->received_bytes, bytes);
	for (int side = 0; side < SIDE_COUNT; side++) {
		assert_int_equal(result->tcp[side].connections, wanted->threads);
		assert_int_equal(result->tcp[side].bytes, bytes);
	}
	assert_int_equal(result->received_messages, wanted->messages);
	/* bytes that a pipe holds; what of io_uring is complete */
	if (method == &sender_splice || method->inside_ring)
		assert_true(result->sent.calls >= calls);
	else
		assert_int_equal(result->sent.calls - result->sent.enobufs_waits, calls);
	/* one request of io_uring takes many pieces */
	assert_true(result->receive_calls >
		    (wanted->transport->receiver == &receiver_uring ? 0 : wanted->threads));
	assert_int_equal(result->sent.copied_bytes, two ? bytes : 0);
	assert_int_equal(result->sent.copies, two ? 8 * wanted->messages : 0);
	assert_int_equal(result->sent.completions_expected, wanted->messages * completions);
	assert_int_equal(result->sent.completions_received, result->sent.completions_expected);
	/* On the loopback all pinned bytes are copied. */
	assert_int_equal(result->sent.completions_copied, result->sent.completions_expected);
	assert_true(result->seconds > 0 && result->seconds < 60);
	assert_true(result->cpu_seconds[SENDER] >= 0 && result->cpu_seconds[RECEIVER] >= 0);
}

static void check_latency(const struct run_spec *wanted, const struct run_result *result)
{
	const struct latency *latency = &result->latency;

	if (wanted->mode != RUN_RR) {
		assert_int_equal(latency->count, 0);
		assert_int_equal(result->requests[RECEIVER].requests, 0);
		return;
	}
	for (int side = 0; side < SIDE_COUNT; side++) {
		assert_int_equal(result->requests[side].requests, wanted->messages);
		assert_int_equal(result->requests[side].bytes, wanted->messages * REQUEST_BYTES);
	}
	assert_int_equal(latency->count, wanted->messages);
	assert_true(latency->p50 > 0 && latency->p50 <= latency->p90);
	assert_true(latency->p90 <= latency->p99 && latency->p99 <= latency->p999);
	assert_true(latency->p999 <= latency->max);
	assert_true(latency->mean > 0 && latency->mean <= latency->max);
	/* no answer took longer than the run, nor all of a connection's together */
	assert_true(latency->max <= 1e9 * result->seconds);
	assert_true(latency->mean * latency->count <= 1e9 * result->seconds * wanted->threads);
}

static void test_quantities(void **state)
{
	static const size_t sizes[] = {8, 9, 64, 1000, 4096, 65536, 1 << 20};
	static const unsigned int threads[] = {1, 4};

	(void)state;
	for (int t = 0; transports[t]; t++) {
		for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
			for (size_t n = 0; n < 2 * sizeof(threads) / sizeof(*threads); n++) {
				struct run_result result;
				struct watch watch;
				/* Not a multiple of the threads. */
				struct run_spec wanted =
					spec(transports[t], sizes[s], threads[n / 2], 131);
				int err;

				/* only one thread with --verify and several without */
				if (t >= TRANSPORTS_DEFAULT && n != 1 && n != 2)
					continue;
				wanted.verify = n % 2;
				watch__begin(&watch);
				err = run(&wanted, -1, &result);
				watch__end(&watch, NULL);
				assert_int_equal(err, 0);
				check_quantities(&wanted, &result);
				check_latency(&wanted, &result);
			}
		}
	}
}

static void test_requests(void **state)
{
	static const size_t sizes[] = {8, 1000, 65536, 1 << 20};

	(void)state;
	for (int t = 0; transports[t]; t++) {
		for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
			struct run_spec wanted = spec(transports[t], sizes[s], 3, 131);
			struct run_result result;
			struct watch watch;
			int err;

			wanted.mode = RUN_RR;
			wanted.verify = s % 2;
			watch__begin(&watch);
			err = run(&wanted, -1, &result);
			watch__end(&watch, NULL);
			assert_int_equal(err, 0);
			check_quantities(&wanted, &result);
			check_latency(&wanted, &result);
		}
	}
}

/* The receiver's clock ends the run, and each request is answered. */
static void test_requests_for_seconds(void **state)
{
	struct run_spec wanted = spec(&two_copy, 4096, 2, 0);
	struct run_result result;
	struct watch watch;
	int err;

	(void)state;
	wanted.mode = RUN_RR;
	wanted.seconds = 0.5; /* longer than a machine may pause */
	watch__begin(&watch);
	err = run(&wanted, -1, &result);
	watch__end(&watch, NULL);
	assert_int_equal(err, 0);
	assert_true(result.seconds >= 0.5);
	assert_true(result.received_messages > 2);
	wanted.messages = result.received_messages;
	check_quantities(&wanted, &result);
	check_latency(&wanted, &result);
}

static void test_largest_message(void **state)
{
	(void)state;
	for (int t = 0; transports[t]; t++) {
		struct run_spec wanted = spec(transports[t], MESSAGE_BYTES_MAX, 1, 5);
		struct run_result result;
		struct watch watch;
		int err;

		if (transports[t] == &zero_copy && geteuid())
			continue; /* pins more than RLIMIT_MEMLOCK usually allows */
		wanted.verify = true;
		watch__begin(&watch);
		err = run(&wanted, -1, &result);
		watch__end(&watch, NULL);
		assert_int_equal(err, 0);
		check_quantities(&wanted, &result);
	}
}

static void test_more_threads_than_messages(void **state)
{
	struct run_spec wanted = spec(&two_copy, 64, 100, 3);
	struct run_result result;
	struct watch watch;
	int err;

	(void)state;
	watch__begin(&watch);
	err = run(&wanted, -1, &result);
	watch__end(&watch, NULL);
	assert_int_equal(err, 0);
	assert_int_equal(result.received_messages, 3);
	assert_int_equal(result.received_bytes, 3 * 64);
}

static void test_most_threads(void **state)
{
	struct run_spec wanted = spec(&one_copy, 1000, THREADS_MAX, 2 * THREADS_MAX + 1);
	struct run_result result;
	struct watch watch;
	int err;

	(void)state;
	wanted.verify = true;
	watch__begin(&watch);
	err = run(&wanted, -1, &result);
	watch__end(&watch, NULL);
	assert_int_equal(err, 0);
	check_quantities(&wanted, &result);
}

#define STRANGERS_MAX 100

/* Shared with a process that connects to the sender's port, first and as long as it listens. */
struct strangers {
	uint16_t port;
	atomic_bool end;
	atomic_uint connected;
};

_Noreturn static void intrude(struct strangers *strangers)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(strangers->port),
	};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!atomic_load(&strangers->end) && strangers->connected < STRANGERS_MAX) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
			close(fd);
			continue;
		}
		if (atomic_fetch_add(&strangers->connected, 1) % 2) /* the others are idle */
			send(fd, "stranger", 8, MSG_NOSIGNAL);
	}
	while (!atomic_load(&strangers->end)) /* its connections stay open until then */
		usleep(1000);
	_exit(0);
}

/* Makes a run beside strangers. Returns the number of them that the sender dropped. */
static uint64_t run_among_strangers(struct strangers *strangers)
{
	struct run_spec wanted = spec(&one_copy, 4096, 2, 100);
	struct run_result result;
	struct watch watch;
	pid_t intruder;
	int err;

	*strangers = (struct strangers){.port = 10000 + getpid() % 20000};
	wanted.verify = true;
	wanted.port = strangers->port;
	watch__begin(&watch);
	/* Not a thread: a fork beside one can copy a held lock of the sanitizer and hang. */
	intruder = fork();
	if (!intruder)
		intrude(strangers);
	err = run(&wanted, -1, &result);
	atomic_store(&strangers->end, true);
	assert_int_equal(waitpid(intruder, NULL, 0), intruder);
	watch__end(&watch, NULL);
	assert_int_equal(err, 0);
	check_quantities(&wanted, &result);
	assert_true(result.strangers <= strangers->connected);
	return result.strangers;
}

/*
 * Strangers change nothing, and the result has their number. The scheduler decides which connection
 * is first, so there are several runs; test_admission.c tests the order itself.
 */
static void test_strangers(void **state)
{
	struct strangers *strangers = mmap(NULL, sizeof(*strangers), PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t dropped = 0;

	(void)state;
	assert_ptr_not_equal(strangers, MAP_FAILED);
	for (int i = 0; i < 50 && !dropped; i++)
		dropped = run_among_strangers(strangers);
	assert_true(dropped > 0);
	munmap(strangers, sizeof(*strangers));
}

static void test_seconds(void **state)
{
	(void)state;
	for (int t = 0; transports[t]; t++) {
		struct run_spec wanted = spec(transports[t], 65536, 2, 0);
		struct run_result result;
		struct watch watch;
		int err;

		wanted.seconds = 0.5;
		watch__begin(&watch);
		err = run(&wanted, -1, &result);
		watch__end(&watch, NULL);
		assert_int_equal(err, 0);
		assert_true(result.seconds >= 0.5);
		assert_true(result.sent.messages > 2);
		assert_int_equal(result.sent.payload_bytes, result.sent.messages * 65536);
		assert_int_equal(result.received_bytes, result.sent.payload_bytes);
		assert_int_equal(result.sent.completions_received,
				 result.sent.completions_expected);
	}
}

/* --verify must find it each time: else it proves nothing when it finds nothing. */
static void test_early_reuse_is_caught(void **state)
{
	static const size_t sizes[] = {64, 4096, 65536, 1 << 20, 1 << 20};
	static const char *const names[] = {"zero_copy", "sendfile", "sendfile_corked", "splice",
					    "uring_zc"};

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct run_spec wanted =
			spec(transport__find(names[i / 20]), sizes[i % 5], 1 + i % 2, 64);
		struct run_result result;
		struct watch watch;
		int err;

		wanted.verify = true;
		wanted.fault = FAULT_EARLY_REUSE;
		watch__begin(&watch);
		err = run(&wanted, -1, &result);
		watch__end(&watch, "the receiver: thread ");
		assert_non_null(strstr(watch.printed, "wrong byte at stream position "));
		assert_non_null(strstr(watch.printed, "expected 0x"));
		assert_int_equal(err, -EBADMSG);
	}
}

struct shot {
	pid_t pid;
	int signal;
	unsigned int delay_us;
};

static void *shoot(void *data)
{
	const struct shot *shot = data;

	usleep(shot->delay_us);
	kill(shot->pid, shot->signal);
	return NULL;
}

static void test_killed_side_is_named(void **state)
{
	(void)state;
	for (int t = 0; transports[t]; t++) {
		for (int i = 0; i < 6; i++) {
			enum side side = i % 2 ? SENDER : RECEIVER;
			struct run_spec wanted = spec(transports[t], 65536, 1 + 3 * (i / 3), 0);
			struct shot shot = {.signal = i % 3 ? SIGKILL : SIGTERM,
					    .delay_us = i * 6000};
			struct run_result result;
			struct runner *runner;
			struct watch watch;
			pthread_t thread;
			char line[128];
			int err;

			wanted.seconds = 20;
			watch__begin(&watch);
			assert_int_equal(runner__start(&wanted, &runner), 0);
			shot.pid = runner__pid(runner, side);
			pthread_create(&thread, NULL, shoot, &shot);
			err = runner__go(runner, -1, &result);
			pthread_join(thread, NULL);
			runner__stop(runner);
			snprintf(line, sizeof(line),
				 "harness: the %s (pid %d) was killed by signal %d (%s)",
				 side_names[side], shot.pid, shot.signal, strsignal(shot.signal));
			watch__end(&watch, line);
			assert_int_equal(err, -EPIPE);
		}
	}
}

/* Killed between start and go: the runner reports the same. */
static void test_killed_before_go(void **state)
{
	(void)state;
	for (int side = 0; side < SIDE_COUNT; side++) {
		struct run_spec wanted = spec(&one_copy, 64, 2, 1000);
		struct run_result result;
		struct runner *runner;
		struct watch watch;
		int err;

		watch__begin(&watch);
		assert_int_equal(runner__start(&wanted, &runner), 0);
		kill(runner__pid(runner, side), SIGKILL);
		err = runner__go(runner, -1, &result);
		runner__stop(runner);
		watch__end(&watch, "was killed by signal 9 (Killed)");
		assert_non_null(strstr(watch.printed, side_names[side]));
		assert_int_equal(err, -EPIPE);
	}
}

/* Ctrl-C reaches the whole process group; only the parent may act on it. */
static void test_sides_ignore_interrupts(void **state)
{
	struct run_spec wanted = spec(&zero_copy, 4096, 2, 1000);
	struct run_result result;
	struct runner *runner;
	struct watch watch;
	int err;

	(void)state;
	watch__begin(&watch);
	assert_int_equal(runner__start(&wanted, &runner), 0);
	kill(runner__pid(runner, SENDER), SIGINT);
	kill(runner__pid(runner, RECEIVER), SIGINT);
	err = runner__go(runner, -1, &result);
	runner__stop(runner);
	watch__end(&watch, NULL);
	assert_int_equal(err, 0);
	check_quantities(&wanted, &result);
}

/* The time is over before either side starts. */
static void test_a_message_of_each_thread(void **state)
{
	(void)state;
	for (int t = 0; transports[t]; t++) {
		struct run_spec wanted = spec(transports[t], 4096, 4, 0);
		struct run_result result;
		struct watch watch;
		int err;

		wanted.seconds = 1e-9;
		watch__begin(&watch);
		err = run(&wanted, -1, &result);
		watch__end(&watch, NULL);
		assert_int_equal(err, 0);
		assert_true(result.sent.messages >= 4);
		assert_int_equal(result.received_bytes, result.sent.messages * 4096);
	}
}

static void test_cancel(void **state)
{
	int cancel_fd = eventfd(1, 0);

	(void)state;
	for (int t = 0; transports[t]; t++) {
		struct run_spec wanted = spec(transports[t], 1 << 20, 4, 0);
		struct run_result result;
		struct runner *runner;
		struct watch watch;
		uint64_t start_ns;
		int err;

		wanted.seconds = 20;
		watch__begin(&watch);
		assert_int_equal(runner__start(&wanted, &runner), 0);
		start_ns = control__now();
		err = runner__go(runner, cancel_fd, &result);
		runner__stop(runner);
		watch__end(&watch, "interrupted");
		assert_int_equal(err, -ECANCELED);
		/* The sides ended when they were asked to; none was killed. */
		assert_true(control__now() - start_ns < 1900000000);
	}
	close(cancel_fd);
}

static void test_stop_without_go(void **state)
{
	struct run_spec wanted = spec(&zero_copy, 64, 3, 10);
	struct runner *runner;
	struct watch watch;

	(void)state;
	watch__begin(&watch);
	runner__stop(NULL);
	assert_int_equal(runner__start(&wanted, &runner), 0);
	runner__stop(runner);
	watch__end(&watch, NULL);
}

/* A stopped process does not end when it is asked to. */
static void test_stop_kills_what_does_not_end(void **state)
{
	struct run_spec wanted = spec(&one_copy, 64, 1, 10);
	struct runner *runner;
	struct watch watch;

	(void)state;
	watch__begin(&watch);
	assert_int_equal(runner__start(&wanted, &runner), 0);
	kill(runner__pid(runner, RECEIVER), SIGSTOP);
	runner__stop(runner);
	watch__end(&watch, NULL);
}

static void test_port_in_use(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct run_spec wanted = spec(&one_copy, 64, 1, 10);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct run_result result;
	struct watch watch;
	char line[64];
	int err;

	(void)state;
	(void)bind(listener, (struct sockaddr *)&address, sizeof(address));
	listen(listener, 1);
	getsockname(listener, (struct sockaddr *)&address, &(socklen_t){sizeof(address)});
	wanted.port = ntohs(address.sin_port);
	snprintf(line, sizeof(line), "cannot listen on 127.0.0.1 port %u: Address already in use",
		 wanted.port);
	watch__begin(&watch);
	err = run(&wanted, -1, &result);
	watch__end(&watch, line);
	assert_int_equal(err, -EADDRINUSE);
	close(listener);

	/* once it is free it can be used at once: TIME_WAIT does not matter */
	for (int i = 0; i < 3; i++)
		assert_int_equal(run(&wanted, -1, &result), 0);
}

static void test_foreign_address(void **state)
{
	struct run_spec wanted = spec(&one_copy, 64, 1, 10);
	struct run_result result;
	struct watch watch;
	int err;

	(void)state;
	wanted.address.s_addr = htonl(0xcb007101); /* 203.0.113.1, for documentation */
	watch__begin(&watch);
	err = run(&wanted, -1, &result);
	watch__end(&watch, "cannot listen on 203.0.113.1");
	assert_int_equal(err, -EADDRNOTAVAIL);
}

static void read_comm(pid_t pid, char comm[static 32])
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(comm, 32, file));
	fclose(file);
}

/* A standard stream, the control socket, or what the side itself opened. */
static void check_files(pid_t pid, const char *secret)
{
	char path[64], target[256];
	struct dirent *entry;
	DIR *directory;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	directory = opendir(path);
	assert_non_null(directory);
	while ((entry = readdir(directory))) {
		ssize_t length =
			readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1);

		target[length > 0 ? length : 0] = '\0';
		assert_null(strstr(target, secret));
	}
	closedir(directory);
}

static void test_sides_are_processes_of_their_own(void **state)
{
	struct run_spec wanted = spec(&zero_copy, 64, 2, 10);
	int secret_fd = memfd_create("not-for-the-sides", 0);
	struct runner *runner;
	struct watch watch;
	char comm[32];

	(void)state;
	watch__begin(&watch);
	assert_int_equal(runner__start(&wanted, &runner), 0);
	read_comm(runner__pid(runner, SENDER), comm);
	assert_string_equal(comm, "harness-send\n");
	read_comm(runner__pid(runner, RECEIVER), comm);
	assert_string_equal(comm, "harness-recv\n");
	for (int side = 0; side < SIDE_COUNT; side++)
		check_files(runner__pid(runner, side), "not-for-the-sides");
	runner__stop(runner);
	watch__end(&watch, NULL);
	close(secret_fd);
}

/*
 * The sides end with their parent, however it ends. A side that runs sees its control socket close,
 * or is killed by the kernel first. A stopped side can only be killed. Orphans become our children.
 */
static void test_sides_die_with_their_parent(void **state)
{
	int status, orphans = 0, kills = 0;
	pid_t parent, pid;

	(void)state;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	parent = fork();
	if (parent == 0) {
		struct run_spec wanted = spec(&one_copy, 65536, 2, 0);
		struct run_result result;
		struct runner *runner;
		pthread_t thread;
		struct shot shot = {.pid = getpid(), .signal = SIGKILL, .delay_us = 50000};

		wanted.seconds = 20;
		if (runner__start(&wanted, &runner))
			_exit(1);
		kill(runner__pid(runner, SENDER), SIGSTOP);
		pthread_create(&thread, NULL, shoot, &shot);
		runner__go(runner, -1, &result);
		_exit(2);
	}
	while ((pid = waitpid(-1, &status, 0)) > 0) {
		bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;

		assert_true(killed || (pid != parent && status == 0));
		kills += killed;
		orphans += pid != parent;
	}
	assert_int_equal(orphans, SIDE_COUNT);
	assert_true(kills >= 2); /* the parent and the stopped side */
	prctl(PR_SET_CHILD_SUBREAPER, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantities),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_requests_for_seconds),
		cmocka_unit_test(test_largest_message),
		cmocka_unit_test(test_more_threads_than_messages),
		cmocka_unit_test(test_most_threads),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_early_reuse_is_caught),
		cmocka_unit_test(test_killed_side_is_named),
		cmocka_unit_test(test_killed_before_go),
		cmocka_unit_test(test_sides_ignore_interrupts),
		cmocka_unit_test(test_a_message_of_each_thread),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_stop_without_go),
		cmocka_unit_test(test_stop_kills_what_does_not_end),
		cmocka_unit_test(test_port_in_use),
		cmocka_unit_test(test_foreign_address),
		cmocka_unit_test(test_sides_are_processes_of_their_own),
		cmocka_unit_test(test_sides_die_with_their_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
