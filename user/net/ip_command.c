// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "net/ip_command.h"

/* Prints one line: the command, and the first line of its output. */
static int ip__complain(const char *const words[], int output_fd, int err)
{
	char command[256] = "", output[160] = "";
	ssize_t length = pread(output_fd, output, sizeof(output) - 1, 0);

	for (int i = 0; words[i]; i++)
		text__append(command, sizeof(command), "%s%s", i ? " " : "", words[i]);
	output[length > 0 ? length : 0] = '\0';
	output[strcspn(output, "\n")] = '\0';
	if (err == -ENOENT)
		fprintf(stderr, "harness: cannot run ip; install the package iproute2\n");
	else
		fprintf(stderr, "harness: %s: %s\n", command, *output ? output : strerror(-err));
	return err;
}

/* ip runs as root, so it is started by absolute path, with none of the caller's variables. */
static const char *const programs[] = {"/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"};
static char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};

/* Runs ip in the network namespace of this thread. */
int ip__run(const char *const words[])
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none;
	int status, output_fd, err = -ENOENT;
	pid_t pid;

	output_fd = memfd_create("ip", MFD_CLOEXEC);
	if (output_fd < 0)
		return -errno;
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&files, output_fd, STDERR_FILENO);
	/* The caller may have blocked signals to read them from a file descriptor. */
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs) && err == -ENOENT; i++)
		err = -posix_spawn(&pid, programs[i], &files, &attributes, (char *const *)words,
				   environment);
	if (!err && TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)) < 0)
		err = -errno;
	if (!err && status)
		err = -EIO;
	if (err)
		ip__complain(words, output_fd, err);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	close(output_fd);
	return err;
}
