/* SPDX-License-Identifier: GPL-2.0 */
/* For test programs that work in several network namespaces. */
#ifndef TESTS_NAMESPACE_H
#define TESTS_NAMESPACE_H

#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

/* Enters the network namespace that `ip netns` made with this name, or ends the program. */
static inline void enter_namespace(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
}

#endif
