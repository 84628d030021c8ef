// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "tracer/activity.h"
#include "ledger/words.h"
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

static json_t *value_json(const struct value *value)
{
	if (value->kind == VALUE_WORD)
		return json_string(value->word);
	return value->kind == VALUE_REAL ? json_real(value->real) : json_integer(value->whole);
}

static json_t *remark_json(const struct ledger *ledger, const struct remark *remark)
{
	char sentence[SENTENCE_MAX];
	json_t *json;

	words__sentence(ledger, remark, sentence, sizeof(sentence));
	json = json_pack("{s:s, s:s}", "code", remark__name(remark->code), "text", sentence);
	for (size_t i = 0; i < remark->value_count; i++)
		json_object_set_new(json, remark->value[i].name, value_json(&remark->value[i]));
	return json;
}

json_t *json__remarks(const struct ledger *ledger, const struct remarks *remarks)
{
	json_t *array = json_array();

	for (size_t i = 0; i < remarks->count; i++)
		json_array_append_new(array, remark_json(ledger, &remarks->remark[i]));
	return array;
}

void json__add_remarks(json_t *json, const struct ledger *ledger)
{
	json_t *reasons = json__remarks(ledger, &ledger->reasons), *sentences = json_array();
	json_t *notes = json__remarks(ledger, &ledger->notes), *reason;
	size_t i;

	json_array_foreach (reasons, i, reason)
		json_array_append(sentences, json_object_get(reason, "text"));
	json_object_set_new(json, "reasons", reasons);
	json_object_set_new(json, "why_invalid", sentences);
	json_object_set_new(json, "notes", notes);
}

static json_t *probe_state(enum probe_state state)
{
	switch (state) {
	case PROBE_ATTACHED:
		return json_string("attached");
	case PROBE_REFUSED:
		return json_string("refused");
	case PROBE_NOT_NEEDED:
		break;
	}
	return json_string("not_needed");
}

static json_t *probe_json(const struct probe_status *probe, const char *site)
{
	bool missed_known = probe->state == PROBE_ATTACHED && probe->missed_known;
	const struct refusal *refusal = &probe->refusal; /* none: not refused */

	return json_pack("{s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "site",
			 text_or_null(site), "function", probe->function, "program", probe->program,
			 "attach", attach__name(probe->attach), "status", probe_state(probe->state),
			 "missed", json__whole(missed_known, probe->missed), "why",
			 text_or_null(probe->why), "code", text_or_null(refusal__code(refusal)),
			 "errno", text_or_null(refusal__errno(refusal)));
}

/* A row for each site that a probe serves; one row without a site for a probe that serves none. */
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

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "transport", check->transport,
			 "self_reported_bytes", json__whole(known, check->self_reported.bytes),
			 "uprobe_bytes", json__whole(known, check->uprobe.bytes), "calls",
			 json__whole(known, check->uprobe.calls), "equal",
			 known ? json_boolean(memcpy_check__equal(check)) : json_null(), "why",
			 text_or_null(known ? NULL : memcpy_check__why_not(check)), "code",
			 text_or_null(known ? NULL : memcpy_check__code(check)));
}

json_t *json__memcpy_checks(const struct results *results)
{
	json_t *array;

	if (!results->check_count)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < results->check_count; i++)
		json_array_append_new(array, check_json(&results->checks[i]));
	return array;
}

static json_t *causes_json(const struct causes *causes, enum site site)
{
	json_t *array = json_array();

	for (size_t i = 0; i < causes->count; i++) {
		const struct cause *cause = &causes->cause[i];

		if (cause->site == site)
			json_array_append_new(array,
					      json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "code",
							cause__find(cause->function)->code, "cause",
							cause->cause, "function", cause->function,
							"device", cause->device, "bytes",
							(json_int_t)cause->bytes, "calls",
							(json_int_t)cause->calls));
	}
	return array;
}

json_t *json__readers(const struct readers *readers, enum cause_kind kind)
{
	json_t *array = json_array();

	for (size_t i = 0; i < readers->count; i++) {
		const struct reader *reader = &readers->reader[i];

		if (reader->kind == kind)
			json_array_append_new(array, json_pack("{s:s, s:I, s:I}", "function",
							       reader->function, "bytes",
							       (json_int_t)reader->bytes, "calls",
							       (json_int_t)reader->calls));
	}
	return array;
}

json_t *json__deferred_pages(const struct ledger *ledger)
{
	const struct maybe *own = &ledger->deferred_own, *files = &ledger->deferred_files;
	double all = ledger__bytes(ledger, SITE_DEFERRED_COPY);

	return json_pack("{s:o, s:o, s:o}", "user",
			 json__whole(own->known && files->known, all - own->value - files->value),
			 "file", json__whole(files->known, files->value), "socket",
			 json__whole(own->known, own->value));
}

json_t *json__sites(const struct site_value values[SITE_COUNT], const struct causes *causes)
{
	json_t *object = json_object(), *json;

	for (int site = 0; site < SITE_COUNT; site++) {
		const struct site_value *value = &values[site];
		bool known = value->evidence != EVIDENCE_UNAVAILABLE;

		json = json_pack("{s:o, s:o, s:s}", "bytes", json__whole(known, value->bytes),
				 "calls", json__whole(known, value->calls), "evidence",
				 evidence__name(value->evidence));
		if (known && (site == SITE_DEFERRED_COPY || site == SITE_TAP_COPY))
			json_object_set_new(json, "causes", causes_json(causes, site));
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

json_t *json__document(const struct results *results, json_t *environment)
{
	json_t *document = json_object(), *runs = json_array();

	for (size_t i = 0; i < results->run_count; i++)
		json_array_append_new(runs, json__run(&results->runs[i]));
	json_object_set_new(document, "schema", json_string("harness.ledger/1"));
	json_object_set_new(document, "environment", environment);
	json_object_set_new(document, "probes",
			    json__probes(results->probes, results->probe_count));
	json_object_set_new(document, "user_memcpy_check", json__memcpy_checks(results));
	json_object_set_new(document, "proofs", json__proofs(results));
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

bool json__is_traced(const json_t *run)
{
	return json_array_size(json__at(run, "traced"));
}

bool json__any_untraced(const json_t *runs)
{
	json_t *run;
	size_t i;

	json_array_foreach (runs, i, run)
		if (!json__is_traced(run))
			return true;
	return false;
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
	errno = 0;
	if (json_dumpf(document, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(JSON_DIGITS)) ||
	    fputc('\n', stream) == EOF)
		return -(errno ?: EIO);
	return 0;
}
