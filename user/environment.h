/* SPDX-License-Identifier: GPL-2.0 */
/* Where a number was measured, as data. */
#ifndef HARNESS_ENVIRONMENT_H
#define HARNESS_ENVIRONMENT_H

#include <jansson.h>

/* The harness's own version, from git. */
const char *environment__version(void);

/* A new object, null for what cannot be read; NULL without memory. */
json_t *environment__json(void);

#endif
