// SPDX-License-Identifier: GPL-2.0
/* One run of the document. */
#include "output/json.h"
#include "output/json_counters.h"

static json_t *traced_json(unsigned int traced)
{
	json_t *array = json_array();

	if (traced & TRACE_COPIES)
		json_array_append_new(array, json_string("copies"));
	if (traced & TRACE_SCHED)
		json_array_append_new(array, json_string("sched"));
	if (traced & TRACE_COUNTERS)
		json_array_append_new(array, json_string("counters"));
	if (traced & TRACE_TIME)
		json_array_append_new(array, json_string("time"));
	return array;
}

/* Percentiles need the time of each message, which only `--mode rr` takes. */
static json_t *latency_json(const struct run_ledger *ledger)
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

/* null but in `--mode rr` */
static json_t *requests_json(const struct run_ledger *ledger)
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
static void run__add_report(json_t *json, const struct run_ledger *ledger)
{
	const struct run_result *result = &ledger->result;
	const struct send_counts *sent = &result->sent;

	json_object_set_new(json, "started_unix_us", json_integer(result->started_unix_us));
	json_object_set_new(json, "seconds", json_real(result->seconds));
	json_object_set_new(json, "messages", json_integer(result->received_messages));
	json_object_set_new(json, "payload_bytes", json_integer(result->received_bytes));
	json_object_set_new(json, "strangers", json_integer(result->strangers));
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

static json_t *witness_json(const struct witness *witness)
{
	bool known = witness->tcp_known && witness->counted_known;

	return json_pack("{s:o, s:o, s:o}", "tcp_bytes",
			 json__whole(witness->tcp_known, witness->tcp_bytes), "counted_bytes",
			 json__whole(witness->counted_known, witness->counted_bytes), "equal",
			 known ? json_boolean(witness__agrees(witness)) : json_null());
}

/* The kernel's counts, and what follows from them. */
static void run__add_ledger(json_t *json, const struct run_ledger *ledger)
{
	const struct maybe *send = &ledger->ledger.residual[SENDER];
	const struct maybe *receive = &ledger->ledger.residual[RECEIVER];
	bool known = ledger->ledger.retransmit_known;

	json_object_set_new(json, "sites",
			    json__sites(ledger->ledger.site, &ledger->ledger.causes));
	if (ledger->traced & TRACE_TIME)
		json__add_times(json_object_get(json, "sites"), &ledger->ledger,
				ledger->result.seconds);
	json_object_set_new(json, "deferred_pages", json__deferred_pages(&ledger->ledger));
	json_object_set_new(json, "retransmits",
			    json_pack("{s:o, s:o}", "segments",
				      json__whole(known, ledger->ledger.retransmit_segments),
				      "bytes",
				      json__whole(known, ledger->ledger.retransmit_bytes)));
	json_object_set_new(json, "pin_attempted_bytes",
			    json__whole(ledger->ledger.pin_attempted.known,
					ledger->ledger.pin_attempted.value));
	json_object_set_new(
		json, "collapsed_bytes",
		json__whole(ledger->ledger.collapsed.known, ledger->ledger.collapsed.value));
	json_object_set_new(json, "copies_per_byte",
			    json__real(ledger->ledger.copies_per_byte.known,
				       ledger->ledger.copies_per_byte.value));
	json_object_set_new(json, "copies_per_byte_evidence",
			    json_string(evidence__name(ledger->ledger.copies_evidence)));
	json_object_set_new(json, "residual",
			    json_pack("{s:o, s:o}", "send", json__whole(send->known, send->value),
				      "receive", json__whole(receive->known, receive->value)));
	json_object_set_new(json, "witness",
			    json_pack("{s:o, s:o}", "send", witness_json(&ledger->witness[SENDER]),
				      "receive", witness_json(&ledger->witness[RECEIVER])));
	json_object_set_new(json, "context_switches",
			    json_pack("{s:o, s:o}", side_names[SENDER],
				      json__switches(&ledger->ledger.switches[SENDER]),
				      side_names[RECEIVER],
				      json__switches(&ledger->ledger.switches[RECEIVER])));
	json_object_set_new(json, "counters",
			    json_pack("{s:o, s:o}", side_names[SENDER],
				      json__counters(ledger, SENDER), side_names[RECEIVER],
				      json__counters(ledger, RECEIVER)));
	json_object_set_new(json, "kernel_switches",
			    json_pack("{s:o, s:o}", side_names[SENDER],
				      json__kernel_switches(&ledger->result.switches[SENDER]),
				      side_names[RECEIVER],
				      json__kernel_switches(&ledger->result.switches[RECEIVER])));
	json_object_set_new(json, "derived", json__derived(ledger));
}

json_t *json__run(const struct run_ledger *ledger)
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
	json_object_set_new(json, "valid", json_boolean(ledger->ledger.valid));
	json__add_remarks(json, &ledger->ledger);
	return json;
}
