/* SPDX-License-Identifier: GPL-2.0 */
/* The network namespaces of a path's sides: made or found, entered and left. */
#ifndef HARNESS_PATH_NAMESPACES_H
#define HARNESS_PATH_NAMESPACES_H

#include "net/path.h"

/* All return 0 or a negative errno. */

/* A new namespace for each side; one line on stderr says why not. */
int path__add_namespaces(struct path *path);
/* Those that `ip netns add` made, and the address of each side in them; one line says why not. */
int path__find_namespaces(struct path *path);
int path__find_address(struct path *path, enum side side);
/* This thread enters a side's namespace, or goes back to its own. */
int path__enter(const struct path *path, enum side side);
int path__leave(const struct path *path);

/* A socket of a side's namespace, in which it stays, or a negative errno. */
int path__socket(const struct path *path, enum side side);

#endif
