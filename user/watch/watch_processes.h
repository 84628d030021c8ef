/* SPDX-License-Identifier: GPL-2.0 */
/* The running processes that --pid and --comm ask for, and the children they have. */
#ifndef HARNESS_WATCH_PROCESSES_H
#define HARNESS_WATCH_PROCESSES_H

#include <stddef.h>
#include <sys/types.h>

/* Empty when zeroed; free it with processes__free(). */
struct watch_processes {
	pid_t *pid; /* those asked for, then their children */
	size_t count;
	size_t asked;
	int *pid_fd; /* of those asked for; -1: it has ended */
};

/* A process asked for, once. 0 or -ENOMEM. */
int processes__add(struct watch_processes *processes, pid_t pid);
/* Each process of that name but this one, as ps shows it. 0 or a negative errno; maybe none. */
int processes__add_named(struct watch_processes *processes, const char *name);
/*
 * All children, and theirs, that run now, after those asked for. This process is left out: it is
 * a child of the shell, which may be watched. 0 or a negative errno.
 */
int processes__add_children(struct watch_processes *processes);

/* Opens pid_fd, when all that is asked for is added. 0, or a negative errno with one line on stderr
 * but for -ENOMEM. */
int processes__open(struct watch_processes *processes);
/* The pid_fd of a process that runs, readable when it ends; -1: there is none. */
int processes__running(const struct watch_processes *processes);
/* That process has ended. */
void processes__ended(struct watch_processes *processes);
/* "process 812 (nginx) and 3 children", "processes 812, 813" */
void processes__describe(const struct watch_processes *processes, char *text, size_t size);
void processes__free(struct watch_processes *processes);

#endif
