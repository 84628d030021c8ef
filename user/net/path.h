/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the bytes cross: the loopback, a veth pair, two interfaces, or whatever lies between two
 * namespaces that the user made.
 *
 * All but the loopback put each side into a network namespace of its own, because between two
 * addresses of one namespace the kernel would deliver over lo. The namespaces have no name and live
 * as long as something refers to them, so that nothing is left behind however the harness ends.
 * Interfaces of the user's are given back by a process of their own when the harness is killed:
 * with their namespaces the kernel would delete those that are virtual.
 */
#ifndef HARNESS_PATH_H
#define HARNESS_PATH_H

#include <jansson.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>

#include "net/path_spec.h"
#include "net/xdp.h"

struct path {
	const struct path_spec *spec;	      /* borrowed */
	struct in_addr address;		      /* where the sender listens */
	int namespace_fd[SIDE_COUNT];	      /* -1: the caller's */
	int home_fd;			      /* the caller's own namespace, -1 on lo */
	char device[SIDE_COUNT][IF_NAMESIZE]; /* what each side's bytes cross */
	bool taken[SIDE_COUNT];		      /* an interface of the user's, to be returned */
	pid_t guard;			      /* returns them when the harness is killed; 0: none */
	int guard_fd; /* the guard returns them when this descriptor is closed */
};

/*
 * 0 or a negative errno with one line on stderr: -ENODEV when there is no such interface, -EPERM
 * without the privilege. On failure nothing is left to close.
 */
int path__open(const struct path_spec *spec, struct path *path);
/* What the path is made of: a new object, with the device of each side. */
json_t *path__json(const struct path *path);
/* The XDP program of a side's device. */
enum xdp_mode path__xdp(const struct path *path, enum side side);
/* At the receiver's device, at this moment: a program may be attached to it at any time. */
struct xdp_copies path__xdp_copies(const struct path *path);
/* Returns interfaces to the caller's namespace: down and without addresses. */
void path__close(struct path *path);

#endif
