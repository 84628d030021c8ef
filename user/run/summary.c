// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/json.h"
#include "base/statistics.h"
#include "run/summary.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/*
 * Costs come from runs without probes; numbers that only a probe counts come from runs with probes.
 */
enum source {
	PLAIN, /* the runs without probes, where there are any */
	TRACED,
};

static const struct quantity {
	const char *name;
	const char *path; /* in a run */
	enum source source;
} quantities[] = {
	{"throughput_gbps", "throughput_gbps", PLAIN},
	{"latency_mean_us", "latency_us.mean", PLAIN},
	{"latency_p50_us", "latency_us.p50", PLAIN},
	{"latency_p90_us", "latency_us.p90", PLAIN},
	{"latency_p99_us", "latency_us.p99", PLAIN},
	{"latency_p999_us", "latency_us.p999", PLAIN},
	{"cpu_seconds_per_gib", "derived.cpu_seconds_per_gib", PLAIN},
	{"cycles_per_byte", "derived.cycles_per_byte", PLAIN},
	{"instructions_per_byte", "derived.instructions_per_byte", PLAIN},
	{"cache_misses_per_kib", "derived.cache_misses_per_kib", PLAIN},
	{"sender_switches", "kernel_switches.sender.total", PLAIN},
	{"receiver_switches", "kernel_switches.receiver.total", PLAIN},
	{"switches_per_message", "derived.switches_per_message", PLAIN},
	{"copies_per_byte", "copies_per_byte", TRACED},
	{"copy_ns_per_byte", "derived.copy_ns_per_byte", TRACED},
};

/* The share of the throughput that tracing takes, in each repeat with a baseline run. */
static const char tracing_cost[] = "tracing_cost";

static bool run__is_valid(const json_t *run)
{
	return json_is_true(json__at(run, "valid"));
}

static bool same_combination(const json_t *a, const json_t *b)
{
	static const char *const keys[] = {"transport", "message_bytes", "threads", "path", "mode"};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!json_equal(json_object_get(a, keys[i]), json_object_get(b, keys[i])))
			return false;
	return true;
}

/* All runs of the combination of `first`. */
static json_t *runs__like(const json_t *runs, const json_t *first)
{
	json_t *alike = json_array(), *run;
	size_t i;

	json_array_foreach (runs, i, run)
		if (same_combination(run, first))
			json_array_append(alike, run);
	return alike;
}

static json_t *estimate__json(double *values, size_t count)
{
	struct estimate estimate = statistics__estimate(values, count);

	return json_pack("{s:I, s:o, s:o, s:o, s:o}", "count", (json_int_t)count, "median",
			 count ? json_real(estimate.median) : json_null(), "low",
			 estimate.bounded ? json_real(estimate.low) : json_null(), "high",
			 estimate.bounded ? json_real(estimate.high) : json_null(), "coverage",
			 estimate.bounded ? json_real(estimate.coverage) : json_null());
}

static json_t *quantity__estimate(const struct quantity *quantity, const json_t *runs,
				  double *values)
{
	bool traced = quantity->source == TRACED || !json__any_untraced(runs);
	size_t count = 0, i;
	json_t *run;

	json_array_foreach (runs, i, run) {
		const json_t *value = json__at(run, quantity->path);

		if (run__is_valid(run) && json__is_traced(run) == traced && json_is_number(value))
			values[count++] = json_number_value(value);
	}
	return estimate__json(values, count);
}

static const json_t *run__baseline(const json_t *runs, const json_t *traced)
{
	json_t *run;
	size_t i;

	json_array_foreach (runs, i, run)
		if (!json__is_traced(run) &&
		    json_equal(json__at(run, "repeat"), json__at(traced, "repeat")))
			return run;
	return NULL;
}

static json_t *cost__estimate(const json_t *runs, double *values)
{
	size_t count = 0, i;
	json_t *run;

	json_array_foreach (runs, i, run) {
		const json_t *baseline = json__is_traced(run) ? run__baseline(runs, run) : NULL;
		double throughput = json_number_value(json__at(baseline, "throughput_gbps"));

		if (throughput > 0 && run__is_valid(run) && run__is_valid(baseline))
			values[count++] = 1 - json_number_value(json__at(run, "throughput_gbps")) /
						      throughput;
	}
	return estimate__json(values, count);
}

/* Invalid runs are in results.csv with their reasons, but in no estimate. */
static size_t count_invalid(const json_t *runs)
{
	size_t count = 0, i;
	json_t *run;

	json_array_foreach (runs, i, run)
		count += !run__is_valid(run);
	return count;
}

static json_t *row__json(const json_t *runs)
{
	double *values = calloc(json_array_size(runs), sizeof(*values));
	const json_t *first = json_array_get(runs, 0);
	json_t *estimates = json_object();

	for (size_t i = 0; values && i < ARRAY_SIZE(quantities); i++)
		json_object_set_new(estimates, quantities[i].name,
				    quantity__estimate(&quantities[i], runs, values));
	if (values)
		json_object_set_new(estimates, tracing_cost, cost__estimate(runs, values));
	free(values);
	return json_pack("{s:O, s:O, s:O, s:O, s:O, s:I, s:o}", "transport",
			 json_object_get(first, "transport"), "message_bytes",
			 json_object_get(first, "message_bytes"), "threads",
			 json_object_get(first, "threads"), "path", json_object_get(first, "path"),
			 "mode", json_object_get(first, "mode"), "invalid",
			 (json_int_t)count_invalid(runs), "quantities", estimates);
}

static bool seen_before(const json_t *runs, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (same_combination(json_array_get(runs, i), json_array_get(runs, index)))
			return true;
	return false;
}

json_t *summary__json(const json_t *runs)
{
	json_t *rows = json_array(), *run;
	size_t i;

	json_array_foreach (runs, i, run) {
		json_t *alike;

		if (seen_before(runs, i))
			continue;
		alike = runs__like(runs, run);
		json_array_append_new(rows, row__json(alike));
		json_decref(alike);
	}
	return json_pack("{s:s, s:f, s:o}", "schema", "harness.summary/1", "confidence", CONFIDENCE,
			 "rows", rows);
}

static void print_number(FILE *stream, const json_t *number)
{
	fputc(',', stream);
	if (json_is_number(number))
		fprintf(stream, "%.*g", JSON_DIGITS, json_number_value(number));
}

static void print_row(FILE *stream, const json_t *row)
{
	const json_t *all = json_object_get(row, "quantities");
	const char *name;
	json_t *quantity;

	fprintf(stream, "%s,%lld,%lld,\"%s\",%s,%lld",
		json_string_value(json__at(row, "transport")),
		json_integer_value(json__at(row, "message_bytes")),
		json_integer_value(json__at(row, "threads")),
		json_string_value(json__at(row, "path")), json_string_value(json__at(row, "mode")),
		json_integer_value(json__at(row, "invalid")));
	json_object_foreach ((json_t *)all, name, quantity) {
		print_number(stream, json_object_get(quantity, "median"));
		print_number(stream, json_object_get(quantity, "low"));
		print_number(stream, json_object_get(quantity, "high"));
		print_number(stream, json_object_get(quantity, "count"));
	}
	fputc('\n', stream);
}

char *summary__csv(const json_t *summary)
{
	char *text = NULL;
	size_t size, i;
	FILE *stream = open_memstream(&text, &size);
	json_t *row;

	if (!stream)
		return NULL;
	fputs("implementation,message_size,threads,path,mode,invalid", stream);
	for (i = 0; i <= ARRAY_SIZE(quantities); i++) {
		const char *name = i < ARRAY_SIZE(quantities) ? quantities[i].name : tracing_cost;

		fprintf(stream, ",%s,%s_low,%s_high,%s_count", name, name, name, name);
	}
	fputc('\n', stream);
	json_array_foreach (json_object_get(summary, "rows"), i, row)
		print_row(stream, row);
	return fclose(stream) ? NULL : text;
}
