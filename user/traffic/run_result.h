/* SPDX-License-Identifier: GPL-2.0 */
/* The result of a run, summed over its connections. */
#ifndef HARNESS_RUN_RESULT_H
#define HARNESS_RUN_RESULT_H

#include "base/histogram.h"
#include "traffic/control.h"

/* Adds what one side counted on one connection. */
void run_result__add(struct run_result *result, enum side side,
		     const struct control_connection *connection);

/* The mean and the percentiles of a histogram. */
struct latency latency__of(const struct histogram *histogram);

#endif
