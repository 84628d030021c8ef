// SPDX-License-Identifier: GPL-2.0
#include "traffic/side_process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "traffic/crew.h"

static const struct role *const roles[SIDE_COUNT] = {
	[SENDER] = &sender_role,
	[RECEIVER] = &receiver_role,
};

int side_process__start(struct side_process *process, const struct run_spec *spec, enum side side,
			uint16_t port)
{
	pid_t parent = getpid();
	const char *what = "";
	int pair[2], err = 0;

	process->payload_bytes = calloc(spec->threads, sizeof(*process->payload_bytes));
	if (!process->payload_bytes ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		err = -errno;
		goto out;
	}
	process->pid = fork();
	if (process->pid == 0)
		crew__main(spec, roles[side], port, pair[1], parent);
	if (process->pid < 0) {
		err = -errno;
		process->pid = 0;
		close(pair[0]);
	} else {
		process->control = pair[0];
		process->pidfd = pidfd_open(process->pid, 0);
		err = process->pidfd < 0 ? -errno : 0;
		what = "pidfd_open: ";
	}
	close(pair[1]);
out:
	if (err)
		fprintf(stderr, "harness: cannot start the %s: %s%s\n", side_names[side], what,
			strerror(-err));
	return err;
}

bool side_process__reap(struct side_process *process, int timeout_ms)
{
	struct pollfd end = {.fd = process->pidfd, .events = POLLIN};

	if (!process->reaped && TEMP_FAILURE_RETRY(poll(&end, 1, timeout_ms)) > 0 &&
	    TEMP_FAILURE_RETRY(waitpid(process->pid, &process->status, 0)) == process->pid)
		process->reaped = true;
	return process->reaped;
}

void side_process__park(struct side_process *process)
{
	process->parked = tasks__switches(process->pid);
}

struct task_switches side_process__switches(const struct side_process *process)
{
	struct task_switches switches = tasks__switches(process->pid);

	switches.known = switches.known && process->parked.known;
	switches.voluntary -= process->parked.voluntary;
	switches.involuntary -= process->parked.involuntary;
	return switches;
}

void side_process__end(struct side_process *process, int timeout_ms)
{
	if (process->pid && !side_process__reap(process, timeout_ms)) {
		kill(process->pid, SIGKILL);
		TEMP_FAILURE_RETRY(waitpid(process->pid, NULL, 0));
	}
	if (process->pidfd >= 0)
		close(process->pidfd);
	free(process->payload_bytes);
}
