/* SPDX-License-Identifier: GPL-2.0 */
/* Whether a run fits into the memory, so that it is refused rather than killed. */
#ifndef HARNESS_MEMORY_H
#define HARNESS_MEMORY_H

#include <stdint.h>

#include "traffic/runner.h"

/* Pure. Bytes of messages and buffers of both sides, without the kernel's own. */
uint64_t memory__needed(const struct run_spec *spec);

/*
 * Bytes that can still be allocated: what the kernel calls available, and what the control group
 * still allows. UINT64_MAX: unknown. `root` goes before every path: "" but in tests.
 */
uint64_t memory__available(const char *root);

#endif
