// SPDX-License-Identifier: GPL-2.0
#include "ledger/ledger.h"

#include <string.h>

#include "ledger/copy_times.h"

void ledger__invalidate(struct ledger *ledger, enum remark_code code, const struct value *values)
{
	ledger->valid = false;
	remarks__add(&ledger->reasons, code, values);
}

void ledger__note(struct ledger *ledger, enum remark_code code, const struct value *values)
{
	remarks__add(&ledger->notes, code, values);
}

bool ledger__knows(const struct ledger *ledger, enum site site)
{
	return ledger->site[site].evidence != EVIDENCE_UNAVAILABLE;
}

uint64_t ledger__bytes(const struct ledger *ledger, enum site site)
{
	return ledger__knows(ledger, site) ? ledger->site[site].bytes : 0;
}

static void ledger__take_sites(struct ledger *ledger, const struct counted *counted)
{
	const struct known *known = counted->known;

	for (int site = 0; site < SITE_COUNT; site++) {
		const struct tally *tally = counted->tally[sites[site].side];
		bool available = known->evidence[site] != EVIDENCE_UNAVAILABLE;

		/* the copies of a receive are counted when it ends */
		if (site == SITE_RECEIVE_COPY)
			available = available && known->received;
		ledger->site[site] = (struct site_value){.evidence = EVIDENCE_UNAVAILABLE};
		if (available && site != SITE_USER_MEMCPY)
			ledger->site[site] = (struct site_value){
				.evidence = known->evidence[site],
				.bytes = tally->site[site].bytes,
				.calls = tally->site[site].calls,
			};
		if (site == SITE_TRANSMIT_COPY && available &&
		    tally->extra[EXTRA_LEFT_HIDDEN].calls)
			ledger->site[site].evidence = EVIDENCE_UPPER_BOUND;
	}
	if (counted->own_copies_known)
		ledger->site[SITE_USER_MEMCPY] = (struct site_value){
			.evidence = EVIDENCE_SELF_REPORTED,
			.bytes = counted->own_copies.bytes,
			.calls = counted->own_copies.calls,
		};
}

/* Takes the bytes of sites that have no tally, but causes. */
static void ledger__take_causes(struct ledger *ledger)
{
	causes__sort(&ledger->causes);
	readers__sort(&ledger->readers);
	for (size_t i = 0; i < ledger->causes.count; i++) {
		const struct cause *cause = &ledger->causes.cause[i];

		if (!ledger__knows(ledger, cause->site))
			continue;
		ledger->site[cause->site].bytes += cause->bytes;
		ledger->site[cause->site].calls += cause->calls;
	}
}

static void ledger__take_extras(struct ledger *ledger, const struct counted *counted)
{
	const struct counter *sender = counted->tally[SENDER]->extra;
	const struct counter *receiver = counted->tally[RECEIVER]->extra;

	ledger->retransmit_known = counted->known->retransmits;
	ledger->retransmit_bytes = sender[EXTRA_RETRANSMIT].bytes;
	ledger->retransmit_segments = sender[EXTRA_RETRANSMIT].calls;
	ledger->pin_attempted.known = counted->known->pin_attempts;
	ledger->pin_attempted.value = sender[EXTRA_PIN_ATTEMPTED].bytes;
	ledger->collapsed.known = ledger__knows(ledger, SITE_RECEIVE_COPY);
	ledger->collapsed.value = receiver[EXTRA_COLLAPSED].bytes;
	/* a packet with bytes of two processes is the last sender's */
	ledger->deferred_own.known = ledger->deferred_files.known =
		ledger__knows(ledger, SITE_DEFERRED_COPY) && !sender[EXTRA_SHARED].calls &&
		!sender[EXTRA_DEFERRED_UNSORTED].calls;
	ledger->deferred_own.value = sender[EXTRA_DEFERRED_OWN].bytes;
	ledger->deferred_files.value = sender[EXTRA_DEFERRED_FILES].bytes;
	ledger->in_flight = sender[EXTRA_IN_FLIGHT];
}

uint64_t ledger__deferred_beside(const struct ledger *ledger)
{
	uint64_t own = ledger->deferred_own.known ? ledger->deferred_own.value : 0;
	uint64_t files = ledger->deferred_files.known ? ledger->deferred_files.value : 0;

	/* a program may pin pages of a file that it mapped */
	return ledger__bytes(ledger, SITE_SEND_SPLICE) ? own + files : own;
}

static void ledger__take_switches(struct ledger *ledger, const struct counted *counted,
				  enum side side)
{
	const struct tally *tally = counted->tally[side];
	struct switches *switches = &ledger->switches[side];

	*switches = (struct switches){
		.known = counted->known->switches,
		.blocked_known = counted->known->switches && counted->known->activities,
		.involuntary = tally->involuntary,
	};
	for (int doing = 0; doing < DOING_COUNT; doing++) {
		switches->blocked_in[doing] = tally->voluntary[doing];
		switches->voluntary += tally->voluntary[doing];
	}
}

/* Sums the CPU copies of one side. A watched program's own copies are not known. */
static bool ledger__sum_copies(const struct ledger *ledger, enum side side, uint64_t *copied,
			       enum evidence *evidence)
{
	for (int site = 0; site < SITE_COUNT; site++) {
		if (!sites[site].cpu_copy || sites[site].side != side ||
		    (site == SITE_USER_MEMCPY && !ledger__knows(ledger, site)))
			continue;
		*copied += ledger->site[site].bytes;
		if (ledger->site[site].evidence > *evidence)
			*evidence = ledger->site[site].evidence;
	}
	return *evidence != EVIDENCE_UNAVAILABLE;
}

static void ledger__compute_copies(struct ledger *ledger, const struct counted *counted)
{
	uint64_t all = 0, received = counted->side[RECEIVER].payload;

	ledger->copies_evidence = EVIDENCE_EXACT;
	for (int side = 0; side < SIDE_COUNT; side++) {
		uint64_t payload = counted->side[side].payload, copied = 0;
		enum evidence evidence = EVIDENCE_EXACT;
		bool known = ledger__sum_copies(ledger, side, &copied, &evidence);

		ledger->copies[side] =
			(struct maybe){.known = known && payload && !counted->xdp.some};
		if (ledger->copies[side].known)
			ledger->copies[side].value = (double)copied / payload;
		all += copied;
		if (evidence > ledger->copies_evidence)
			ledger->copies_evidence = evidence;
	}
	ledger->copies_per_byte = (struct maybe){
		.known = counted->stream && !counted->xdp.some && received &&
			 ledger->copies_evidence != EVIDENCE_UNAVAILABLE,
	};
	if (ledger->copies_per_byte.known)
		ledger->copies_per_byte.value = (double)all / received;
}

static void ledger__compute_residual(struct ledger *ledger, const struct counted *counted,
				     enum side side)
{
	int64_t residual = counted->side[side].returned;
	bool known = counted->side[side].known;

	for (int site = 0; site < SITE_COUNT; site++) {
		if (!sites[site].part || sites[site].side != side)
			continue;
		residual -= ledger->site[site].bytes;
		known &= ledger__knows(ledger, site);
	}
	ledger->residual[side] = (struct maybe){.known = known, .value = known ? residual : 0};
}

void ledger__compose(struct ledger *ledger, const struct counted *counted)
{
	ledger__take_sites(ledger, counted);
	ledger__take_times(ledger, counted);
	ledger__take_causes(ledger);
	ledger__take_extras(ledger, counted);
	ledger__compute_copies(ledger, counted);
	for (int side = 0; side < SIDE_COUNT; side++) {
		ledger__take_switches(ledger, counted, side);
		ledger__compute_residual(ledger, counted, side);
	}
}

uint64_t ledger__undelivered(const struct ledger *ledger, const struct tally *sender)
{
	static const enum site needed[] = {SITE_DEFERRED_COPY, SITE_TRANSMIT_COPY, SITE_DMA_OUT};
	uint64_t left = sender->extra[EXTRA_LEFT_PINNED].bytes;
	uint64_t found = ledger__bytes(ledger, SITE_DEFERRED_COPY) +
			 ledger__bytes(ledger, SITE_TRANSMIT_COPY) +
			 sender->extra[EXTRA_DROPPED_LATE].bytes;

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!ledger__knows(ledger, needed[i]))
			return 0;
	return !ledger__bytes(ledger, SITE_DMA_OUT) && found < left ? left - found : 0;
}

void ledger__forget(struct ledger *ledger)
{
	remarks__free(&ledger->reasons);
	remarks__free(&ledger->notes);
	ledger->valid = true;
}

void ledger__free(struct ledger *ledger)
{
	remarks__free(&ledger->reasons);
	remarks__free(&ledger->notes);
	causes__free(&ledger->causes);
	readers__free(&ledger->readers);
	memset(ledger, 0, sizeof(*ledger));
}
