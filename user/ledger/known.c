// SPDX-License-Identifier: GPL-2.0
#include "ledger/known.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

void known__nothing(struct known *known)
{
	*known = (struct known){};
	for (int site = 0; site < SITE_COUNT; site++)
		known->evidence[site] = EVIDENCE_UNAVAILABLE;
}

void known__learn(struct known *known, struct tracer *tracer)
{
	for (int site = 0; site < SITE_COUNT; site++) {
		known->evidence[site] = tracer__evidence(tracer, site);
		known->timed[site] = tracer__times(tracer, site);
	}
	known->rings = tracer__counts(tracer, GROUP_RING);
	known->departures = tracer__counts(tracer, GROUP_LEAVE);
	known->sequences = tracer__counts(tracer, GROUP_SEND) &&
			   tracer__counts(tracer, GROUP_RECEIVE) &&
			   tracer__counts(tracer, GROUP_FOLLOW);
	known->received = tracer__counts(tracer, GROUP_RECEIVE);
	known->completions = tracer__counts(tracer, GROUP_COMPLETIONS);
	known->io_uring = tracer__sees_io_uring(tracer);
	known->not_covered = tracer__knows_not_covered(tracer);
	known->retransmits = tracer__counts(tracer, GROUP_RETRANSMIT);
	known->pin_attempts = tracer__counts(tracer, GROUP_PIN_ATTEMPT);
	known->switches = tracer__counts(tracer, GROUP_SWITCHES);
	known->activities = tracer__knows_calls(tracer);
	known->probes = tracer__probes(tracer, &known->probe_count);
}

/* missed_known is false before 5.12, which does not count skipped events: no fault */
bool probe__missed(const struct probe_status *probe)
{
	return probe->state == PROBE_ATTACHED && probe->missed_known && probe->missed;
}

/* Whether an earlier refused probe of the site has this function: fentry and fexit fail alike. */
static bool already_named(const struct probe_status *probes, size_t index, enum site site)
{
	for (size_t i = 0; i < index; i++)
		if (probes[i].state == PROBE_REFUSED && probes[i].sites & 1u << site &&
		    !strcmp(probes[i].function, probes[index].function))
			return true;
	return false;
}

void probes__why(const struct probe_status *probes, size_t count, enum site site, char *text,
		 size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		if (probes[i].state != PROBE_REFUSED || !(probes[i].sites & 1u << site) ||
		    already_named(probes, i, site))
			continue;
		text__append(text, size, "%s%s: %s", *text ? "; " : "", probes[i].function,
			     probes[i].why);
	}
	if (!*text)
		text__append(text, size, "no probe counts this");
}

void probes__why_no_switches(const struct probe_status *probes, size_t count, char *text,
			     size_t size)
{
	snprintf(text, size, "no probe counts them");
	for (size_t i = 0; i < count; i++)
		if (probes[i].state == PROBE_REFUSED && !strcmp(probes[i].function, "sched_switch"))
			snprintf(text, size, "%s: %s", probes[i].function, probes[i].why);
}
