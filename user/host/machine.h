/* SPDX-License-Identifier: GPL-2.0 */
/* What the speed of the machine depends on, from /sys and /proc. */
#ifndef HARNESS_MACHINE_H
#define HARNESS_MACHINE_H

#include <jansson.h>

/*
 * Adds the caches, the frequency governor, the mitigations and the kernel's command line to `json`.
 * A value that cannot be read is null there, with the reason in `why` under the same key. `root`
 * goes before every path: "" except in tests.
 */
void machine__describe(const char *root, json_t *json, json_t *why);

#endif
