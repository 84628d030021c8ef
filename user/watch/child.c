// SPDX-License-Identifier: GPL-2.0
#include "watch/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_MS 2000
#define STEP_MS 10

/* In the child: waits for a byte, then executes the command or writes its errno. */
static void __attribute__((noreturn)) become(int go_fd, int error_fd, char **command)
{
	sigset_t none;
	char word;
	int error;

	if (read(go_fd, &word, 1) != 1)
		_exit(127);
	/* the command must not inherit the blocked signals */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	execvp(command[0], command);
	error = errno;
	if (write(error_fd, &error, sizeof(error)) != sizeof(error))
		_exit(126);
	_exit(127);
}

int child__make(struct child *child, char **command)
{
	int go[2], error[2], err;

	memset(child, 0, sizeof(*child));
	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(error, O_CLOEXEC)) {
		err = -errno;
		close(go[0]);
		close(go[1]);
		return err;
	}
	child->pid = fork();
	err = child->pid < 0 ? -errno : 0;
	if (!child->pid) {
		close(go[1]);
		become(go[0], error[1], command);
	}
	close(go[0]);
	close(error[1]);
	child->go_fd = go[1];
	child->error_fd = error[0];
	if (err) {
		child->pid = 0;
		close(child->go_fd);
		close(child->error_fd);
		fprintf(stderr, "harness: cannot make a process: %s\n", strerror(-err));
	}
	return err;
}

int child__go(struct child *child)
{
	ssize_t got;
	int error = 0;

	if (write(child->go_fd, "g", 1) != 1)
		error = errno;
	close(child->go_fd);
	child->go_fd = -1;
	/* closed without data when exec succeeds */
	do
		got = read(child->error_fd, &error, sizeof(error));
	while (got < 0 && errno == EINTR);
	close(child->error_fd);
	child->error_fd = -1;
	return -error;
}

bool child__has_ended(struct child *child)
{
	if (child->pid && !child->ended)
		child->ended = waitpid(child->pid, &child->status, WNOHANG) == child->pid;
	return child->ended;
}

void child__end(struct child *child)
{
	if (!child->pid)
		return;
	if (child->go_fd > 0) {
		close(child->go_fd); /* the child, which waits for its byte, ends at once */
		child->go_fd = -1;
	}
	for (int waited = 0; waited < WAIT_MS && !child__has_ended(child); waited += STEP_MS) {
		if (!waited)
			kill(child->pid, SIGTERM);
		usleep(STEP_MS * 1000);
	}
	if (child->ended)
		return;
	kill(child->pid, SIGKILL);
	child->ended = waitpid(child->pid, &child->status, 0) == child->pid;
}
