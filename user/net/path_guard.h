/* SPDX-License-Identifier: GPL-2.0 */
/* The process that returns the user's interfaces when the harness is killed. */
#ifndef HARNESS_PATH_GUARD_H
#define HARNESS_PATH_GUARD_H

#include "net/path.h"

/* 0, or a negative errno with one line on stderr. */
int path__set_guard(struct path *path);
/* Ends the guard, which then returns nothing. Does nothing if there is none. */
void path__dismiss_guard(struct path *path);

/* Moves the interface of a side to the caller's namespace. */
void path__give_back(const struct path *path, enum side side);

#endif
