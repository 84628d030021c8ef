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

#include "base/choices.h"
#include "base/side.h"
#include "net/xdp.h"

enum path_kind {
	PATH_LO,
	PATH_VETH,
	PATH_NIC,
	PATH_NETNS,
};

#define PATH_WORD 64 /* room for the name of an interface or a namespace */

struct path_spec {
	enum path_kind kind;
	char word[SIDE_COUNT][PATH_WORD]; /* interface, or namespace; empty on lo */
	char name[8 + 2 * PATH_WORD];	  /* as the user wrote it: "nic:eth1,eth2" */
};

/* Pure. 0, or -EINVAL with one line on stderr. */
int path__parse(const char *text, struct path_spec *spec);

/*
 * The paths that `begun` may grow into: the kinds, or after "nic:" the interfaces of this namespace
 * and after "netns:" the named namespaces, one name at a time.
 */
void path__choices(const char *begun, struct choices *choices);
/* The interfaces of this namespace. */
void path__interfaces(struct choices *choices);

struct path {
	const struct path_spec *spec;	      /* borrowed */
	struct in_addr address;		      /* where the sender listens */
	int namespace_fd[SIDE_COUNT];	      /* -1: the caller's */
	int home_fd;			      /* the caller's own namespace, -1 on lo */
	char device[SIDE_COUNT][IF_NAMESIZE]; /* what each side's bytes cross */
	bool taken[SIDE_COUNT]; /* an interface of the user's that is to be given back */
	pid_t guard;		/* gives them back when the harness is killed; 0: none */
	int guard_fd;		/* whose end tells it so */
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
/*
 * Why more is copied of what is received by it than any probe counts, in a sentence; empty: nothing
 * is known to be. At this moment: programs of devices come and go.
 */
void path__uncounted(const struct path *path, char *why, size_t size);
/* Names on stderr, a line each, what is down or has no carrier; says nothing when all is well. */
void path__complain_of_links(const struct path *path);
/* Gives interfaces back to the caller's namespace: down and without addresses. */
void path__close(struct path *path);

#endif
