/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Repeats every combination as often as was asked for, and on until its throughput is precise
 * enough or the limit is reached. Pure but for what `run` does.
 */
#ifndef HARNESS_GRID_H
#define HARNESS_GRID_H

#include "run/plan.h"

/* Makes one run and reports its throughput. Not 0: the grid ends with that. */
typedef int grid_run(void *context, const struct plan_run *run, double *throughput);

/* 0, -ENOMEM, or what `run` returned. */
int grid__run(const struct options *options, grid_run *run, void *context);

#endif
