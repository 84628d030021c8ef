/* SPDX-License-Identifier: GPL-2.0 */
/* The running processes of --pid and --comm, and their children. */
#ifndef HARNESS_WATCH_PROCESSES_H
#define HARNESS_WATCH_PROCESSES_H

#include <stddef.h>
#include <sys/types.h>

/* Empty if zeroed; free it with processes__free(). */
struct watch_processes {
	pid_t *pid; /* the named processes, then their children */
	size_t count;
	size_t named; /* how many of them are named */
	int *pid_fd;  /* of the named processes; -1: ended */
};

/* Adds a named process, once. 0 or -ENOMEM. */
int processes__add(struct watch_processes *processes, pid_t pid);
/*
 * Adds each process with this name (as ps shows it) except this one. 0, also if there is none, or a
 * negative errno.
 */
int processes__add_named(struct watch_processes *processes, const char *name);
/*
 * Adds all running children and their children, after the named processes. This process is left
 * out: it may be a child of a watched shell. 0 or a negative errno.
 */
int processes__add_children(struct watch_processes *processes);

/*
 * Opens pid_fd after all were added. 0, or a negative errno with one line on stderr (-ENOMEM:
 * none).
 */
int processes__open(struct watch_processes *processes);
/* The pid_fd of a named process that runs, readable when it ends; -1: none runs. */
int processes__running(const struct watch_processes *processes);
/* Notes that the process of processes__running() has ended. */
void processes__ended(struct watch_processes *processes);
/* "process 812 (nginx) and 3 children", "processes 812, 813" */
void processes__describe(const struct watch_processes *processes, char *text, size_t size);
void processes__free(struct watch_processes *processes);

#endif
