/* SPDX-License-Identifier: GPL-2.0 */
/* The network namespaces of a path's sides: made or found, entered and left. */
#ifndef HARNESS_PATH_NAMESPACES_H
#define HARNESS_PATH_NAMESPACES_H

#include "net/path.h"

/* All return 0 or a negative errno. */

/* A new namespace for each side; one line on stderr has the reason of a failure. */
int path__add_namespaces(struct path *path);
/*
 * Opens the namespaces that `ip netns add` made and finds the address of each side; one line on
 * stderr has the reason of a failure.
 */
int path__find_namespaces(struct path *path);
int path__find_address(struct path *path, enum side side);
/* Moves this thread into a side's namespace, or back to its own. */
int path__enter(const struct path *path, enum side side);
int path__leave(const struct path *path);

/* A socket in a side's namespace, where it stays, or a negative errno. */
int path__socket(const struct path *path, enum side side);

#endif
