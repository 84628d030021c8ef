// SPDX-License-Identifier: GPL-2.0
#include "traffic/runner.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/tasks.h"
#include "traffic/control.h"
#include "traffic/run_result.h"
#include "traffic/side_process.h"

#define START_MS 30000 /* until each connection is open */
#define END_MS	 2000  /* from the request to end until a side is killed */
#define EXIT_MS	 1000  /* between end of file on a control socket and the end of its process */

struct runner {
	struct run_spec spec;
	struct side_process process[SIDE_COUNT];
	struct histogram latency;
	uint64_t strangers;
	bool going;
};

const char *const run_mode_names[RUN_MODES] = {[RUN_STREAM] = "stream", [RUN_RR] = "rr"};

pid_t runner__pid(const struct runner *runner, enum side side)
{
	return runner->process[side].pid;
}

static int runner__complain_of_death(struct runner *runner, enum side side)
{
	const struct side_process *process = &runner->process[side];

	if (!process->reaped)
		fprintf(stderr, "harness: the %s (pid %d) closed its control socket\n",
			side_names[side], process->pid);
	else if (WIFSIGNALED(process->status))
		fprintf(stderr, "harness: the %s (pid %d) was killed by signal %d (%s)\n",
			side_names[side], process->pid, WTERMSIG(process->status),
			strsignal(WTERMSIG(process->status)));
	else
		fprintf(stderr, "harness: the %s (pid %d) exited with status %d\n",
			side_names[side], process->pid, WEXITSTATUS(process->status));
	return -EPIPE;
}

/* The likely cause of a lost path, to add to the system's error. */
static const char *failure__remedy(int err, pid_t other)
{
	bool lost = err == -ETIMEDOUT || err == -EHOSTUNREACH || err == -ENETUNREACH;

	/* io_uring reports the bytes of a request that then failed, not its error; EPIPE follows */
	if ((lost || err == -EPIPE) && tasks__is_stopped(other))
		return "; the process of the other side is stopped (kill -CONT lets it run)";
	return lost ? "; nothing got through the path for some time: is a link down?" : "";
}

/*
 * Reports a failure. A broken connection probably means that the other side died: then that is
 * reported.
 */
static int runner__complain_of_failure(struct runner *runner, enum side side,
				       const struct failure *failure)
{
	enum side other = side == SENDER ? RECEIVER : SENDER;
	bool broken = failure->err == -ECONNRESET || failure->err == -EPIPE ||
		      failure->err == -ENOTCONN || failure->err == -ECONNREFUSED;

	if (broken && runner->process[other].pid &&
	    side_process__reap(&runner->process[other], EXIT_MS))
		return runner__complain_of_death(runner, other);
	fprintf(stderr, "harness: the %s: %s%s\n", side_names[side], failure->text,
		runner->going ? failure__remedy(failure->err, runner->process[other].pid) : "");
	return failure->err;
}

/* Receives the next message of one side, whose socket is readable. */
static int runner__receive(struct runner *runner, enum side side, struct control_message *message)
{
	int err = control__receive(runner->process[side].control, message);

	if (err == -EPIPE) {
		side_process__reap(&runner->process[side], EXIT_MS);
		return runner__complain_of_death(runner, side);
	}
	if (err) {
		fprintf(stderr, "harness: control socket of the %s: %s\n", side_names[side],
			strerror(-err));
		return err;
	}
	if (message->type == CONTROL_FAILED)
		return runner__complain_of_failure(runner, side, &message->failure);
	return 0;
}

/*
 * Receives the next message of either side. A failure, a death or anything else that ends a run is
 * reported on one line, and returned as a negative errno.
 */
static int runner__next(struct runner *runner, int cancel_fd, int timeout_ms, enum side *side,
			struct control_message *message)
{
	struct pollfd files[SIDE_COUNT + 1] = {
		[SENDER] = {.fd = runner->process[SENDER].control, .events = POLLIN},
		[RECEIVER] = {.fd = runner->process[RECEIVER].control, .events = POLLIN},
		[SIDE_COUNT] = {.fd = cancel_fd, .events = POLLIN},
	};
	int ready = TEMP_FAILURE_RETRY(poll(files, SIDE_COUNT + 1, timeout_ms));

	if (ready < 0) {
		int err = -errno;

		fprintf(stderr, "harness: poll of the control sockets: %s\n", strerror(-err));
		return err;
	}
	if (ready == 0) {
		fprintf(stderr, "harness: the connections were not open within %d s\n",
			timeout_ms / 1000);
		return -ETIMEDOUT;
	}
	if (files[SIDE_COUNT].revents) {
		fprintf(stderr, "harness: the run was interrupted\n");
		return -ECANCELED;
	}
	*side = files[SENDER].revents ? SENDER : RECEIVER;
	return runner__receive(runner, *side, message);
}

/* Waits at start for one message of a type, and passes on announcements to the sender. */
static int runner__expect(struct runner *runner, enum control_type type,
			  struct control_message *message)
{
	enum side side;
	int err;

	for (;;) {
		err = runner__next(runner, -1, START_MS, &side, message);
		if (err || message->type == type)
			return err;
		if (message->type != CONTROL_CONNECTED) {
			fprintf(stderr, "harness: the %s sent message %d where %d was due\n",
				side_names[side], message->type, type);
			return -EPROTO;
		}
		/* a sender that ended is reported when its own message is due */
		control__send(runner->process[SENDER].control, message);
	}
}

int runner__start(const struct run_spec *spec, struct runner **runner)
{
	struct control_message message = {};
	struct runner *new;
	int err;

	*runner = NULL;
	new = calloc(1, sizeof(*new));
	if (!new) {
		fprintf(stderr, "harness: cannot start a run: %s\n", strerror(ENOMEM));
		return -ENOMEM;
	}
	new->spec = *spec;
	for (int side = 0; side < SIDE_COUNT; side++)
		new->process[side] = (struct side_process){.control = -1, .pidfd = -1};
	err = side_process__start(&new->process[SENDER], spec, SENDER, 0);
	if (!err)
		err = runner__expect(new, CONTROL_LISTENING, &message);
	if (!err)
		err = side_process__start(&new->process[RECEIVER], spec, RECEIVER, message.port);
	for (int side = 0; side < SIDE_COUNT && !err; side++) {
		err = runner__expect(new, CONTROL_READY, &message);
		new->strangers += message.strangers;
	}
	if (err) {
		runner__stop(new);
		return err;
	}
	for (int side = 0; side < SIDE_COUNT; side++)
		side_process__park(&new->process[side]);
	*runner = new;
	return 0;
}

/* Takes the sides' reports until both are done. */
static int runner__collect(struct runner *runner, int cancel_fd, uint64_t start_ns,
			   struct run_result *result)
{
	struct side_process *process = runner->process;
	struct control_message message = {};
	enum side side;
	int err;

	while (!process[SENDER].done || !process[RECEIVER].done) {
		err = runner__next(runner, cancel_fd, -1, &side, &message);
		if (err)
			return err;
		if (message.type == CONTROL_CONNECTION) {
			run_result__add(result, side, &message.connection);
			process[side].payload_bytes[message.connection.index] =
				message.connection.sent.payload_bytes +
				message.connection.received.payload_bytes;
		} else if (message.type == CONTROL_LATENCY) {
			histogram__add_part(&runner->latency, &message.latency);
		} else if (message.type == CONTROL_COUNTERS) {
			result->counted = true;
			result->counters[side] = message.counters;
		} else if (message.type == CONTROL_DONE) {
			process[side].done = true;
			result->cpu_seconds[side] = message.done.cpu_seconds;
			if (side == RECEIVER)
				result->seconds = 1e-9 * (message.done.end_ns - start_ns);
		}
	}
	return 0;
}

/* Compares the sides' byte counts: a difference is an error of the harness. */
static int runner__compare(const struct runner *runner, const struct run_result *result)
{
	for (unsigned int i = 0; i < runner->spec.threads; i++) {
		uint64_t sent = runner->process[SENDER].payload_bytes[i];
		uint64_t received = runner->process[RECEIVER].payload_bytes[i];

		if (sent != received) {
			fprintf(stderr,
				"harness: connection %u: %" PRIu64 " bytes sent but %" PRIu64
				" received\n",
				i, sent, received);
			return -EPROTO;
		}
	}
	if (result->sent.completions_expected != result->sent.completions_received) {
		fprintf(stderr,
			"harness: %" PRIu64 " zero-copy completions due but %" PRIu64 " received\n",
			result->sent.completions_expected, result->sent.completions_received);
		return -EPROTO;
	}
	return 0;
}

static uint64_t unix_time_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000ull + now.tv_nsec / 1000;
}

int runner__go(struct runner *runner, int cancel_fd, struct run_result *result)
{
	/* The receiver first: it waits for the sender. */
	static const enum side order[] = {RECEIVER, SENDER};
	uint64_t start_ns = control__now();
	int err;

	memset(result, 0, sizeof(*result));
	result->started_unix_us = unix_time_us();
	result->strangers = runner->strangers;
	runner->going = true;
	for (int i = 0; i < SIDE_COUNT; i++)
		/* A side that ended is noticed and named when its answer is read. */
		control__send(runner->process[order[i]].control,
			      &(struct control_message){.type = CONTROL_GO});
	err = runner__collect(runner, cancel_fd, start_ns, result);
	if (err)
		return err;
	result->latency = latency__of(&runner->latency);
	for (int side = 0; side < SIDE_COUNT; side++)
		result->switches[side] = side_process__switches(&runner->process[side]);
	return runner__compare(runner, result);
}

void runner__stop(struct runner *runner)
{
	uint64_t deadline_ns = control__now() + END_MS * 1000000ull;

	if (!runner)
		return;
	for (int side = 0; side < SIDE_COUNT; side++)
		if (runner->process[side].control >= 0)
			close(runner->process[side].control);
	for (int side = 0; side < SIDE_COUNT; side++) {
		int64_t left_ns = deadline_ns - control__now();

		side_process__end(&runner->process[side], left_ns > 0 ? left_ns / 1000000 : 0);
	}
	free(runner);
}
