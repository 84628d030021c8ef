// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run/grid.h"
#include "base/statistics.h"

struct grid {
	const struct options *options;
	grid_run *run;
	void *context;
	size_t combinations;
	struct plan_run *runs; /* of one repeat */
	bool *wanted;	       /* by combination */
	double *throughput;    /* by combination, then repeat */
	double *sorted;
};

/* The throughput of a combination is that of its baseline runs, where it has them. */
static bool run__decides(const struct options *options, const struct plan_run *run)
{
	return !options->baseline_runs || !run->traced;
}

static int grid__repeat(struct grid *grid, unsigned int repeat)
{
	size_t count = plan__repeat(grid->options, repeat, grid->wanted, grid->runs);
	int err = 0;

	for (size_t i = 0; i < count && !err; i++) {
		const struct plan_run *run = &grid->runs[i];
		size_t first = run->combination * grid->options->repeat_max;
		double throughput = 0;

		err = grid->run(grid->context, run, &throughput);
		if (run__decides(grid->options, run))
			grid->throughput[first + repeat - 1] = throughput;
	}
	return err;
}

/* Clears `wanted` for combinations that are precise enough. Returns whether any are left. */
static bool grid__judge(struct grid *grid, unsigned int repeat)
{
	bool any = false;

	for (size_t i = 0; i < grid->combinations; i++) {
		struct estimate estimate;

		if (!grid->wanted[i])
			continue;
		memcpy(grid->sorted, grid->throughput + i * grid->options->repeat_max,
		       repeat * sizeof(*grid->sorted));
		estimate = statistics__estimate(grid->sorted, repeat);
		grid->wanted[i] = estimate__width(&estimate) > grid->options->precision;
		any |= grid->wanted[i];
	}
	return any;
}

static int grid__go(struct grid *grid)
{
	const struct options *options = grid->options;
	int err;

	memset(grid->wanted, true, grid->combinations * sizeof(*grid->wanted));
	for (unsigned int repeat = 1; repeat <= options->repeat_max; repeat++) {
		err = grid__repeat(grid, repeat);
		if (err)
			return err;
		if (repeat >= options->repeat && !grid__judge(grid, repeat))
			return 0;
	}
	return 0;
}

int grid__run(const struct options *options, grid_run *run, void *context)
{
	struct grid grid = {
		.options = options,
		.run = run,
		.context = context,
		.combinations = plan__combinations(options),
	};
	int err = -ENOMEM;

	grid.runs = calloc(grid.combinations * plan__variants(options), sizeof(*grid.runs));
	grid.wanted = calloc(grid.combinations, sizeof(*grid.wanted));
	grid.throughput = calloc(grid.combinations * options->repeat_max, sizeof(*grid.throughput));
	grid.sorted = calloc(options->repeat_max, sizeof(*grid.sorted));
	if (grid.runs && grid.wanted && grid.throughput && grid.sorted)
		err = grid__go(&grid);
	free(grid.runs);
	free(grid.wanted);
	free(grid.throughput);
	free(grid.sorted);
	return err;
}
