/* SPDX-License-Identifier: GPL-2.0 */
/* The process that gives the user's interfaces back when the harness is killed. */
#ifndef HARNESS_PATH_GUARD_H
#define HARNESS_PATH_GUARD_H

#include "net/path.h"

/* 0, or a negative errno with one line on stderr. */
int path__set_guard(struct path *path);
/* Ends it before it gives anything back; does nothing if there is none. */
void path__dismiss_guard(struct path *path);

/* Moves the interface of a side to the caller's namespace. */
void path__give_back(const struct path *path, enum side side);

#endif
