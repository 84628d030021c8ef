// SPDX-License-Identifier: GPL-2.0
/* What the doctor found, as data. */
#include <string.h>

#include "doctor/doctor.h"
#include "output/json.h"
#include "base/exit_status.h"

static json_t *text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

static json_t *error_or_null(int err)
{
	return err ? json_string(strerror(-err)) : json_null();
}

static json_t *checks_json(const struct doctor *doctor)
{
	json_t *object = json_object();

	for (int section = 0; section < CHECK_SECTIONS; section++) {
		if (section == CHECK_COUNTERS)
			continue;
		for (size_t i = 0; i < doctor->findings[section].count; i++) {
			const struct finding *finding = &doctor->findings[section].finding[i];
			json_t *value = finding->json ? json_incref(finding->json) : json_null();

			json_object_set_new(object, finding->key,
					    json_pack("{s:s, s:o, s:s, s:o, s:o}", "status",
						      mark__name(finding->mark), "value", value,
						      "text", finding->value, "means",
						      text_or_null(finding->means), "change",
						      text_or_null(finding->change)));
		}
	}
	return object;
}

static json_t *counters_json(const struct findings *findings)
{
	json_t *object = json_object();

	for (size_t i = 0; i < findings->count; i++)
		json_object_set(object, findings->finding[i].key, findings->finding[i].json);
	return object;
}

static json_t *part_json(const struct hook_part *part)
{
	bool refused = part->status->state == PROBE_REFUSED;

	return json_pack("{s:s, s:s, s:s, s:b, s:b, s:o}", "function", part->status->function,
			 "kind", part->kind, "program", part->status->program, "one_is_enough",
			 part->either, "refused", refused, "why",
			 text_or_null(refused ? part->status->why : NULL));
}

static json_t *method_json(const struct method_report *report)
{
	static const char *const verdicts[] = {
		[VERDICT_WORKS] = "works",
		[VERDICT_CLOSED] = "closed",
		[VERDICT_UNKNOWN] = "unknown",
	};
	json_t *parts = json_array();

	for (size_t i = 0; i < report->method.count; i++)
		json_array_append_new(parts, part_json(&report->method.parts[i]));
	return json_pack("{s:s, s:s, s:b, s:o, s:o}", "method", report->name, "status",
			 verdicts[report->verdict], "chosen", report->chosen, "why",
			 text_or_null(report->why), "probes", parts);
}

/* `site`: which of them, or SITE_COUNT for what is counted beside them */
static json_t *count_json(const struct count_report *report, int site)
{
	const char *name = site < SITE_COUNT ? sites[site].name : report->beside;
	json_t *methods = json_array();
	const char *chosen = NULL;

	for (size_t i = 0; i < report->method_count; i++) {
		json_array_append_new(methods, method_json(&report->methods[i]));
		if (report->methods[i].chosen)
			chosen = report->methods[i].name;
	}
	return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o}", "name", name, "status",
			 mark__name(report->mark), "needed", report->needed, "evidence",
			 report->mark == MARK_UNKNOWN || site == SITE_COUNT
				 ? json_null()
				 : json_string(evidence__name(report->evidence[site])),
			 "attach", text_or_null(chosen), "why", text_or_null(report->why),
			 "methods", methods);
}

/* A row a site, in the order of the sites, then what is counted beside them. */
static json_t *counts_json(const struct diagnosis *diagnosis, bool beside)
{
	json_t *array = json_array();

	for (int site = 0; site < SITE_COUNT && !beside; site++)
		for (size_t i = 0; i < diagnosis->count; i++)
			if (diagnosis->counts[i].sites & 1u << site)
				json_array_append_new(array,
						      count_json(&diagnosis->counts[i], site));
	for (size_t i = 0; i < diagnosis->count && beside; i++)
		if (diagnosis->counts[i].beside)
			json_array_append_new(array, count_json(&diagnosis->counts[i], SITE_COUNT));
	return array;
}

static json_t *splits_json(const struct diagnosis *diagnosis)
{
	json_t *array = json_array();

	for (size_t i = 0; i < diagnosis->split_count; i++) {
		const struct split *split = &diagnosis->splits[i];
		json_t *pieces = json_array();

		for (size_t piece = 0; piece < split->pieces && piece < SPLIT_PIECES_MAX; piece++)
			json_array_append_new(pieces, json_string(split->piece[piece]));
		json_array_append_new(array,
				      json_pack("{s:s, s:i, s:o, s:b}", "function", split->function,
						"symbols", (int)split->plain, "pieces", pieces,
						"incomplete", split__incomplete(split)));
	}
	return array;
}

static json_t *offload_json(const struct interface *interface, enum offload offload)
{
	const struct offload_state *state = &interface->offload[offload];
	char means[FINDING_TEXT], change[FINDING_TEXT];

	interface__effect(interface, offload, means, sizeof(means), change, sizeof(change));
	return json_pack("{s:o, s:o, s:o, s:o}", "on",
			 state->known ? json_boolean(state->on) : json_null(), "fixed",
			 state->known ? json_boolean(state->fixed) : json_null(), "means",
			 text_or_null(means), "change", text_or_null(change));
}

static json_t *devices_json(const struct doctor *doctor)
{
	json_t *array = json_array();

	for (size_t i = 0; i < doctor->device_count; i++) {
		const struct interface *interface = &doctor->devices[i].interface;
		json_t *object = json_object();

		for (int offload = 0; offload < OFFLOAD_COUNT; offload++)
			json_object_set_new(object, offloads[offload].key,
					    offload_json(interface, offload));
		json_array_append_new(
			array,
			json_pack("{s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o}", "device",
				  interface->name, "side", text_or_null(doctor->devices[i].side),
				  "driver", text_or_null(interface->driver), "mtu",
				  interface->mtu < 0 ? json_null() : json_integer(interface->mtu),
				  "up", interface->up, "xdp",
				  text_or_null(xdp__name(doctor->devices[i].xdp)), "offloads",
				  object, "means", text_or_null(interface__delivers(interface)),
				  "why", error_or_null(interface->error)));
	}
	return array;
}

static json_t *tap_json(const struct taps *taps, const struct tap *tap)
{
	json_t *owners = json_array();
	char words[FINDING_TEXT];

	for (size_t i = 0; i < tap->owner_count; i++)
		json_array_append_new(owners, json_pack("{s:i, s:o}", "pid", (int)tap->owner[i].pid,
							"comm", text_or_null(tap->owner[i].comm)));
	tap__owners(taps, tap, words, sizeof(words));
	return json_pack("{s:I, s:i, s:o, s:b, s:b, s:o, s:o, s:s}", "inode",
			 (json_int_t)tap->inode, "protocol", (int)tap->protocol, "device",
			 text_or_null(tap->device), "running", tap->running, "sees_sends",
			 tap__sees_sends(tap), "owners", owners, "why",
			 text_or_null(tap->owner_count ? NULL : words), "means", tap__cost(tap));
}

/* null: they could not be listed */
static json_t *taps_json(const struct taps *taps)
{
	json_t *array;

	if (taps->error)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < taps->count; i++)
		json_array_append_new(array, tap_json(taps, &taps->tap[i]));
	return array;
}

json_t *doctor__json(const struct doctor *doctor, json_t *environment)
{
	const struct diagnosis *diagnosis = &doctor->diagnosis;
	json_t *document = json_object();
	int status = doctor__status(doctor);

	json_object_set_new(document, "schema", json_string("harness.doctor/1"));
	json_object_set_new(document, "environment", environment);
	json_object_set_new(document, "verdict",
			    json_string(status == EXIT_VALID	 ? "complete"
					: status == EXIT_INVALID ? "incomplete"
								 : "nothing"));
	json_object_set_new(document, "why", error_or_null(diagnosis->error));
	json_object_set_new(document, "checks", checks_json(doctor));
	json_object_set_new(document, "sites", counts_json(diagnosis, false));
	json_object_set_new(document, "beside", counts_json(diagnosis, true));
	json_object_set_new(document, "probes",
			    diagnosis->tracer
				    ? json__probes(diagnosis->probes, diagnosis->probe_count)
				    : json_null());
	json_object_set_new(document, "functions",
			    diagnosis->split_count ? splits_json(diagnosis) : json_null());
	json_object_set_new(document, "devices", devices_json(doctor));
	json_object_set_new(document, "devices_why", error_or_null(doctor->device_error));
	json_object_set_new(document, "taps", taps_json(&doctor->taps));
	json_object_set_new(document, "taps_why", error_or_null(doctor->taps.error));
	json_object_set_new(document, "counters", counters_json(&doctor->findings[CHECK_COUNTERS]));
	return document;
}
