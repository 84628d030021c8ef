// SPDX-License-Identifier: GPL-2.0
#include "watch/watch_netns.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

bool watch_netns__look(pid_t process, void (*look)(void *context), void *context)
{
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), there = -1;
	char path[64];
	bool entered;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)process);
	if (process && home >= 0)
		there = open(path, O_RDONLY | O_CLOEXEC);
	entered = there >= 0 && !setns(there, CLONE_NEWNET);
	look(context);
	/* cannot fail: this is our own namespace */
	if (entered && setns(home, CLONE_NEWNET))
		perror("harness: cannot return to the network namespace");
	if (there >= 0)
		close(there);
	if (home >= 0)
		close(home);
	return entered;
}
