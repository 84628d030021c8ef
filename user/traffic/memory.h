/* SPDX-License-Identifier: GPL-2.0 */
/* Whether a run fits into memory: if not, it is refused rather than killed. */
#ifndef HARNESS_MEMORY_H
#define HARNESS_MEMORY_H

#include <stdint.h>

#include "traffic/runner.h"

/* Pure. Bytes of both sides' messages and buffers, without the kernel's own. */
uint64_t memory__needed(const struct run_spec *spec);

/*
 * Bytes that can still be allocated: the kernel's MemAvailable, limited by the control groups.
 * UINT64_MAX: unknown. `root` precedes each path; it is "" except in tests.
 */
uint64_t memory__available(const char *root);

#endif
