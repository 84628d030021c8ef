/* SPDX-License-Identifier: GPL-2.0 */
/* What a network interface is and does on behalf of the CPU. */
#ifndef HARNESS_PATH_DETAILS_H
#define HARNESS_PATH_DETAILS_H

#include <jansson.h>

#include "net/xdp.h"

/* Of an interface in the namespace that `socket` is of. A new object, null for what it hides. */
json_t *path_details__json(int socket, const char *name, enum xdp_mode xdp);

#endif
