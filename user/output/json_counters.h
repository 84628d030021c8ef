/* SPDX-License-Identifier: GPL-2.0 */
/* Inside of json: what the processor and the kernel count for each side. */
#ifndef HARNESS_JSON_COUNTERS_H
#define HARNESS_JSON_COUNTERS_H

#include "output/json.h"

/* New objects. "why" has the reason for each counter that is null. */
json_t *json__counters(const struct run_ledger *ledger, enum side side);
json_t *json__kernel_switches(const struct task_switches *switches);
/* Quantities for each byte and each message, of both sides. */
json_t *json__derived(const struct run_ledger *ledger);

#endif
