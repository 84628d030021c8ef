// SPDX-License-Identifier: GPL-2.0
#include "doctor/method_report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "doctor/checks.h"

static bool method__uses(const struct hook_method *method, const char *function)
{
	for (size_t i = 0; i < method->count; i++)
		if (!strcmp(method->parts[i].status->function, function))
			return true;
	return false;
}

void method__name(const struct hook_method *method, char *text, size_t size)
{
	enum attach best = ATTACH_TRACEPOINT;

	/*
	 * the probes other than tracepoints name a method: its tracepoints work wherever these do
	 */
	for (size_t i = 0; i < method->count; i++)
		if (method->parts[i].status->attach != ATTACH_TRACEPOINT)
			best = method->parts[i].status->attach;
	snprintf(text, size, "%s%s", attach__name(best),
		 method__uses(method, "sys_exit") ? ", system calls" : "");
}

bool method_part__refused(const struct hook_part *part)
{
	return part->status->state == PROBE_REFUSED;
}

/* Without privileges the kernel refuses everything alike, so its answer to root is unknown. */
static bool untried(const struct hook_part *part)
{
	return !checks__may_trace() && method_part__refused(part) &&
	       (part->status->refusal.error == -EPERM || part->status->refusal.error == -EACCES);
}

/* Whether an alternative to this part is there, or may be; one of the alternatives is enough. */
static bool stood_in_for(const struct hook_method *method, const struct hook_part *part)
{
	for (size_t i = 0; i < method->count && part->either; i++)
		if (method->parts[i].either &&
		    (!method_part__refused(&method->parts[i]) || untried(&method->parts[i])))
			return true;
	return false;
}

static bool counts_against(const struct hook_method *method, const struct hook_part *part)
{
	return method_part__refused(part) && !untried(part) && !stood_in_for(method, part);
}

/* All functions that are refused for the same reason as this one. */
static void add_refusal(const struct hook_method *method, size_t first, struct remarks *remarks)
{
	const char *why = method->parts[first].status->why, *last = "";
	char functions[SENTENCE_MAX] = "";

	for (size_t i = first; i < method->count; i++) {
		const struct probe_status *status = method->parts[i].status;

		/* entry and exit of a function follow each other */
		if (!counts_against(method, &method->parts[i]) || strcmp(status->why, why) ||
		    !strcmp(status->function, last))
			continue;
		text__append(functions, sizeof(functions), "%s%s", *last ? ", " : "",
			     status->function);
		last = status->function;
	}
	remarks__add(remarks, REMARK_HOOKS_REFUSED,
		     VALUES(WORD("functions", functions), WORD("why", why),
			    WORD("refusal", refusal__code(&method->parts[first].status->refusal))));
}

void method__why(const struct hook_method *method, struct remarks *why)
{
	for (size_t i = 0; i < method->count; i++) {
		bool named = false;

		if (!counts_against(method, &method->parts[i]))
			continue;
		for (size_t before = 0; before < i; before++)
			named = named || (counts_against(method, &method->parts[before]) &&
					  !strcmp(method->parts[before].status->why,
						  method->parts[i].status->why));
		if (!named)
			add_refusal(method, i, why);
	}
	if (method->passed_by)
		remarks__add(why, REMARK_PASSED_BY, VALUES(WORD("function", method->passed_by)));
}

bool method__is_same(const struct hook_method *a, const struct hook_method *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; i < a->count && same; i++)
		same = a->parts[i].status == b->parts[i].status;
	return same;
}

/* The verifier's words on the first refusal that has any. */
static void add_verifier_line(const struct diagnosis *diagnosis, struct method_report *report)
{
	char line[160];

	for (size_t i = 0; i < report->method.count; i++) {
		const struct probe_status *status = report->method.parts[i].status;

		if (!counts_against(&report->method, &report->method.parts[i]) ||
		    status->refusal.code == REFUSAL_LEFT_OUT)
			continue;
		hooks__verifier_line(&diagnosis->hooks, status->program, line, sizeof(line));
		if (*line) {
			remarks__add(&report->why, REMARK_VERIFIER, VALUES(WORD("line", line)));
			return;
		}
	}
}

void method__report(const struct diagnosis *diagnosis, struct method_report *report)
{
	method__name(&report->method, report->name, sizeof(report->name));
	if (report->method.works) {
		report->verdict = VERDICT_WORKS;
		return;
	}
	method__why(&report->method, &report->why);
	if (report->why.count) {
		report->verdict = VERDICT_CLOSED;
		add_verifier_line(diagnosis, report);
	} else {
		report->verdict = VERDICT_UNKNOWN;
		remarks__add(&report->why, REMARK_METHOD_UNTRIED, NO_VALUES);
	}
}

void method__cost(struct method_report *report)
{
	const struct hook_method *method = &report->method;
	bool system_calls = false;

	for (size_t i = 0; i < method->count; i++)
		if (!strncmp(method->parts[i].status->function, "sys_", strlen("sys_")))
			system_calls = true;
	if (system_calls)
		remarks__add(&report->cost, REMARK_SLOWS_SYSTEM_CALLS, NO_VALUES);
}
