/* SPDX-License-Identifier: GPL-2.0 */
/* The target of `harness watch`, checked before anything is loaded. */
#ifndef HARNESS_WATCH_TARGET_H
#define HARNESS_WATCH_TARGET_H

#include "watch/watch_options.h"

struct watch_target {
	int pid_fd;	   /* readable when the process of --pid ends; -1: none. Owned. */
	int cgroup_fd;	   /* its directory; -1: none. Owned. */
	char command[256]; /* what was asked for, in words */
};

/* 0, or a negative errno with one line on stderr. Close it in either case. */
int watch_target__open(struct watch_target *target, const struct watch_options *options);
void watch_target__close(struct watch_target *target);

#endif
