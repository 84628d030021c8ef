/* SPDX-License-Identifier: GPL-2.0 */
/* A network interface and its offloads, as JSON. */
#ifndef HARNESS_PATH_DETAILS_H
#define HARNESS_PATH_DETAILS_H

#include <jansson.h>

#include "net/xdp.h"

/* An interface in the namespace of `socket`. A new object, with null for unknown values. */
json_t *path_details__json(int socket, const char *name, enum xdp_mode xdp);

#endif
