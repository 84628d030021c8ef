// SPDX-License-Identifier: GPL-2.0
#include "run/archive_lines.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "output/json.h"
#include "output/json_input.h"

static bool is_words(const json_t *array)
{
	const json_t *item;
	size_t i;

	json_array_foreach (array, i, item)
		if (!json_is_string(json_is_object(item) ? json_object_get(item, "code") : item))
			return false;
	return !array || json_is_array(array);
}

static bool is_size(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) > 0 &&
	       json_integer_value(value) <= (json_int_t)NUMBER_MAX;
}

static bool is_text(const json_t *value)
{
	return json_is_string(value);
}

static bool is_truth(const json_t *value)
{
	return json_is_boolean(value);
}

/* The values that readers of a run need; all others may be anything. */
static const struct {
	const char *key;
	bool (*is)(const json_t *value);
	const char *wanted;
} keys[] = {
	{"transport", is_text, "a text"},
	{"path", is_text, "a text"},
	{"message_bytes", is_size, "a whole number above 0"},
	{"threads", is_size, "a whole number above 0"},
	{"repeat", is_size, "a whole number above 0"},
	{"valid", is_truth, "true or false"},
	{"throughput_gbps", json_input__is_count, "a number or null"},
	{"traced", is_words, "a list of texts"},
	{"notes", is_words, "a list of texts or objects with a code"},
	{"reasons", is_words, "a list of texts or objects with a code"},
	{"why_invalid", is_words, "a list of texts"},
};

/* Two runs of one name would be taken for one, and counted twice. */
static bool is_second(json_t *seen, const json_t *run)
{
	char name[256];

	snprintf(name, sizeof(name), "%s %lld %lld %lld %d",
		 json_string_value(json__at(run, "transport")),
		 json_integer_value(json__at(run, "message_bytes")),
		 json_integer_value(json__at(run, "threads")),
		 json_integer_value(json__at(run, "repeat")), !json__is_traced(run));
	if (json_object_get(seen, name))
		return true;
	json_object_set_new(seen, name, json_true());
	return false;
}

static bool is_run(const json_t *run, json_t *seen, const char *file, unsigned int line)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (keys[i].is(json_object_get(run, keys[i].key)))
			continue;
		fprintf(stderr, "harness: %s:%u: '%s' must be %s\n", file, line, keys[i].key,
			keys[i].wanted);
		return false;
	}
	if (!is_second(seen, run))
		return true;
	fprintf(stderr, "harness: %s:%u: the run is there twice\n", file, line);
	return false;
}

json_t *archive_lines__parse(const char *text, size_t length, const char *file)
{
	json_t *runs = json_array(), *seen = json_object();
	unsigned int line = 0;

	while (runs && length) {
		const char *end = memchr(text, '\n', length);
		size_t size = end ? (size_t)(end - text) : length;
		json_t *run = json_input__object(text, size, file, ++line);

		if (!run || !is_run(run, seen, file, line)) {
			json_decref(run);
			json_decref(runs);
			runs = NULL;
		} else {
			json_array_append_new(runs, run);
			size += end ? 1 : 0;
			text += size;
			length -= size;
		}
	}
	json_decref(seen);
	return runs;
}
