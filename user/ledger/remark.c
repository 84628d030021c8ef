// SPDX-License-Identifier: GPL-2.0
#include "ledger/remark.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enum remark_class class;
} infos[REMARK_COUNT] = {
#define REMARK_INFO(id, word, kind) [REMARK_##id] = {.name = (word), .class = CLASS_##kind},
	REASON_CODES(REMARK_INFO) NOTE_CODES(REMARK_INFO) FINDING_CODES(REMARK_INFO)
		ACTION_CODES(REMARK_INFO)
#undef REMARK_INFO
};

const char *remark__name(enum remark_code code)
{
	return infos[code].name;
}

static void remark__free(struct remark *remark)
{
	for (size_t i = 0; i < remark->value_count; i++)
		if (remark->value[i].kind == VALUE_WORD)
			free((char *)remark->value[i].word);
}

static int remark__fill(struct remark *remark, enum remark_code code, const struct value *values)
{
	*remark = (struct remark){.code = code};
	for (; values->name && remark->value_count < VALUES_MAX; values++) {
		struct value *value = &remark->value[remark->value_count];

		*value = *values;
		if (value->kind == VALUE_WORD)
			value->word = strdup(values->word);
		if (value->kind == VALUE_WORD && !value->word)
			return -ENOMEM;
		remark->value_count++;
	}
	return 0;
}

int remarks__add(struct remarks *remarks, enum remark_code code, const struct value *values)
{
	struct remark *more = reallocarray(remarks->remark, remarks->count + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	remarks->remark = more;
	if (remark__fill(&more[remarks->count], code, values)) {
		remark__free(&more[remarks->count]);
		return -ENOMEM;
	}
	remarks->count++;
	return 0;
}

int remarks__add_copy(struct remarks *remarks, const struct remark *remark)
{
	struct value values[VALUES_MAX + 1] = {};

	memcpy(values, remark->value, remark->value_count * sizeof(*values));
	return remarks__add(remarks, remark->code, values);
}

void remarks__free(struct remarks *remarks)
{
	for (size_t i = 0; i < remarks->count; i++)
		remark__free(&remarks->remark[i]);
	free(remarks->remark);
	*remarks = (struct remarks){};
}

size_t remarks__of(const struct remarks *remarks, enum remark_code code)
{
	size_t count = 0;

	for (size_t i = 0; i < remarks->count; i++)
		count += remarks->remark[i].code == code;
	return count;
}

bool remarks__only_missed(const struct remarks *remarks)
{
	bool skipped = remarks__of(remarks, REMARK_MISSED_EVENTS);

	for (size_t i = 0; i < remarks->count; i++) {
		enum remark_class class = infos[remarks->remark[i].code].class;

		if (class != CLASS_MISSED && !(class == CLASS_FOLLOWS && skipped))
			return false;
	}
	return remarks->count;
}

const struct value *remark__value(const struct remark *remark, const char *name)
{
	for (size_t i = 0; i < remark->value_count; i++)
		if (!strcmp(remark->value[i].name, name))
			return &remark->value[i];
	return NULL;
}

int64_t remark__whole(const struct remark *remark, const char *name)
{
	const struct value *value = remark__value(remark, name);

	return value && value->kind == VALUE_WHOLE ? value->whole : 0;
}

const char *remark__word(const struct remark *remark, const char *name)
{
	const struct value *value = remark__value(remark, name);

	return value && value->kind == VALUE_WORD ? value->word : "";
}
