/* SPDX-License-Identifier: GPL-2.0 */
/* A command that starts in two steps: it exists, so that it can be followed, and then it runs. */
#ifndef HARNESS_CHILD_H
#define HARNESS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid; /* 0: no child */
	int go_fd, error_fd;
	bool ended;
	int status; /* of waitpid(), once it has ended */
};

/* All return 0, or a negative errno with one line on stderr. */
int child__make(struct child *child, char **command);
/* Lets the command run. A negative errno of execvp(): it cannot be started. */
int child__go(struct child *child);
/* Whether it has ended by now. */
bool child__has_ended(struct child *child);
/* Ends a running child, with SIGTERM first. Does nothing without a child. */
void child__end(struct child *child);

#endif
