/* SPDX-License-Identifier: GPL-2.0 */
/* One side of a run as the runner sees it: a child process with a control socket. */
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
	uint64_t *payload_bytes; /* of each connection */
	bool done;
	struct task_switches parked; /* so far, when every thread was ready to go */
};

/* Forks it. `port`: where the receiver connects to. 0, or a negative errno with one line on stderr.
 */
int side_process__start(struct side_process *process, const struct run_spec *spec, enum side side,
			uint16_t port);

/* Waits for a process that is about to end; false when it does not in time. */
bool side_process__reap(struct side_process *process, int timeout_ms);

/* Every thread is parked: switches are counted from here. */
void side_process__park(struct side_process *process);
/* Since then. Every thread is parked again, so these are all. */
struct task_switches side_process__switches(const struct side_process *process);

/* Waits for its end, kills it when it does not end in time, frees. Its control socket is closed. */
void side_process__end(struct side_process *process, int timeout_ms);

#endif
