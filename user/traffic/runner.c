// SPDX-License-Identifier: GPL-2.0
#include "traffic/runner.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "traffic/control.h"
#include "traffic/crew.h"

#define START_MS     30000 /* until every connection stands */
#define END_MS	     2000  /* from the request to end until a side is killed */
#define LAST_GASP_MS 1000  /* until a side whose control socket ended can be waited for */

struct child {
	pid_t pid;
	int pidfd;
	int control; /* -1: none */
	bool reaped;
	int status;		 /* of waitpid(), once reaped */
	uint64_t *payload_bytes; /* of each connection */
	bool done;
	struct task_switches parked; /* so far, when every thread was ready to go */
};

struct runner {
	struct run_spec spec;
	struct child child[SIDE_COUNT];
	struct histogram latency;
	uint64_t strangers;
	bool going;
};

const char *const run_mode_names[RUN_MODES] = {[RUN_STREAM] = "stream", [RUN_RR] = "rr"};

static const struct role *const roles[SIDE_COUNT] = {
	[SENDER] = &sender_role,
	[RECEIVER] = &receiver_role,
};

pid_t runner__pid(const struct runner *runner, enum side side)
{
	return runner->child[side].pid;
}

/* Waits for a process that is about to end; false when it does not in time. */
static bool child__reap(struct child *child, int timeout_ms)
{
	struct pollfd end = {.fd = child->pidfd, .events = POLLIN};

	if (!child->reaped && TEMP_FAILURE_RETRY(poll(&end, 1, timeout_ms)) > 0 &&
	    TEMP_FAILURE_RETRY(waitpid(child->pid, &child->status, 0)) == child->pid)
		child->reaped = true;
	return child->reaped;
}

static int runner__complain_of_death(struct runner *runner, enum side side)
{
	const struct child *child = &runner->child[side];

	if (!child->reaped)
		fprintf(stderr, "harness: the %s (pid %d) closed its control socket\n",
			side_names[side], child->pid);
	else if (WIFSIGNALED(child->status))
		fprintf(stderr, "harness: the %s (pid %d) was killed by signal %d (%s)\n",
			side_names[side], child->pid, WTERMSIG(child->status),
			strsignal(WTERMSIG(child->status)));
	else
		fprintf(stderr, "harness: the %s (pid %d) exited with status %d\n",
			side_names[side], child->pid, WEXITSTATUS(child->status));
	return -EPIPE;
}

/* What the system's own words for a lost path leave out. */
static const char *failure__remedy(int err)
{
	if (err == -ETIMEDOUT || err == -EHOSTUNREACH || err == -ENETUNREACH)
		return "; nothing got through the path for some time: is a link down?";
	return "";
}

/* A connection that broke is most likely the other side's death, which then is what to report. */
static int runner__complain_of_failure(struct runner *runner, enum side side,
				       const struct failure *failure)
{
	enum side other = side == SENDER ? RECEIVER : SENDER;
	bool broken = failure->err == -ECONNRESET || failure->err == -EPIPE ||
		      failure->err == -ENOTCONN || failure->err == -ECONNREFUSED;

	if (broken && runner->child[other].pid && child__reap(&runner->child[other], LAST_GASP_MS))
		return runner__complain_of_death(runner, other);
	fprintf(stderr, "harness: the %s: %s%s\n", side_names[side], failure->text,
		runner->going ? failure__remedy(failure->err) : "");
	return failure->err;
}

/* The next message of one side, which is looked for when it is readable. */
static int runner__receive(struct runner *runner, enum side side, struct control_message *message)
{
	int err = control__receive(runner->child[side].control, message);

	if (err == -EPIPE) {
		child__reap(&runner->child[side], LAST_GASP_MS);
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
 * The next message of either side. A failure, a death and whatever else ends a run is reported
 * here, on one line, and returned as a negative errno.
 */
static int runner__next(struct runner *runner, int cancel_fd, int timeout_ms, enum side *side,
			struct control_message *message)
{
	struct pollfd files[SIDE_COUNT + 1] = {
		[SENDER] = {.fd = runner->child[SENDER].control, .events = POLLIN},
		[RECEIVER] = {.fd = runner->child[RECEIVER].control, .events = POLLIN},
		[SIDE_COUNT] = {.fd = cancel_fd, .events = POLLIN},
	};
	int ready = TEMP_FAILURE_RETRY(poll(files, SIDE_COUNT + 1, timeout_ms));

	if (ready < 0) {
		int err = -errno;

		fprintf(stderr, "harness: poll of the control sockets: %s\n", strerror(-err));
		return err;
	}
	if (ready == 0) {
		fprintf(stderr, "harness: the connections did not stand within %d s\n",
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

static int runner__spawn(struct runner *runner, enum side side, uint16_t port)
{
	struct child *child = &runner->child[side];
	pid_t parent = getpid();
	int pair[2], err = 0;

	child->payload_bytes = calloc(runner->spec.threads, sizeof(*child->payload_bytes));
	if (!child->payload_bytes || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		err = -errno;
		goto out;
	}
	child->pid = fork();
	if (child->pid == 0)
		crew__main(&runner->spec, roles[side], port, pair[1], parent);
	if (child->pid < 0) {
		err = -errno;
		child->pid = 0;
		close(pair[0]);
	} else {
		child->control = pair[0];
		child->pidfd = pidfd_open(child->pid, 0);
		err = child->pidfd < 0 ? -errno : 0;
	}
	close(pair[1]);
out:
	if (err)
		fprintf(stderr, "harness: cannot start the %s: %s\n", side_names[side],
			strerror(-err));
	return err;
}

/* Waits for one message of a certain type in the start, and hands on what the sender is to hear. */
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
		/* a sender that is gone is named when its own message is due */
		control__send(runner->child[SENDER].control, message);
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
	for (int side = 0; side < SIDE_COUNT; side++) {
		new->child[side].control = -1;
		new->child[side].pidfd = -1;
	}
	err = runner__spawn(new, SENDER, 0);
	if (!err)
		err = runner__expect(new, CONTROL_LISTENING, &message);
	if (!err)
		err = runner__spawn(new, RECEIVER, message.port);
	for (int side = 0; side < SIDE_COUNT && !err; side++) {
		err = runner__expect(new, CONTROL_READY, &message);
		new->strangers += message.strangers;
	}
	if (err) {
		runner__stop(new);
		return err;
	}
	for (int side = 0; side < SIDE_COUNT; side++)
		new->child[side].parked = tasks__switches(new->child[side].pid);
	*runner = new;
	return 0;
}

static void send_counts__add(struct send_counts *sum, const struct send_counts *counts)
{
	sum->messages += counts->messages;
	sum->payload_bytes += counts->payload_bytes;
	sum->calls += counts->calls;
	sum->copied_bytes += counts->copied_bytes;
	sum->copies += counts->copies;
	sum->completions_expected += counts->completions_expected;
	sum->completions_received += counts->completions_received;
	sum->completions_copied += counts->completions_copied;
	sum->enobufs_waits += counts->enobufs_waits;
	sum->tcp_bytes += counts->tcp_bytes;
}

static void result__add(struct run_result *result, enum side side,
			const struct control_connection *connection)
{
	send_counts__add(&result->sent, &connection->sent);
	result->received_bytes += connection->received.payload_bytes;
	result->received_messages += connection->received.messages;
	result->receive_calls += connection->received.calls;
	result->tcp[side].bytes += connection->tcp.bytes;
	result->tcp[side].connections += connection->tcp.connections;
	result->requests[side].requests += connection->requests.requests;
	result->requests[side].bytes += connection->requests.bytes;
}

static struct latency latency__of(const struct histogram *histogram)
{
	if (!histogram->count)
		return (struct latency){};
	return (struct latency){
		.count = histogram->count,
		.mean = (double)histogram->sum / histogram->count,
		.p50 = histogram__quantile(histogram, 500),
		.p90 = histogram__quantile(histogram, 900),
		.p99 = histogram__quantile(histogram, 990),
		.p999 = histogram__quantile(histogram, 999),
		.max = histogram->max,
	};
}

/* Takes what the sides report until both are done. */
static int runner__collect(struct runner *runner, int cancel_fd, uint64_t start_ns,
			   struct run_result *result)
{
	struct child *child = runner->child;
	struct control_message message = {};
	enum side side;
	int err;

	while (!child[SENDER].done || !child[RECEIVER].done) {
		err = runner__next(runner, cancel_fd, -1, &side, &message);
		if (err)
			return err;
		if (message.type == CONTROL_CONNECTION) {
			result__add(result, side, &message.connection);
			child[side].payload_bytes[message.connection.index] =
				message.connection.sent.payload_bytes +
				message.connection.received.payload_bytes;
		} else if (message.type == CONTROL_LATENCY) {
			histogram__add_part(&runner->latency, &message.latency);
		} else if (message.type == CONTROL_COUNTERS) {
			result->counted = true;
			result->counters[side] = message.counters;
		} else if (message.type == CONTROL_DONE) {
			child[side].done = true;
			result->cpu_seconds[side] = message.done.cpu_seconds;
			if (side == RECEIVER)
				result->seconds = 1e-9 * (message.done.end_ns - start_ns);
		}
	}
	return 0;
}

/* A byte lost or invented between the two sides' system calls would be an error of the harness. */
static int runner__compare(const struct runner *runner, const struct run_result *result)
{
	for (unsigned int i = 0; i < runner->spec.threads; i++) {
		uint64_t sent = runner->child[SENDER].payload_bytes[i];
		uint64_t received = runner->child[RECEIVER].payload_bytes[i];

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

/* Since every thread was parked; they all are again, so that this is all there was. */
static struct task_switches child__switches(const struct child *child)
{
	struct task_switches switches = tasks__switches(child->pid);

	switches.known = switches.known && child->parked.known;
	switches.voluntary -= child->parked.voluntary;
	switches.involuntary -= child->parked.involuntary;
	return switches;
}

static uint64_t unix_time_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000ull + now.tv_nsec / 1000;
}

int runner__go(struct runner *runner, int cancel_fd, struct run_result *result)
{
	/* The receiver first: it is to wait for the sender, not the sender for it. */
	static const enum side order[] = {RECEIVER, SENDER};
	uint64_t start_ns = control__now();
	int err;

	memset(result, 0, sizeof(*result));
	result->started_unix_us = unix_time_us();
	result->strangers = runner->strangers;
	runner->going = true;
	for (int i = 0; i < SIDE_COUNT; i++)
		/* A side that is gone is noticed, and named, when its answer is read. */
		control__send(runner->child[order[i]].control,
			      &(struct control_message){.type = CONTROL_GO});
	err = runner__collect(runner, cancel_fd, start_ns, result);
	if (err)
		return err;
	result->latency = latency__of(&runner->latency);
	for (int side = 0; side < SIDE_COUNT; side++)
		result->switches[side] = child__switches(&runner->child[side]);
	return runner__compare(runner, result);
}

void runner__stop(struct runner *runner)
{
	uint64_t deadline_ns = control__now() + END_MS * 1000000ull;

	if (!runner)
		return;
	for (int side = 0; side < SIDE_COUNT; side++)
		if (runner->child[side].control >= 0)
			close(runner->child[side].control);
	for (int side = 0; side < SIDE_COUNT; side++) {
		struct child *child = &runner->child[side];
		int64_t left_ns = deadline_ns - control__now();

		if (child->pid && !child__reap(child, left_ns > 0 ? left_ns / 1000000 : 0)) {
			kill(child->pid, SIGKILL);
			TEMP_FAILURE_RETRY(waitpid(child->pid, NULL, 0));
		}
		if (child->pidfd >= 0)
			close(child->pidfd);
		free(child->payload_bytes);
	}
	free(runner);
}
