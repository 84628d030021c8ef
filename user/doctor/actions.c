// SPDX-License-Identifier: GPL-2.0
#include "doctor/actions.h"

#include <string.h>

#include "doctor/network_findings.h"

static bool is_there(const struct remarks *actions, const struct remark *action)
{
	char sentence[SENTENCE_MAX], other[SENTENCE_MAX];

	words__sentence(NULL, action, sentence, sizeof(sentence));
	for (size_t i = 0; i < actions->count; i++) {
		words__sentence(NULL, &actions->remark[i], other, sizeof(other));
		if (!strcmp(sentence, other))
			return true;
	}
	return false;
}

/* The actions of one code, if the finding has the mark. */
static void add(struct remarks *actions, const struct finding *finding, enum mark mark,
		enum remark_code code)
{
	for (size_t i = 0; i < finding->change.count && finding->mark == mark; i++) {
		const struct remark *action = &finding->change.remark[i];

		if (action->code == code && !is_there(actions, action))
			remarks__add_copy(actions, action);
	}
}

static void add_of_network(struct remarks *actions, const struct doctor *doctor, enum mark mark,
			   enum remark_code code)
{
	struct finding finding;

	for (size_t i = 0; i < doctor->device_count; i++) {
		for (int offload = 0; offload < OFFLOAD_COUNT; offload++) {
			finding = offload__finding(&doctor->devices[i].interface, offload);
			add(actions, &finding, mark, code);
			finding__free(&finding);
		}
	}
	for (size_t i = 0; i < doctor->taps.count; i++) {
		finding = tap__finding(&doctor->taps, &doctor->taps.tap[i]);
		add(actions, &finding, mark, code);
		finding__free(&finding);
	}
}

static void add_all(struct remarks *actions, const struct doctor *doctor, enum mark mark,
		    enum remark_code code)
{
	for (int section = 0; section < CHECK_SECTIONS; section++)
		for (size_t i = 0; i < doctor->findings[section].count; i++)
			add(actions, &doctor->findings[section].finding[i], mark, code);
	add_of_network(actions, doctor, mark, code);
}

struct remarks actions__of(const struct doctor *doctor)
{
	static const enum remark_code codes[] = {
#define ACTION_CODE(id, ...) REMARK_##id,
		ACTION_CODES(ACTION_CODE)
#undef ACTION_CODE
	};
	static const enum mark marks[] = {MARK_MISSING, MARK_NOTE};
	struct remarks actions = {};

	for (size_t mark = 0; mark < sizeof(marks) / sizeof(*marks); mark++)
		for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
			add_all(&actions, doctor, marks[mark], codes[i]);
	return actions;
}
