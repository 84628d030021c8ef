// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <math.h>
#include <string.h>

#include "tracer/activity.h"
#include "output/json.h"

json_t *json__whole(bool known, int64_t number)
{
	return known ? json_integer(number) : json_null();
}

json_t *json__real(bool known, double number)
{
	return known ? json_real(number) : json_null();
}

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

json_t *json__strings(char *const text[], size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_string(text[i]));
	return array;
}

static json_t *probe_state(enum probe_state state)
{
	switch (state) {
	case PROBE_ATTACHED:
		return json_string("attached");
	case PROBE_REFUSED:
		return json_string("refused");
	case PROBE_SET_ASIDE:
		return json_string("set_aside");
	case PROBE_NOT_NEEDED:
		break;
	}
	return json_string("not_needed");
}

static const char *probe_why(const struct probe_status *probe)
{
	if (probe->state != PROBE_SET_ASIDE)
		return probe->why;
	return probe->sites & 1u << SITE_SEND_COPY
		       ? "no send was to differ, and what was sent is read from the sockets"
		       : "no page was to be lent";
}

static json_t *probe_json(const struct probe_status *probe, const char *site)
{
	bool missed_known = probe->state == PROBE_ATTACHED && probe->missed_known;

	return json_pack("{s:o, s:s, s:s, s:s, s:o, s:o, s:o}", "site", text_or_null(site),
			 "function", probe->function, "program", probe->program, "attach",
			 attach__name(probe->attach), "status", probe_state(probe->state), "missed",
			 json__whole(missed_known, probe->missed), "why",
			 text_or_null(probe_why(probe)));
}

/* A row for each site that a probe serves; one without a site for what serves none. */
json_t *json__probes(const struct probe_status *probes, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++) {
		const struct probe_status *probe = &probes[i];

		if (!probe->sites)
			json_array_append_new(array, probe_json(probe, NULL));
		for (int site = 0; site < SITE_COUNT; site++)
			if (probe->sites & 1u << site)
				json_array_append_new(array, probe_json(probe, sites[site].name));
	}
	return array;
}

static json_t *check_json(const struct memcpy_check *check)
{
	bool known = !check->error;

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "transport", check->transport,
			 "self_reported_bytes", json__whole(known, check->self_reported.bytes),
			 "uprobe_bytes", json__whole(known, check->uprobe.bytes), "calls",
			 json__whole(known, check->uprobe.calls), "equal",
			 known ? json_boolean(memcpy_check__equal(check)) : json_null(), "why",
			 text_or_null(known ? NULL : memcpy_check__why_not(check)));
}

/* null: nothing was checked, because copies were not traced */
static json_t *checks_json(const struct results *results)
{
	json_t *array;

	if (!results->check_count)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < results->check_count; i++)
		json_array_append_new(array, check_json(&results->checks[i]));
	return array;
}

static json_t *traced_json(unsigned int traced)
{
	json_t *array = json_array();

	if (traced & TRACE_COPIES)
		json_array_append_new(array, json_string("copies"));
	if (traced & TRACE_SCHED)
		json_array_append_new(array, json_string("sched"));
	if (traced & TRACE_COUNTERS)
		json_array_append_new(array, json_string("counters"));
	return array;
}

static json_t *causes_json(const struct cause *causes, size_t count, enum site site)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++) {
		const struct cause *cause = &causes[i];

		if (cause->site == site)
			json_array_append_new(
				array, json_pack("{s:s, s:s, s:s, s:I, s:I}", "cause", cause->cause,
						 "function", cause->function, "device",
						 cause->device, "bytes", (json_int_t)cause->bytes,
						 "calls", (json_int_t)cause->calls));
	}
	return array;
}

json_t *json__sites(const struct site_value values[SITE_COUNT], const struct cause *causes,
		    size_t cause_count)
{
	json_t *object = json_object(), *json;

	for (int site = 0; site < SITE_COUNT; site++) {
		const struct site_value *value = &values[site];
		bool known = value->evidence != EVIDENCE_UNAVAILABLE;

		json = json_pack("{s:o, s:o, s:s}", "bytes", json__whole(known, value->bytes),
				 "calls", json__whole(known && !value->calls_unknown, value->calls),
				 "evidence", evidence__name(value->evidence));
		if (known && (site == SITE_DEFERRED_COPY || site == SITE_TAP_COPY))
			json_object_set_new(json, "causes", causes_json(causes, cause_count, site));
		json_object_set_new(object, sites[site].name, json);
	}
	return object;
}

json_t *json__switches(const struct switches *switches)
{
	const uint64_t *in = switches->blocked_in;
	json_t *blocked = json_object();

	for (int doing = 0; doing < DOING_COUNT; doing++)
		json_object_set_new(blocked, activity__name(doing),
				    json__whole(switches->blocked_known, in[doing]));
	return json_pack("{s:o, s:o, s:o}", "voluntary",
			 json__whole(switches->known, switches->voluntary), "involuntary",
			 json__whole(switches->known, switches->involuntary), "blocked_in",
			 blocked);
}

/* Why it has no number; counted in both modes, the first reason is that of both. */
static const char *counter__why(const struct readings *readings, enum counter_id id)
{
	const char *why = reading__why(&readings->reading[id][MODE_ALL]);

	if (!why && counter__is_split(id))
		why = reading__why(&readings->reading[id][MODE_KERNEL]);
	return why;
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
	/* 1: it counted all the time; 2: half of it, and is an estimate */
	snprintf(key, sizeof(key), "%s_scaling", counter__name(id));
	json_object_set_new(
		json, key,
		json__real(!counter__why(readings, id),
			   (double)modes[MODE_USER].enabled_ns / modes[MODE_USER].running_ns));
}

/* "why" says of each counter that is null why it is. */
static json_t *counters_json(const struct ledger *ledger, enum side side)
{
	json_t *json = json_object(), *why = json_object();

	for (int id = 0; id < COUNTERS; id++) {
		const struct readings *readings = &ledger->result.counters[side];
		const char *reason =
			ledger->result.counted ? counter__why(readings, id) : "not asked for";

		if (ledger->result.counted)
			counter__add(json, readings, id);
		else
			json_object_set_new(json, counter__name(id), json_null());
		if (reason)
			json_object_set_new(why, counter__name(id), json_string(reason));
	}
	json_object_set_new(json, "why", why);
	return json;
}

static json_t *kernel_switches_json(const struct task_switches *switches)
{
	bool known = switches->known;

	return json_pack("{s:o, s:o, s:o}", "voluntary", json__whole(known, switches->voluntary),
			 "involuntary", json__whole(known, switches->involuntary), "total",
			 json__whole(known, switches->voluntary + switches->involuntary));
}

/* A counter of both sides for so many bytes of payload. */
static json_t *per_bytes(const struct ledger *ledger, enum counter_id id, double bytes)
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

/* Of both sides, as the kernel counts them for each thread. */
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

static json_t *derived_json(const struct ledger *ledger)
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
	return json;
}

/* Percentiles need times of their own, which only a run of requests and answers takes. */
static json_t *latency_json(const struct ledger *ledger)
{
	const struct latency *latency = &ledger->result.latency;
	const struct {
		const char *name;
		uint64_t ns;
	} each[] = {
		{"p50", latency->p50},	 {"p90", latency->p90}, {"p99", latency->p99},
		{"p999", latency->p999}, {"max", latency->max},
	};
	json_t *json = json_object();

	json_object_set_new(json, "mean",
			    json__real(ledger->result.received_messages, ledger->latency_mean_us));
	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++)
		json_object_set_new(json, each[i].name,
				    json__real(latency->count, 1e-3 * each[i].ns));
	return json;
}

/* null where nothing asks */
static json_t *requests_json(const struct ledger *ledger)
{
	const struct request_counts *requests = &ledger->result.requests[RECEIVER];
	const struct maybe *residual = ledger->request_residual;

	if (ledger->mode != RUN_RR)
		return json_null();
	return json_pack("{s:I, s:I, s:{s:o, s:o}}", "count", (json_int_t)requests->requests,
			 "bytes", (json_int_t)requests->bytes, "residual", "send",
			 json__whole(residual[RECEIVER].known, residual[RECEIVER].value), "receive",
			 json__whole(residual[SENDER].known, residual[SENDER].value));
}

/* What the two sides counted themselves. */
static void run__add_report(json_t *json, const struct ledger *ledger)
{
	const struct run_result *result = &ledger->result;
	const struct send_counts *sent = &result->sent;

	json_object_set_new(json, "started_unix_us", json_integer(result->started_unix_us));
	json_object_set_new(json, "seconds", json_real(result->seconds));
	json_object_set_new(json, "messages", json_integer(result->received_messages));
	json_object_set_new(json, "payload_bytes", json_integer(result->received_bytes));
	json_object_set_new(json, "system_calls",
			    json_pack("{s:I, s:I}", "send", (json_int_t)sent->calls, "receive",
				      (json_int_t)result->receive_calls));
	json_object_set_new(json, "throughput_gbps",
			    json__real(result->seconds > 0, ledger->throughput_gbps));
	json_object_set_new(json, "latency_us", latency_json(ledger));
	json_object_set_new(json, "requests", requests_json(ledger));
	json_object_set_new(json, "cpu_seconds",
			    json_pack("{s:f, s:f}", side_names[SENDER], result->cpu_seconds[SENDER],
				      side_names[RECEIVER], result->cpu_seconds[RECEIVER]));
	json_object_set_new(json, "completions",
			    json_pack("{s:I, s:I, s:I, s:I}", "expected",
				      (json_int_t)sent->completions_expected, "received",
				      (json_int_t)sent->completions_received, "copied",
				      (json_int_t)sent->completions_copied, "enobufs_waits",
				      (json_int_t)sent->enobufs_waits));
}

/* What the kernel counted, and what follows. */
static void run__add_ledger(json_t *json, const struct ledger *ledger)
{
	const struct maybe *send = &ledger->residual[SENDER];
	const struct maybe *receive = &ledger->residual[RECEIVER];
	bool known = ledger->retransmit_known;

	json_object_set_new(json, "sites",
			    json__sites(ledger->site, ledger->causes, ledger->cause_count));
	json_object_set_new(json, "retransmits",
			    json_pack("{s:o, s:o}", "segments",
				      json__whole(known, ledger->retransmit_segments), "bytes",
				      json__whole(known, ledger->retransmit_bytes)));
	json_object_set_new(json, "pin_attempted_bytes",
			    json__whole(ledger->pin_attempted.known, ledger->pin_attempted.value));
	json_object_set_new(json, "collapsed_bytes",
			    json__whole(ledger->collapsed.known, ledger->collapsed.value));
	json_object_set_new(
		json, "copies_per_byte",
		json__real(ledger->copies_per_byte.known, ledger->copies_per_byte.value));
	json_object_set_new(json, "copies_per_byte_evidence",
			    json_string(evidence__name(ledger->copies_evidence)));
	json_object_set_new(json, "residual",
			    json_pack("{s:o, s:o}", "send", json__whole(send->known, send->value),
				      "receive", json__whole(receive->known, receive->value)));
	json_object_set_new(json, "context_switches",
			    json_pack("{s:o, s:o}", side_names[SENDER],
				      json__switches(&ledger->switches[SENDER]),
				      side_names[RECEIVER],
				      json__switches(&ledger->switches[RECEIVER])));
	json_object_set_new(json, "counters",
			    json_pack("{s:o, s:o}", side_names[SENDER],
				      counters_json(ledger, SENDER), side_names[RECEIVER],
				      counters_json(ledger, RECEIVER)));
	json_object_set_new(json, "kernel_switches",
			    json_pack("{s:o, s:o}", side_names[SENDER],
				      kernel_switches_json(&ledger->result.switches[SENDER]),
				      side_names[RECEIVER],
				      kernel_switches_json(&ledger->result.switches[RECEIVER])));
	json_object_set_new(json, "derived", derived_json(ledger));
}

json_t *json__run(const struct ledger *ledger)
{
	json_t *json = json_object();

	json_object_set_new(json, "transport", json_string(ledger->transport));
	json_object_set_new(json, "path", json_string(ledger->path));
	json_object_set_new(json, "message_bytes", json_integer(ledger->message_bytes));
	json_object_set_new(json, "threads", json_integer(ledger->threads));
	json_object_set_new(json, "repeat", json_integer(ledger->repeat));
	json_object_set_new(json, "sequence", json_integer(ledger->sequence));
	json_object_set_new(json, "mode", json_string(run_mode_names[ledger->mode]));
	json_object_set_new(json, "cpus",
			    ledger->pinned ? json_pack("{s:i, s:i}", side_names[SENDER],
						       ledger->cpu[SENDER], side_names[RECEIVER],
						       ledger->cpu[RECEIVER])
					   : json_null());
	json_object_set_new(json, "traced", traced_json(ledger->traced));
	json_object_set_new(json, "verify", json_boolean(ledger->verify));
	run__add_report(json, ledger);
	run__add_ledger(json, ledger);
	json_object_set_new(json, "tries", json_integer(ledger->tries));
	json_object_set_new(json, "valid", json_boolean(ledger->valid));
	json_object_set_new(json, "why_invalid",
			    json__strings(ledger->reasons, ledger->reason_count));
	json_object_set_new(json, "notes", json__strings(ledger->notes, ledger->note_count));
	return json;
}

json_t *json__document(const struct results *results, json_t *environment)
{
	json_t *document = json_object(), *runs = json_array();

	for (size_t i = 0; i < results->run_count; i++)
		json_array_append_new(runs, json__run(&results->runs[i]));
	json_object_set_new(document, "schema", json_string("harness.ledger/1"));
	json_object_set_new(document, "environment", environment);
	json_object_set_new(document, "probes",
			    json__probes(results->probes, results->probe_count));
	json_object_set_new(document, "user_memcpy_check", checks_json(results));
	json_object_set_new(document, "runs", runs);
	json_object_set_new(document, "complete", json_boolean(results->complete));
	return document;
}

const json_t *json__at(const json_t *json, const char *path)
{
	while (json) {
		size_t length = strcspn(path, ".");
		char key[64];

		snprintf(key, sizeof(key), "%.*s", (int)length, path);
		json = json_object_get(json, key);
		if (!path[length])
			break;
		path += length + 1;
	}
	return json;
}

bool json__is_of(const json_t *run, const char *transport, size_t message_bytes,
		 unsigned int threads)
{
	const char *name = json_string_value(json__at(run, "transport"));

	return name && !strcmp(name, transport) &&
	       (size_t)json_integer_value(json__at(run, "message_bytes")) == message_bytes &&
	       json_integer_value(json__at(run, "threads")) == threads;
}

int json__print(FILE *stream, const json_t *document)
{
	if (json_dumpf(document, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(JSON_DIGITS)) ||
	    fputc('\n', stream) == EOF)
		return -EIO;
	return 0;
}
