// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/privilege.h"
#include "net/link.h"
#include "net/path_guard.h"
#include "net/path_namespaces.h"

/*
 * When the last reference to a namespace goes, the kernel returns hardware to the initial
 * namespace, but deletes virtual devices. So each is moved while the namespace exists.
 */
void path__give_back(const struct path *path, enum side side)
{
	const char *name = path->spec->word[side];
	int err = path__enter(path, side);

	if (err)
		return;
	err = if_nametoindex(name) ? link__move(name, path->home_fd) : 0;
	if (err)
		fprintf(stderr, "harness: --path %s: cannot give %s back: %s\n", path->spec->name,
			name, strerror(-err));
	path__leave(path);
}

/* Closes all descriptors but 0 to 2 and these, which become 3 and up. */
static int keep_only(int *const *files, int count)
{
	for (int i = 0; i < count; i++)
		*files[i] = fcntl(*files[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1 + count);
	for (int i = 0; i < count; i++)
		*files[i] = dup3(*files[i], STDERR_FILENO + 1 + i, O_CLOEXEC);
	return close_range(STDERR_FILENO + 1 + count, ~0u, 0) ? -errno : 0;
}

/* Waits for a message, or for the end of the process that would send it. */
static void __attribute__((noreturn)) guard__main(struct path *path, int fd)
{
	int *const files[] = {&fd, &path->home_fd, &path->namespace_fd[SENDER],
			      &path->namespace_fd[RECEIVER]};
	char word;

	prctl(PR_SET_NAME, "harness-guard");
	setsid(); /* Ctrl-C is not for us */
	privilege__keep(CAPABILITY(SYS_ADMIN) | CAPABILITY(NET_ADMIN));
	if (!keep_only(files, 4) && TEMP_FAILURE_RETRY(read(fd, &word, 1)) == 0)
		for (int side = 0; side < SIDE_COUNT; side++)
			path__give_back(path, side);
	_exit(EXIT_SUCCESS);
}

int path__set_guard(struct path *path)
{
	int fd[2], err = 0;

	if (pipe2(fd, O_CLOEXEC))
		return -errno;
	path->guard = fork();
	if (path->guard == 0)
		guard__main(path, fd[0]);
	if (path->guard < 0) {
		err = -errno;
		path->guard = 0;
		close(fd[1]);
		fprintf(stderr, "harness: cannot make a process: %s\n", strerror(-err));
	} else {
		path->guard_fd = fd[1];
	}
	close(fd[0]);
	return err;
}

void path__dismiss_guard(struct path *path)
{
	if (!path->guard)
		return;
	if (write(path->guard_fd, "d", 1) != 1)
		kill(path->guard, SIGKILL);
	close(path->guard_fd);
	TEMP_FAILURE_RETRY(waitpid(path->guard, NULL, 0));
	path->guard = 0;
}
