// SPDX-License-Identifier: GPL-2.0
#include "host/descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whether this entry of /proc/PID/fd is a socket; "." and ".." are no links. */
static bool is_socket(DIR *directory, const char *name)
{
	static const char kind[] = "socket:";
	char target[sizeof(kind)];

	return readlinkat(dirfd(directory), name, target, sizeof(target)) == sizeof(target) &&
	       !strncmp(target, kind, strlen(kind));
}

static int visit_one(int process, int theirs, int (*visit)(void *context, int socket),
		     void *context)
{
	int ours = syscall(SYS_pidfd_getfd, process, theirs, 0), err;

	if (ours < 0)
		return -errno;
	err = visit(context, ours);
	close(ours);
	return err;
}

int descriptors__each_socket(pid_t pid, int (*visit)(void *context, int socket), void *context)
{
	int process = syscall(SYS_pidfd_open, pid, 0), err = process < 0 ? -errno : 0;
	char path[sizeof("/proc/2147483647/fd")];
	struct dirent *entry;
	DIR *directory;

	if (err)
		return err;
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	directory = opendir(path);
	if (!directory)
		err = -errno;
	while (!err && (entry = readdir(directory)))
		if (is_socket(directory, entry->d_name))
			err = visit_one(process, atoi(entry->d_name), visit, context);
	if (directory)
		closedir(directory);
	close(process);
	return err;
}
