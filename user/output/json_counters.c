// SPDX-License-Identifier: GPL-2.0
#include <math.h>

#include "output/json_counters.h"

/* The counter's first reading without a number; NULL: all have one. */
static const struct reading *counter__unknown(const struct readings *readings, enum counter_id id)
{
	const struct reading *modes = readings->reading[id];

	if (reading__code(&modes[MODE_ALL]))
		return &modes[MODE_ALL];
	if (counter__is_split(id) && reading__code(&modes[MODE_KERNEL]))
		return &modes[MODE_KERNEL];
	return NULL;
}

static json_t *scaled_json(const struct reading *reading)
{
	double value;

	return reading__scaled(reading, &value) ? json_integer(llround(value)) : json_null();
}

static void counter__add(json_t *json, const struct readings *readings, enum counter_id id)
{
	const struct reading *modes = readings->reading[id];
	char key[64];
	double total;

	json_object_set_new(json, counter__name(id),
			    readings__total(readings, id, &total) ? json_integer(llround(total))
								  : json_null());
	if (!counter__is_split(id))
		return;
	snprintf(key, sizeof(key), "%s_user", counter__name(id));
	json_object_set_new(json, key, scaled_json(&modes[MODE_USER]));
	snprintf(key, sizeof(key), "%s_kernel", counter__name(id));
	json_object_set_new(json, key, scaled_json(&modes[MODE_KERNEL]));
	/* 1: it counted all the time; 2: half of the time, so that the number is an estimate */
	snprintf(key, sizeof(key), "%s_scaling", counter__name(id));
	json_object_set_new(
		json, key,
		json__real(!counter__unknown(readings, id),
			   (double)modes[MODE_USER].enabled_ns / modes[MODE_USER].running_ns));
}

json_t *json__counters(const struct run_ledger *ledger, enum side side)
{
	json_t *json = json_object(), *why = json_object(), *codes = json_object();
	const struct readings *readings = &ledger->result.counters[side];

	for (int id = 0; id < COUNTERS; id++) {
		const char *name = counter__name(id), *code = "not_asked", *words = "not asked for";

		if (ledger->result.counted) {
			const struct reading *unknown = counter__unknown(readings, id);

			counter__add(json, readings, id);
			code = unknown ? reading__code(unknown) : NULL;
			words = unknown ? reading__why(unknown) : NULL;
		} else {
			json_object_set_new(json, name, json_null());
		}
		if (code) {
			json_object_set_new(why, name, json_string(words));
			json_object_set_new(codes, name, json_string(code));
		}
	}
	json_object_set_new(json, "why", why);
	json_object_set_new(json, "why_codes", codes);
	return json;
}

json_t *json__kernel_switches(const struct task_switches *switches)
{
	bool known = switches->known;

	return json_pack("{s:o, s:o, s:o}", "voluntary", json__whole(known, switches->voluntary),
			 "involuntary", json__whole(known, switches->involuntary), "total",
			 json__whole(known, switches->voluntary + switches->involuntary));
}

/* A counter of both sides, divided by the payload in units of so many bytes. */
static json_t *per_bytes(const struct run_ledger *ledger, enum counter_id id, double bytes)
{
	double sender, receiver;
	bool known = ledger->result.counted && ledger->result.received_bytes &&
		     readings__total(&ledger->result.counters[SENDER], id, &sender) &&
		     readings__total(&ledger->result.counters[RECEIVER], id, &receiver);

	return known ? json_real((sender + receiver) * bytes / ledger->result.received_bytes)
		     : json_null();
}

#define KIB 1024.0
#define GIB (1024.0 * 1024 * 1024)

static const struct derived {
	const char *name;
	enum counter_id id;
	double bytes;
} derived[] = {
	{"cycles_per_byte", COUNTER_CYCLES, 1},
	{"instructions_per_byte", COUNTER_INSTRUCTIONS, 1},
	{"cache_misses_per_kib", COUNTER_CACHE_MISSES, KIB},
	{"l1d_load_misses_per_kib", COUNTER_L1D_LOAD_MISSES, KIB},
	{"llc_load_misses_per_kib", COUNTER_LLC_LOAD_MISSES, KIB},
	{"dtlb_load_misses_per_kib", COUNTER_DTLB_LOAD_MISSES, KIB},
	{"branch_misses_per_kib", COUNTER_BRANCH_MISSES, KIB},
};

/* Context switches of both sides for a message, by the kernel's counts for each thread. */
static json_t *switches_per_message(const struct run_result *result)
{
	const struct task_switches *switches = result->switches;
	uint64_t all = 0;

	for (int side = 0; side < SIDE_COUNT; side++)
		all += switches[side].voluntary + switches[side].involuntary;
	return json__real(switches[SENDER].known && switches[RECEIVER].known &&
				  result->received_messages,
			  (double)all / result->received_messages);
}

/* --time: nanoseconds of all timed copies for a payload byte. */
static json_t *copy_ns_per_byte(const struct run_ledger *ledger)
{
	const struct maybe *copying = &ledger->ledger.copying_ns;
	uint64_t payload = ledger->result.received_bytes;

	return json__real(copying->known && payload, copying->value / payload);
}

json_t *json__derived(const struct run_ledger *ledger)
{
	const struct run_result *result = &ledger->result;
	double cpu = result->cpu_seconds[SENDER] + result->cpu_seconds[RECEIVER];
	json_t *json = json_object();

	for (size_t i = 0; i < sizeof(derived) / sizeof(derived[0]); i++)
		json_object_set_new(json, derived[i].name,
				    per_bytes(ledger, derived[i].id, derived[i].bytes));
	json_object_set_new(json, "cpu_seconds_per_gib",
			    json__real(result->received_bytes, cpu * GIB / result->received_bytes));
	json_object_set_new(json, "switches_per_message", switches_per_message(result));
	if (ledger->traced & TRACE_TIME)
		json_object_set_new(json, "copy_ns_per_byte", copy_ns_per_byte(ledger));
	return json;
}
