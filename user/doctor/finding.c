// SPDX-License-Identifier: GPL-2.0
#include "doctor/finding.h"

#include <assert.h>

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

void finding__free(struct finding *finding)
{
	json_decref(finding->json);
	remarks__free(&finding->value);
	remarks__free(&finding->means);
	remarks__free(&finding->change);
}

void findings__free(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		finding__free(&findings->finding[i]);
	findings->count = 0;
}

void finding__value(struct finding *finding, json_t *json, enum remark_code code,
		    const struct value *values)
{
	json_decref(finding->json);
	finding->json = json;
	remarks__add(&finding->value, code, values);
}

void finding__unknown(struct finding *finding, enum remark_code code, const struct value *values)
{
	finding->mark = MARK_UNKNOWN;
	remarks__add(&finding->value, code, values);
}

void finding__means(struct finding *finding, enum mark mark, enum remark_code code,
		    const struct value *values)
{
	finding->mark = mark;
	remarks__add(&finding->means, code, values);
}

void finding__change(struct finding *finding, enum remark_code code, const struct value *values)
{
	remarks__add(&finding->change, code, values);
}
