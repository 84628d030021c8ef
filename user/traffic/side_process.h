/* SPDX-License-Identifier: GPL-2.0 */
/* One side of a run, for the runner: a child process with a control socket. */
#ifndef HARNESS_SIDE_PROCESS_H
#define HARNESS_SIDE_PROCESS_H

#include "host/tasks.h"
#include "traffic/runner.h"

struct side_process {
	pid_t pid; /* 0: not started */
	int pidfd;
	int control; /* -1: none */
	bool reaped;
	int status;		 /* of waitpid(), once reaped */
	uint64_t *payload_bytes; /* by connection */
	bool done;
	struct task_switches parked; /* at the time when each thread waited for GO */
};

/*
 * Forks the process. `port`: the port that the receiver connects to. 0, or a negative errno with
 * one line on stderr.
 */
int side_process__start(struct side_process *process, const struct run_spec *spec, enum side side,
			uint16_t port);

/* Waits for a process that is about to end; false: it does not end in time. */
bool side_process__reap(struct side_process *process, int timeout_ms);

/* Each thread waits for GO: switches are counted from here. */
void side_process__park(struct side_process *process);
/* Switches since side_process__park(). Each thread waits again, so these are all. */
struct task_switches side_process__switches(const struct side_process *process);

/*
 * Waits for its end, kills it if it does not end in time, and frees. Its control socket is closed.
 */
void side_process__end(struct side_process *process, int timeout_ms);

#endif
