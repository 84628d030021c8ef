// SPDX-License-Identifier: GPL-2.0
/* The findings of the doctor, as data. */
#include <string.h>

#include "doctor/actions.h"
#include "doctor/doctor.h"
#include "doctor/network_findings.h"
#include "output/json.h"
#include "base/exit_status.h"

static json_t *text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

/* null: there are none */
static json_t *sentences(const struct remarks *remarks)
{
	char text[2 * SENTENCE_MAX];

	words__sentences(NULL, remarks, text, sizeof(text));
	return text_or_null(text);
}

/* The codes of a finding beside its sentences. */
static void add_codes(json_t *json, const struct finding *finding)
{
	json_t *findings = json__remarks(NULL, &finding->value);
	json_t *means = json__remarks(NULL, &finding->means);

	json_array_extend(findings, means);
	json_decref(means);
	json_object_set_new(json, "findings", findings);
	json_object_set_new(json, "actions", json__remarks(NULL, &finding->change));
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

			json_t *check = json_pack(
				"{s:s, s:o, s:o, s:o, s:o}", "status", mark__name(finding->mark),
				"value", value, "text", sentences(&finding->value), "means",
				sentences(&finding->means), "change", sentences(&finding->change));

			add_codes(check, finding);
			json_object_set_new(object, finding->key, check);
		}
	}
	return object;
}

static json_t *counters_json(const struct findings *findings)
{
	json_t *object = json_object();

	for (size_t i = 0; i < findings->count; i++) {
		add_codes(findings->finding[i].json, &findings->finding[i]);
		json_object_set(object, findings->finding[i].key, findings->finding[i].json);
	}
	return object;
}

static json_t *program_json(const struct method_program *part)
{
	bool refused = part->status->state == PROBE_REFUSED;

	return json_pack("{s:s, s:s, s:s, s:b, s:b, s:o}", "function", part->status->function,
			 "kind", part->kind, "program", part->status->program, "one_is_enough",
			 part->one_is_enough, "refused", refused, "why",
			 text_or_null(refused ? part->status->why : NULL));
}

static json_t *method_json(const struct method_report *report)
{
	static const char *const verdicts[] = {
		[VERDICT_WORKS] = "works",
		[VERDICT_UNUSABLE] = "closed",
		[VERDICT_UNKNOWN] = "unknown",
	};
	json_t *programs = json_array();

	for (size_t i = 0; i < report->method.count; i++)
		json_array_append_new(programs, program_json(&report->method.programs[i]));
	return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o}", "method", report->name, "status",
			 verdicts[report->verdict], "chosen", report->chosen, "why",
			 sentences(&report->why), "findings", json__remarks(NULL, &report->why),
			 "costs", json__remarks(NULL, &report->cost), "probes", programs);
}

/* `site`: one of its sites; SITE_COUNT: it has none */
static json_t *group_json(const struct group_report *report, int site)
{
	const char *name = site < SITE_COUNT ? sites[site].name : report->name;
	json_t *methods = json_array();
	const char *chosen = NULL;

	for (size_t i = 0; i < report->method_count; i++) {
		json_array_append_new(methods, method_json(&report->methods[i]));
		if (report->methods[i].chosen)
			chosen = report->methods[i].name;
	}
	return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o}", "name", name, "status",
			 mark__name(report->mark), "needed", report->needed, "evidence",
			 report->mark == MARK_UNKNOWN || site == SITE_COUNT
				 ? json_null()
				 : json_string(evidence__name(report->evidence[site])),
			 "attach", text_or_null(chosen), "why", sentences(&report->why), "findings",
			 json__remarks(NULL, &report->why), "methods", methods);
}

/* A row for each site, in the order of the sites. */
static json_t *sites_json(const struct diagnosis *diagnosis)
{
	json_t *array = json_array();

	for (int site = 0; site < SITE_COUNT; site++)
		for (size_t i = 0; i < diagnosis->group_count; i++)
			if (diagnosis->groups[i].sites & 1u << site)
				json_array_append_new(array,
						      group_json(&diagnosis->groups[i], site));
	return array;
}

/* A row for each group without sites. */
static json_t *groups_json(const struct diagnosis *diagnosis)
{
	json_t *array = json_array();

	for (size_t i = 0; i < diagnosis->group_count; i++)
		if (diagnosis->groups[i].name)
			json_array_append_new(array, group_json(&diagnosis->groups[i], SITE_COUNT));
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
	struct finding finding = offload__finding(interface, offload);
	json_t *json;

	json = json_pack("{s:o, s:o, s:o, s:o}", "on",
			 state->known ? json_boolean(state->on) : json_null(), "fixed",
			 state->known ? json_boolean(state->fixed) : json_null(), "means",
			 sentences(&finding.means), "change", sentences(&finding.change));
	add_codes(json, &finding);
	finding__free(&finding);
	return json;
}

/* "delivers to this host": the delivery, where it costs copies; null: elsewhere */
static json_t *delivery_json(const struct interface *interface)
{
	struct finding finding = interface__finding(interface, XDP_MODE_NONE);
	json_t *json = sentences(&finding.means);

	finding__free(&finding);
	return json;
}

static json_t *devices_json(const struct doctor *doctor)
{
	json_t *array = json_array();

	for (size_t i = 0; i < doctor->device_count; i++) {
		const struct seen_device *seen = &doctor->devices[i];
		const struct interface *interface = &seen->interface;
		struct finding finding = interface__finding(interface, seen->xdp);
		json_t *object = json_object();

		for (int offload = 0; offload < OFFLOAD_COUNT; offload++)
			json_object_set_new(object, offloads[offload].key,
					    offload_json(interface, offload));
		json_array_append_new(
			array,
			json_pack("{s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "device",
				  interface->name, "side", text_or_null(seen->side), "driver",
				  text_or_null(interface->driver), "mtu",
				  interface->mtu < 0 ? json_null() : json_integer(interface->mtu),
				  "up", interface->up, "xdp", text_or_null(xdp__name(seen->xdp)),
				  "offloads", object, "means", delivery_json(interface), "why",
				  error_or_null(interface->error), "findings",
				  json__remarks(NULL, &finding.means)));
		finding__free(&finding);
	}
	return array;
}

static json_t *tap_json(const struct taps *taps, const struct tap *tap)
{
	struct finding finding = tap__finding(taps, tap);
	json_t *owners = json_array(), *json;

	for (size_t i = 0; i < tap->owner_count; i++)
		json_array_append_new(owners, json_pack("{s:i, s:o}", "pid", (int)tap->owner[i].pid,
							"comm", text_or_null(tap->owner[i].comm)));
	json = json_pack("{s:I, s:o, s:i, s:o, s:b, s:b, s:o, s:o, s:o}", "inode",
			 (json_int_t)tap->inode, "namespace",
			 json__whole(tap->namespace, tap->namespace), "protocol",
			 (int)tap->protocol, "device", text_or_null(tap->device), "running",
			 tap->running, "sees_sends", tap__sees_sends(tap), "owners", owners, "why",
			 sentences(&finding.value), "means", sentences(&finding.means));
	add_codes(json, &finding);
	finding__free(&finding);
	return json;
}

/* null: the taps could not be listed */
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
	struct remarks actions, verdict;

	json_object_set_new(document, "schema", json_string("harness.doctor/1"));
	json_object_set_new(document, "environment", environment);
	json_object_set_new(document, "verdict",
			    json_string(status == EXIT_VALID	 ? "complete"
					: status == EXIT_INVALID ? "incomplete"
								 : "nothing"));
	json_object_set_new(document, "why", error_or_null(diagnosis->error));
	verdict = doctor__verdict(doctor);
	json_object_set_new(document, "findings", json__remarks(NULL, &verdict));
	remarks__free(&verdict);
	actions = actions__of(doctor);
	json_object_set_new(document, "actions", json__remarks(NULL, &actions));
	remarks__free(&actions);
	json_object_set_new(document, "checks", checks_json(doctor));
	json_object_set_new(document, "sites", sites_json(diagnosis));
	json_object_set_new(document, "beside", groups_json(diagnosis));
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
