// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "base/text.h"
#include "output/json.h"
#include "run/comparison.h"

#define KIB 1024
#define MIB (1024 * KIB)

/* Negative: no run, or no value in it. A speed or a time of 0 is no value. */
static double run__value(const json_t *run, enum compared by)
{
	const json_t *number;

	if (by == COMPARED_COPIES)
		number = json__at(run, "copies_per_byte");
	else if (by == COMPARED_CPU)
		number = json__at(json__at(run, "derived"), "cpu_seconds_per_gib");
	else
		number = json__at(run, "throughput_gbps");
	if (!json_is_number(number) || (by != COMPARED_COPIES && json_number_value(number) <= 0))
		return -1;
	return json_number_value(number);
}

/* NULL: there is no such run, or it is invalid. */
static const json_t *run__find(const json_t *runs, const struct comparison *comparison,
			       const char *transport, json_int_t repeat, bool traced)
{
	json_t *run;
	size_t i;

	json_array_foreach (runs, i, run)
		if (json__is_of(run, transport, comparison->message_bytes, comparison->threads) &&
		    json_integer_value(json__at(run, "repeat")) == repeat &&
		    json__is_traced(run) == traced && json_is_true(json__at(run, "valid")))
			return run;
	return NULL;
}

static json_int_t repeats(const json_t *runs)
{
	json_int_t most = 0;
	json_t *run;
	size_t i;

	json_array_foreach (runs, i, run) {
		json_int_t repeat = json_integer_value(json__at(run, "repeat"));

		most = repeat > most ? repeat : most;
	}
	return most;
}

/* `with` NULL: no ratio, but the value. */
static struct estimate estimate_of(const struct comparison *comparison, const char *with,
				   const json_t *runs, double confidence)
{
	bool traced = comparison->by == COMPARED_COPIES || !json__any_untraced(runs);
	json_int_t most = repeats(runs);
	double *values = calloc(most + 1, sizeof(*values));
	struct estimate estimate;
	size_t count = 0;

	if (!values)
		return (struct estimate){};
	for (json_int_t repeat = 1; repeat <= most; repeat++) {
		double one = run__value(
			run__find(runs, comparison, comparison->transport, repeat, traced),
			comparison->by);
		double base = with ? run__value(run__find(runs, comparison, with, repeat, traced),
						comparison->by)
				   : 1;

		if (one >= 0 && base > 0)
			values[count++] = one / base;
	}
	estimate = statistics__estimate_at(values, count, confidence);
	free(values);
	return estimate;
}

struct estimate comparison__ratio(const struct comparison *comparison, const json_t *runs,
				  double confidence)
{
	return estimate_of(comparison, comparison->with, runs, confidence);
}

struct estimate comparison__value(const struct comparison *comparison, const json_t *runs)
{
	return estimate_of(comparison, NULL, runs, CONFIDENCE);
}

/* "64 KiB", "100 bytes" */
static const char *size__text(char text[static TEXT_NUMBER], size_t bytes)
{
	if (bytes % MIB == 0)
		snprintf(text, TEXT_NUMBER, "%zu MiB", bytes / MIB);
	else if (bytes % KIB == 0)
		snprintf(text, TEXT_NUMBER, "%zu KiB", bytes / KIB);
	else
		snprintf(text, TEXT_NUMBER, "%zu bytes", bytes);
	return text;
}

void comparison__describe(const struct comparison *comparison, const struct estimate *ratio,
			  char *text, size_t size)
{
	bool open = ratio->bounded && ratio->low <= 1 && ratio->high >= 1;
	char bytes[TEXT_NUMBER];

	snprintf(text, size, "%s was %.2f ", comparison->transport, ratio->median);
	if (ratio->bounded)
		text__append(text, size, "(%.2f to %.2f) ", ratio->low, ratio->high);
	text__append(text, size, "times as fast as %s at %s", comparison->with,
		     size__text(bytes, comparison->message_bytes));
	if (comparison->name_threads)
		text__append(text, size, ", %u thread%s", comparison->threads,
			     comparison->threads == 1 ? "" : "s");
	text__append(text, size, "%s", open ? ": undecided" : "");
}
