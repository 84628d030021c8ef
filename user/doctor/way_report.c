// SPDX-License-Identifier: GPL-2.0
#include "doctor/way_report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "doctor/checks.h"

static bool way__uses(const struct hook_way *way, const char *function)
{
	for (size_t i = 0; i < way->count; i++)
		if (!strcmp(way->parts[i].status->function, function))
			return true;
	return false;
}

void way__name(const struct hook_way *way, char *text, size_t size)
{
	enum attach best = ATTACH_TRACEPOINT;

	/* a way named by its probes: the tracepoints beside them are open wherever these are */
	for (size_t i = 0; i < way->count; i++)
		if (way->parts[i].status->attach != ATTACH_TRACEPOINT)
			best = way->parts[i].status->attach;
	snprintf(text, size, "%s%s", attach__name(best),
		 way__uses(way, "sys_exit") ? ", system calls" : "");
}

bool way_part__refused(const struct hook_part *part)
{
	return part->status->state == PROBE_REFUSED;
}

/* Without privileges the kernel refuses everything alike, and what it would say is not known. */
static bool untried(const struct hook_part *part)
{
	return !checks__may_trace() && way_part__refused(part) &&
	       (part->status->error == -EPERM || part->status->error == -EACCES);
}

/* One of those of which one is enough is there, or may be. */
static bool stood_in_for(const struct hook_way *way, const struct hook_part *part)
{
	for (size_t i = 0; i < way->count && part->either; i++)
		if (way->parts[i].either &&
		    (!way_part__refused(&way->parts[i]) || untried(&way->parts[i])))
			return true;
	return false;
}

static bool counts_against(const struct hook_way *way, const struct hook_part *part)
{
	return way_part__refused(part) && !untried(part) && !stood_in_for(way, part);
}

/* "tcp_sendmsg, skb_segment: why", of all that are refused for the same reason as this one. */
static void add_refusal(const struct hook_way *way, size_t first, char *text, size_t size)
{
	const char *why = way->parts[first].status->why, *last = "";

	text__append(text, size, "%s", *text ? "; " : "");
	for (size_t i = first; i < way->count; i++) {
		const struct probe_status *status = way->parts[i].status;

		/* the two ends of one function follow each other */
		if (!counts_against(way, &way->parts[i]) || strcmp(status->why, why) ||
		    !strcmp(status->function, last))
			continue;
		text__append(text, size, "%s%s", *last ? ", " : "", status->function);
		last = status->function;
	}
	text__append(text, size, ": %s", why);
}

void way__why(const struct hook_way *way, char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < way->count; i++) {
		bool named = false;

		if (!counts_against(way, &way->parts[i]))
			continue;
		for (size_t before = 0; before < i; before++)
			named = named || (counts_against(way, &way->parts[before]) &&
					  !strcmp(way->parts[before].status->why,
						  way->parts[i].status->why));
		if (!named)
			add_refusal(way, i, text, size);
	}
	if (way->passed_by)
		text__append(text, size, "%sthis kernel has %s, whose bytes it does not see",
			     *text ? "; " : "", way->passed_by);
}

bool way__is_same(const struct hook_way *a, const struct hook_way *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; i < a->count && same; i++)
		same = a->parts[i].status == b->parts[i].status;
	return same;
}

/* The verifier's words on the first refusal that has any. */
static void add_verifier_line(const struct diagnosis *diagnosis, struct way_report *report)
{
	char line[160];

	for (size_t i = 0; i < report->way.count; i++) {
		const struct probe_status *status = report->way.parts[i].status;

		if (!counts_against(&report->way, &report->way.parts[i]) ||
		    status->error == -ECANCELED)
			continue;
		hooks__verifier_line(&diagnosis->hooks, status->program, line, sizeof(line));
		if (*line) {
			text__append(report->why, sizeof(report->why), " (verifier: %s)", line);
			return;
		}
	}
}

void way__report(const struct diagnosis *diagnosis, struct way_report *report)
{
	way__name(&report->way, report->name, sizeof(report->name));
	if (report->way.works) {
		report->verdict = VERDICT_WORKS;
		return;
	}
	way__why(&report->way, report->why, sizeof(report->why));
	if (*report->why) {
		report->verdict = VERDICT_CLOSED;
		add_verifier_line(diagnosis, report);
	} else {
		report->verdict = VERDICT_UNKNOWN;
		snprintf(report->why, sizeof(report->why), "cannot be tried without privileges");
	}
}
