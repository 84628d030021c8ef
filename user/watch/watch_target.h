/* SPDX-License-Identifier: GPL-2.0 */
/* The target of `harness watch`, checked before anything is loaded. */
#ifndef HARNESS_WATCH_TARGET_H
#define HARNESS_WATCH_TARGET_H

#include "watch/watch_options.h"
#include "watch/watch_processes.h"

struct watch_target {
	/* the command, or the processes of --pid and --comm and their children. Owned. */
	struct watch_processes processes;
	int cgroup_fd;	   /* the control group's directory; -1: none. Owned. */
	char command[256]; /* the target, in words */
};

/* 0, or a negative errno with one line on stderr. Close it in either case. */
int watch_target__open(struct watch_target *target, const struct watch_options *options);
void watch_target__close(struct watch_target *target);

#endif
