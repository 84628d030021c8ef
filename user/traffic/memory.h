/* SPDX-License-Identifier: GPL-2.0 */
/* Whether a run fits into the memory there is: to be refused rather than killed. */
#ifndef HARNESS_MEMORY_H
#define HARNESS_MEMORY_H

#include <stdint.h>

#include "traffic/runner.h"

/* Pure. Bytes of messages and buffers of both sides; the kernel bounds its own by itself. */
uint64_t memory__needed(const struct run_spec *spec);

/*
 * Bytes that can still be had: what the kernel calls available, and what the control group may
 * still take. UINT64_MAX: unknown. `root` goes before every path: "" but in tests.
 */
uint64_t memory__available(const char *root);

#endif
