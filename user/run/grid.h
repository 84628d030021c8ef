/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Repeats every combination as often as requested, then until its throughput is precise enough or
 * the limit is reached. Pure, except for `run`.
 */
#ifndef HARNESS_GRID_H
#define HARNESS_GRID_H

#include "run/plan.h"

/* Makes one run and reports its throughput. A result other than 0 ends the grid. */
typedef int grid_run(void *context, const struct plan_run *run, double *throughput);

/* 0, -ENOMEM, or the result of `run` that ended the grid. */
int grid__run(const struct options *options, grid_run *run, void *context);

#endif
