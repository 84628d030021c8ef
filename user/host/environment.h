/* SPDX-License-Identifier: GPL-2.0 */
/* Where a number was measured, as data. */
#ifndef HARNESS_ENVIRONMENT_H
#define HARNESS_ENVIRONMENT_H

#include <jansson.h>

/* Processors this process may run on; 0: unknown. */
unsigned int environment__cores_allowed(void);

/*
 * A new object, null for what cannot be read, some of it with its reason in "why"; NULL without
 * memory.
 */
json_t *environment__json(void);

#endif
