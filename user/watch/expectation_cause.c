// SPDX-License-Identifier: GPL-2.0
#include "watch/expectation_cause.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "tracer/sites.h"

/* Appends a site: "deferred_copy 4096 bytes (local delivery on lo)". */
static void add_site(const json_t *row, const char *site, char *text, size_t size)
{
	const json_t *json = json_object_get(json_object_get(row, "sites"), site);
	json_int_t bytes = json_integer_value(json_object_get(json, "bytes"));
	const json_t *causes = json_object_get(json, "causes");
	json_t *cause;
	size_t i;

	if (!bytes)
		return;
	text__append(text, size, "%s%s %lld bytes", *text ? ", " : "", site, (long long)bytes);
	json_array_foreach (causes, i, cause) {
		const char *device = json_string_value(json_object_get(cause, "device"));

		text__append(text, size, "%s%s%s%s", i ? ", " : " (",
			     json_string_value(json_object_get(cause, "cause")),
			     device && *device ? " on " : "", device ?: "");
	}
	if (json_array_size(causes))
		text__append(text, size, ")");
}

/*
 * Whether a name includes the copies per byte of this side: "copies_per_byte.send" has one side,
 * "copies_per_received_byte" is for the receiver.
 */
static bool is_about(const char *name, enum side side)
{
	return !strncmp(name, "copies_per_", strlen("copies_per_")) &&
	       !strstr(name, side == SENDER ? "receive" : "sen");
}

static void add_reasons(const json_t *row, char *text, size_t size)
{
	const json_t *reasons = json_object_get(row, "reasons");
	json_t *reason;
	size_t i;

	json_array_foreach (reasons, i, reason)
		text__append(text, size, "%s%s", *text ? "; " : "",
			     json_string_value(json_object_get(reason, "text")));
}

void expectation_cause__find(const json_t *row, const char *name, char *text, size_t size)
{
	*text = '\0';
	for (int site = 0; site < SITE_COUNT; site++)
		if (!strcmp(name, sites[site].name) ||
		    (sites[site].cpu_copy && is_about(name, sites[site].side)))
			add_site(row, sites[site].name, text, size);
	if (!*text)
		add_reasons(row, text, size);
}
