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
		if (!strcmp(method->programs[i].status->function, function))
			return true;
	return false;
}

void method__name(const struct hook_method *method, char *text, size_t size)
{
	enum attach best = ATTACH_TRACEPOINT;

	/* a method with fentry or kprobes uses tracepoints, too, and is named after the former */
	for (size_t i = 0; i < method->count; i++)
		if (method->programs[i].status->attach != ATTACH_TRACEPOINT)
			best = method->programs[i].status->attach;
	snprintf(text, size, "%s%s", attach__name(best),
		 method__uses(method, "sys_exit") ? ", system calls" : "");
}

bool method_program__refused(const struct method_program *program)
{
	return program->status->state == PROBE_REFUSED;
}

/* The kernel refused for lack of privileges: its answer to root is not known. */
static bool refused_unprivileged(const struct method_program *program)
{
	return !checks__may_trace() && method_program__refused(program) &&
	       (program->status->refusal.error == -EPERM ||
		program->status->refusal.error == -EACCES);
}

/* One of several programs is enough, and another one of them attaches, or may for root. */
static bool has_alternative(const struct hook_method *method, const struct method_program *program)
{
	for (size_t i = 0; i < method->count && program->one_is_enough; i++)
		if (method->programs[i].one_is_enough &&
		    (!method_program__refused(&method->programs[i]) ||
		     refused_unprivileged(&method->programs[i])))
			return true;
	return false;
}

/* The method cannot be used without this program, which is refused. */
static bool makes_unusable(const struct hook_method *method, const struct method_program *program)
{
	return method_program__refused(program) && !refused_unprivileged(program) &&
	       !has_alternative(method, program);
}

/* All functions that are refused for the same reason as this one. */
static void add_refusal(const struct hook_method *method, size_t first, struct remarks *remarks)
{
	const char *why = method->programs[first].status->why, *last = "";
	char functions[SENTENCE_MAX] = "";

	for (size_t i = first; i < method->count; i++) {
		const struct probe_status *status = method->programs[i].status;

		/* entry and exit of a function follow each other */
		if (!makes_unusable(method, &method->programs[i]) || strcmp(status->why, why) ||
		    !strcmp(status->function, last))
			continue;
		text__append(functions, sizeof(functions), "%s%s", *last ? ", " : "",
			     status->function);
		last = status->function;
	}
	remarks__add(
		remarks, REMARK_HOOKS_REFUSED,
		VALUES(WORD("functions", functions), WORD("why", why),
		       WORD("refusal", refusal__code(&method->programs[first].status->refusal))));
}

void method__why(const struct hook_method *method, struct remarks *why)
{
	for (size_t i = 0; i < method->count; i++) {
		bool named = false;

		if (!makes_unusable(method, &method->programs[i]))
			continue;
		for (size_t before = 0; before < i; before++)
			named = named || (makes_unusable(method, &method->programs[before]) &&
					  !strcmp(method->programs[before].status->why,
						  method->programs[i].status->why));
		if (!named)
			add_refusal(method, i, why);
	}
	if (method->missed_function)
		remarks__add(why, REMARK_PASSED_BY,
			     VALUES(WORD("function", method->missed_function)));
}

bool method__is_same(const struct hook_method *a, const struct hook_method *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; i < a->count && same; i++)
		same = a->programs[i].status == b->programs[i].status;
	return same;
}

/* The last line of the verifier's log, for the first refused program that has one. */
static void add_verifier_line(const struct diagnosis *diagnosis, struct method_report *report)
{
	char line[160];

	for (size_t i = 0; i < report->method.count; i++) {
		const struct probe_status *status = report->method.programs[i].status;

		if (!makes_unusable(&report->method, &report->method.programs[i]) ||
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
		report->verdict = VERDICT_UNUSABLE;
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
		if (!strncmp(method->programs[i].status->function, "sys_", strlen("sys_")))
			system_calls = true;
	if (system_calls)
		remarks__add(&report->cost, REMARK_SLOWS_SYSTEM_CALLS, NO_VALUES);
}
