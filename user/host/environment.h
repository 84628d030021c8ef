/* SPDX-License-Identifier: GPL-2.0 */
/* The machine and software that a number was measured with, as JSON. */
#ifndef HARNESS_ENVIRONMENT_H
#define HARNESS_ENVIRONMENT_H

#include <jansson.h>

/* Processors this process may run on; 0: unknown. */
unsigned int environment__cores_allowed(void);

/* A new object; NULL without memory. What cannot be read is null, with its reason under "why". */
json_t *environment__json(void);

#endif
