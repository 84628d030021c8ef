/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's own counts of the threads of a process, from /proc/PID/task/TID/status. */
#ifndef HARNESS_TASKS_H
#define HARNESS_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct task_switches {
	bool known;
	uint64_t voluntary, involuntary;
};

/*
 * The sum over all threads, read when all of them are asleep. Unknown when they do not sleep in
 * time, or a thread is gone.
 */
struct task_switches tasks__switches(pid_t pid);

/* Whether the process exists and has not ended. A zombie does not run. */
bool tasks__runs(pid_t pid);
/* By a signal, or by a debugger. */
bool tasks__is_stopped(pid_t pid);

/* The name of a process or thread, as ps shows it; empty when it is gone. */
void tasks__name(pid_t pid, char *name, size_t size);

/*
 * 0, or -EOPNOTSUPP with one line on stderr: /proc does not list the processes of the caller's PID
 * namespace, where the same number may be another process, or pidfd_open() fails.
 */
int tasks__check(void);

#endif
