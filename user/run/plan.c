// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <sys/param.h>

#include "run/plan.h"

#define IN_A_ROW_SECONDS 0.2
#define IN_A_ROW_MAX	 8

/* splitmix64: any seed will do, 0 too. */
static uint64_t random__next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

size_t plan__combinations(const struct options *options)
{
	return options->transport_count * options->sizes.count * options->threads.count;
}

unsigned int plan__variants(const struct options *options)
{
	return options->baseline_runs ? 2 : 1;
}

static struct plan_run plan__run(const struct options *options, size_t combination,
				 unsigned int repeat)
{
	size_t row = combination / options->transport_count;

	return (struct plan_run){
		.combination = combination,
		.transport = options->transport[combination % options->transport_count],
		.message_bytes = options->sizes.value[row % options->sizes.count],
		.threads = options->threads.value[row / options->sizes.count],
		.repeat = repeat,
		.traced = options->traced,
	};
}

/* Fisher and Yates. The bias of the modulo is negligible. */
static void plan__shuffle(struct plan_run *runs, size_t count, uint64_t *random)
{
	for (size_t i = count; i > 1; i--) {
		size_t other = random__next(random) % i;
		struct plan_run swapped = runs[other];

		runs[other] = runs[i - 1];
		runs[i - 1] = swapped;
	}
}

/*
 * How many runs without probes, and then with them, are made in a row: attaching takes longer than
 * a short run. A baseline run stays near its traced run, so that both have the same machine.
 */
static size_t plan__block(const struct options *options)
{
	double fit = options->seconds > 0 ? IN_A_ROW_SECONDS / options->seconds : 1;

	return fit < 1 ? 1 : fit > IN_A_ROW_MAX ? IN_A_ROW_MAX : (size_t)(fit + 1e-9);
}

/*
 * Doubles each block: one half with probes, one without. In place, so the last block is first.
 * Which half leads alternates, so that probes attach or detach once a block.
 */
static void plan__add_baselines(struct plan_run *runs, size_t count, size_t in_a_row,
				uint64_t start)
{
	struct plan_run block[IN_A_ROW_MAX];

	for (size_t i = (count + in_a_row - 1) / in_a_row; i--;) {
		size_t first = i * in_a_row, size = MIN(in_a_row, count - first);
		bool traced = (i + start) % 2 == 0;

		memcpy(block, runs + first, size * sizeof(*block));
		for (size_t j = 0; j < 2 * size; j++) {
			runs[2 * first + j] = block[j % size];
			runs[2 * first + j].traced = j < size ? traced : !traced;
		}
	}
}

size_t plan__repeat(const struct options *options, unsigned int repeat, const bool *wanted,
		    struct plan_run *runs)
{
	uint64_t random = options->seed + repeat * 0xd1342543de82ef95;
	size_t count = 0;

	for (size_t i = 0; i < plan__combinations(options); i++)
		if (wanted[i])
			runs[count++] = plan__run(options, i, repeat);
	if (options->shuffle)
		plan__shuffle(runs, count, &random);
	if (options->baseline_runs)
		plan__add_baselines(runs, count, plan__block(options), options->seed + repeat);
	return count * plan__variants(options);
}
