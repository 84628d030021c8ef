// SPDX-License-Identifier: GPL-2.0
#include "doctor/finding.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

const char *mark__name(enum mark mark)
{
	static const char *const names[MARK_COUNT] = {
		[MARK_OK] = "ok",
		[MARK_NOTE] = "note",
		[MARK_MISSING] = "missing",
		[MARK_UNKNOWN] = "unknown",
	};

	return mark < MARK_COUNT ? names[mark] : "unknown";
}

struct finding *findings__add(struct findings *findings, const char *key)
{
	struct finding *finding = &findings->finding[findings->count];

	assert(findings->count < FINDINGS_MAX);
	findings->count++;
	*finding = (struct finding){.key = key};
	return finding;
}

void findings__free(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		json_decref(findings->finding[i].json);
	findings->count = 0;
}

void finding__value(struct finding *finding, json_t *json, const char *format, ...)
{
	va_list args;

	json_decref(finding->json);
	finding->json = json;
	va_start(args, format);
	vsnprintf(finding->value, sizeof(finding->value), format, args);
	va_end(args);
}

void finding__unknown(struct finding *finding, const char *format, ...)
{
	va_list args;

	finding->mark = MARK_UNKNOWN;
	va_start(args, format);
	vsnprintf(finding->value, sizeof(finding->value), format, args);
	va_end(args);
}

void finding__means(struct finding *finding, enum mark mark, const char *format, ...)
{
	va_list args;

	finding->mark = mark;
	va_start(args, format);
	vsnprintf(finding->means, sizeof(finding->means), format, args);
	va_end(args);
}

void finding__change(struct finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->change, sizeof(finding->change), format, args);
	va_end(args);
}
