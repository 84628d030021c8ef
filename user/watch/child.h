/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A command that is started in two steps: first it exists, so that it can be followed, then it
 * runs.
 */
#ifndef HARNESS_CHILD_H
#define HARNESS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid; /* 0: none */
	int go_fd, error_fd;
	bool ended;
	int status; /* of waitpid(), once it has ended */
};

/* All return 0 or a negative errno; an error has one line on stderr. */
int child__make(struct child *child, char **command);
/* The errno of execvp() when the command cannot be started. */
int child__go(struct child *child);
/* Whether it has ended by now. */
bool child__has_ended(struct child *child);
/* Ends it if it still runs, with SIGTERM first. Fine if there is none. */
void child__end(struct child *child);

#endif
