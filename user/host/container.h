/* SPDX-License-Identifier: GPL-2.0 */
/* The control group of a process, and the container that its path names. */
#ifndef HARNESS_CONTAINER_H
#define HARNESS_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CGROUP_MAX 512

/*
 * A field is empty when the path does not have it: docker's paths have ids, systemd-nspawn's have
 * names.
 */
struct container {
	char runtime[16]; /* "docker", "containerd", "cri-o", "podman", "systemd-nspawn", "lxc" */
	char id[65];
	char name[64];
	char pod[40]; /* uid of the Kubernetes pod */
};

/* The text of /proc/PID/cgroup; false: the process is gone. */
bool cgroup__read(pid_t pid, char *text, size_t size);

/* Pure: the path in that text, of version 2 or, where that is "/", of version 1. */
void cgroup__path(const char *text, char *path, size_t size);
/* Pure: the innermost container of any of its lines; false: none. */
bool container__find(const char *text, struct container *container);
/* Pure: the innermost container of one path. */
bool container__parse(const char *path, struct container *container);
/* "docker 4f797c539e6c", "cri-o d6d725b909f3, pod 8ca306fa-3c03-47fa-97dd-19979c345572" */
void container__describe(const struct container *container, char *text, size_t size);

#endif
