/* SPDX-License-Identifier: GPL-2.0 */
/* Whether the interfaces of a path are up and have a carrier. */
#ifndef HARNESS_PATH_LINKS_H
#define HARNESS_PATH_LINKS_H

#include "net/path.h"

/* Waits ten seconds at most. 0, or a negative errno with one line on stderr. */
int path__wait_carrier(const struct path *path, enum side side);
/* Prints a line on stderr for each interface that is down or has no carrier. */
void path__complain_of_links(const struct path *path);

#endif
