// SPDX-License-Identifier: GPL-2.0
/* One run, counted: it follows the two sides and reads the rows of both. */
#include <errno.h>
#include <string.h>

#include "run/measure.h"
#include "tracer/rows.h"

/* The sums of a reading of the rows. */
struct sum {
	int number[SIDE_COUNT]; /* the row of each side */
	struct side_counts *counts;
};

static int sum__side(const struct sum *sum, unsigned int number)
{
	for (int side = 0; side < SIDE_COUNT; side++)
		if (sum->number[side] == (int)number)
			return side;
	return SIDE_COUNT;
}

static int sum__row(void *context, const struct row_reading *reading)
{
	const struct sum *sum = context;
	int side = sum__side(sum, reading->number);

	if (side == SIDE_COUNT)
		return 0;
	sum->counts[side].tally = *reading->tally;
	if (reading->times)
		sum->counts[side].times = *reading->times;
	return 0;
}

static int sum__cause(void *context, const struct cause_reading *reading)
{
	const struct sum *sum = context;
	int side = sum__side(sum, reading->number);

	/* no receiver reads in the kernel */
	return side == SIDE_COUNT || reading->kind != CAUSE_COPIED
		       ? 0
		       : causes__add(&sum->counts[side].causes, reading->function, reading->device,
				     &reading->counter);
}

static void sum__released(void *context, unsigned int number)
{
	(void)context;
	(void)number;
}

static int measure__follow(struct measure *measure, struct runner *runner, struct sum *sum)
{
	for (int side = 0; side < SIDE_COUNT; side++) {
		sum->number[side] = rows__follow(measure->rows, runner__pid(runner, side), true);
		if (sum->number[side] < 0)
			return sum->number[side];
	}
	return 0;
}

static int measure__read(struct measure *measure, struct sum *sum)
{
	const struct row_reader reader = {
		.row = sum__row,
		.cause = sum__cause,
		.released = sum__released,
		.context = sum,
	};

	return rows__read(measure->rows, &reader);
}

/* Between start and stop of a runner: lets the traffic run, traced if a tracer is attached. */
static int measure__trace(struct measure *measure, struct runner *runner, struct run_result *result,
			  struct side_counts counts[SIDE_COUNT])
{
	struct sum sum = {.counts = counts};
	int err;

	if (!measure->tracer)
		return runner__go(runner, measure->cancel_fd, result);
	err = measure__follow(measure, runner, &sum);
	if (err)
		return err;
	tracer__arm(measure->tracer);
	err = runner__go(runner, measure->cancel_fd, result);
	tracer__disarm(measure->tracer);
	return err ?: measure__read(measure, &sum);
}

void side_counts__free(struct side_counts counts[SIDE_COUNT])
{
	for (int side = 0; side < SIDE_COUNT; side++)
		causes__free(&counts[side].causes);
}

/* One run from start to stop. On success the causes in counts are the caller's to free. */
int measure__count(struct measure *measure, const struct run_spec *spec, struct run_result *result,
		   struct side_counts counts[SIDE_COUNT], unsigned long long *lost)
{
	struct runner *runner;
	int err;

	memset(result, 0, sizeof(*result));
	memset(counts, 0, SIDE_COUNT * sizeof(*counts));
	if (measure__cancelled(measure))
		return -ECANCELED;
	err = runner__start(spec, &runner);
	if (err)
		return err;
	err = measure__trace(measure, runner, result, counts);
	runner__stop(runner);
	if (!err && measure->tracer)
		err = tracer__lost(measure->tracer, lost);
	if (measure->tracer && rows__forget(measure->rows) && !err)
		err = -EIO;
	if (err)
		side_counts__free(counts);
	return err;
}

/* A site that was proved to the byte is exact, by any method. */
