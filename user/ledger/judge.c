// SPDX-License-Identifier: GPL-2.0
/* Judges a ledger: it is valid if the numbers asked for are known and the residuals are 0. */
#include "ledger/ledger.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define WHY 512

/* The sites, as bits, that copies per byte are made of. */
static unsigned int copies__needs(void)
{
	unsigned int need = 0;

	for (int site = 0; site < SITE_COUNT; site++)
		need |= (unsigned int)sites[site].cpu_copy << site;
	return need;
}

static unsigned int residual__needs(enum side side)
{
	unsigned int need = 0;

	for (int site = 0; site < SITE_COUNT; site++)
		if (sites[site].part && sites[site].side == side)
			need |= 1u << site;
	return need;
}

static void judge__unknown(struct ledger *ledger, const struct counted *counted, const char *number,
			   unsigned int need)
{
	char missing[WHY] = "", whys[2 * WHY] = "", why[WHY];

	for (int site = 0; site < SITE_COUNT; site++) {
		if (ledger__knows(ledger, site) || !(need & 1u << site))
			continue;
		probes__why(counted->known->probes, counted->known->probe_count, site, why,
			    sizeof(why));
		text__append(missing, sizeof(missing), "%s%s", *missing ? " " : "",
			     sites[site].name);
		text__append(whys, sizeof(whys), "%s%s (%s)", *whys ? ", " : "", sites[site].name,
			     why);
	}
	if (*missing)
		ledger__invalidate(
			ledger, REMARK_NUMBER_UNKNOWN,
			VALUES(WORD("number", number), WORD("sites", missing), WORD("why", whys)));
	else if (counted->xdp.some)
		ledger__invalidate(
			ledger, REMARK_PATH_NOT_COUNTED,
			VALUES(WORD("number", number), WORD("device", counted->xdp.device),
			       WORD("why", counted->xdp.mode == XDP_MODE_UNKNOWN ? "xdp_unknown"
										 : "xdp_copies"),
			       WORD("mode", xdp__name(counted->xdp.mode) ?: "unknown")));
	else
		ledger__invalidate(ledger, REMARK_NOTHING_RECEIVED, VALUES(WORD("number", number)));
}

/*
 * Judges a side's residual. A watched program may have one above 0: see account__judge_uncovered().
 */
static void judge__residual(struct ledger *ledger, const struct counted *counted, enum side side)
{
	const struct maybe *residual = &ledger->residual[side];
	const char *name = side == SENDER ? "send" : "receive";

	if (!residual->known)
		judge__unknown(ledger, counted,
			       side == SENDER ? "send_residual" : "receive_residual",
			       residual__needs(side));
	else if (residual->value < 0 || (counted->stream && residual->value))
		ledger__invalidate(ledger, REMARK_RESIDUAL_NOT_ZERO,
				   VALUES(WORD("side", name), WHOLE("bytes", residual->value)));
}

/*
 * Whether events that a site missed may belong to this ledger. Deferred and tap copies need pinned
 * or spliced pages: a ledger without such pages lacks none.
 */
static bool site__may_lack(const struct ledger *ledger, enum site site)
{
	if (site != SITE_DEFERRED_COPY && site != SITE_TAP_COPY)
		return true;
	return !ledger__knows(ledger, SITE_SEND_PIN) || ledger__bytes(ledger, site) ||
	       ledger__bytes(ledger, SITE_SEND_PIN) || ledger__bytes(ledger, SITE_SEND_SPLICE);
}

/*
 * A probe that counts nothing but kTLS, sockmap and MPTCP sockets and receives that io_uring
 * discards, of which a run has none.
 */
static bool probe__is_for_others(const struct probe_status *probe, const struct known *known)
{
	return known->own_sockets && probe->groups == 1u << GROUP_NOT_COVERED;
}

static bool probe__touches(const struct probe_status *probe, const struct ledger *ledger,
			   const struct known *known)
{
	bool touches = !probe->sites;

	if (probe__is_for_others(probe, known))
		return !ledger->residual[SENDER].known || !ledger->residual[RECEIVER].known;
	for (int site = 0; site < SITE_COUNT; site++)
		if (probe->sites & 1u << site)
			touches |= site__may_lack(ledger, site);
	return touches;
}

/* Whether the other program of a pair missed nothing, and so saw each event. */
static bool other__saw_all(const struct probe_status *probe, const struct known *known)
{
	for (size_t i = 0; probe->other && i < known->probe_count; i++)
		if (!strcmp(known->probes[i].program, probe->other))
			return known->probes[i].state == PROBE_ATTACHED &&
			       known->probes[i].missed_known && !known->probes[i].missed;
	return false;
}

static void judge__missed(struct ledger *ledger, const struct known *known)
{
	for (size_t i = 0; i < known->probe_count; i++) {
		const struct probe_status *probe = &known->probes[i];
		const struct value *values =
			VALUES(WORD("probe", probe->program), WORD("function", probe->function),
			       WHOLE("events", probe->missed));

		if (!probe__missed(probe))
			continue;
		if (probe__touches(probe, ledger, known) && !other__saw_all(probe, known))
			ledger__invalidate(ledger, REMARK_MISSED_EVENTS, values);
		else
			ledger__note(ledger, REMARK_MISSED_ELSEWHERE, values);
	}
}

/*
 * The bytes of tap_copy that were copied into taps' rings. They include bytes that were not pinned,
 * and bytes that are also in another copy.
 */
static uint64_t ring__bytes(const struct causes *causes)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < causes->count; i++)
		if (!strcmp(cause__find(causes->cause[i].function)->code, "packet_ring"))
			bytes += causes->cause[i].bytes;
	return bytes;
}

/*
 * Compares the COPIED flags with the counts. A completion has the flag if any of its packets was
 * copied. If all have it and no hardware took pages, each pinned byte was copied or dropped. In a
 * run, bytes that left pinned are judged by run__judge_delivery() instead.
 */
static void judge__flags(struct ledger *ledger, const struct counted *counted)
{
	const struct completed *completed = &counted->completed;
	const struct counter *extra = counted->tally[SENDER]->extra;
	uint64_t pinned = ledger__bytes(ledger, SITE_SEND_PIN);
	uint64_t found = ledger__bytes(ledger, SITE_DEFERRED_COPY) -
			 ledger__deferred_beside(ledger) +
			 ledger__bytes(ledger, SITE_TRANSMIT_COPY) +
			 ledger__bytes(ledger, SITE_TAP_COPY) - ring__bytes(&ledger->causes) +
			 extra[EXTRA_DROPPED].bytes + extra[EXTRA_DROPPED_LATE].bytes;

	if (!ledger__knows(ledger, SITE_DEFERRED_COPY) ||
	    !ledger__knows(ledger, SITE_TRANSMIT_COPY) || !ledger__knows(ledger, SITE_DMA_OUT) ||
	    ledger__bytes(ledger, SITE_DMA_OUT) || !counted->known->departures ||
	    (counted->stream && ledger__undelivered(ledger, counted->tally[SENDER])))
		return;
	if (completed->known && completed->complete && completed->all &&
	    completed->copied == completed->all && found < pinned)
		ledger__invalidate(ledger, REMARK_PINNED_BYTES_UNCOPIED,
				   VALUES(WHOLE("bytes", pinned - found),
					  WHOLE("pinned_bytes", pinned),
					  WHOLE("completions", completed->all)));
}

void ledger__judge(struct ledger *ledger, const struct counted *counted)
{
	const struct known *known = counted->known;
	char why[WHY];

	if (counted->traced & TRACE_COPIES) {
		if (counted->stream && !ledger->copies_per_byte.known)
			judge__unknown(ledger, counted, "copies_per_byte", copies__needs());
		for (int side = 0; side < SIDE_COUNT; side++)
			judge__residual(ledger, counted, side);
		judge__flags(ledger, counted);
	}
	if ((counted->traced & TRACE_SCHED) && !known->switches) {
		probes__why_no_switches(known->probes, known->probe_count, why, sizeof(why));
		ledger__invalidate(ledger, REMARK_SWITCHES_UNKNOWN, VALUES(WORD("why", why)));
	}
	judge__missed(ledger, known);
	if (known->lost)
		ledger__invalidate(ledger, REMARK_LOST_EVENTS,
				   VALUES(WHOLE("events", known->lost)));
}
