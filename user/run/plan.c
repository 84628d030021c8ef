// SPDX-License-Identifier: GPL-2.0
#include "run/plan.h"

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

/* Adds a baseline run to each run, in place, from the end. */
static void plan__add_baselines(struct plan_run *runs, size_t count, bool shuffle, uint64_t *random)
{
	while (count--) {
		struct plan_run run = runs[count];
		bool traced_first = shuffle && random__next(random) & 1;

		runs[2 * count] = run;
		runs[2 * count].traced = traced_first;
		runs[2 * count + 1] = run;
		runs[2 * count + 1].traced = !traced_first;
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
		plan__add_baselines(runs, count, options->shuffle, &random);
	return count * plan__variants(options);
}
