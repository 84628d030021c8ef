// SPDX-License-Identifier: GPL-2.0
#include "output/run_values.h"

bool run__knows(const struct ledger *run, enum site site)
{
	return run->site[site].evidence != EVIDENCE_UNAVAILABLE;
}

uint64_t run__bytes(const struct ledger *run, enum site site)
{
	return run__knows(run, site) ? run->site[site].bytes : 0;
}

enum evidence run__evidence(const struct ledger *run, enum site site)
{
	return run->site[site].evidence;
}

const struct maybe *run__copies_per_byte(const struct ledger *run)
{
	return &run->copies_per_byte;
}

bool run__copies_are_bound(const struct ledger *run)
{
	return run->copies_evidence == EVIDENCE_UPPER_BOUND;
}

const struct maybe *run__residual(const struct ledger *run, enum side side)
{
	return &run->residual[side];
}

const struct switches *run__switches(const struct ledger *run, enum side side)
{
	return &run->switches[side];
}

const struct cause *run__causes(const struct ledger *run, size_t *count)
{
	*count = run->causes.count;
	return run->causes.cause;
}

char *const *run__notes(const struct ledger *run, size_t *count)
{
	*count = run->note_count;
	return run->notes;
}

char *const *run__reasons(const struct ledger *run, size_t *count)
{
	*count = run->reason_count;
	return run->reasons;
}

struct varied results__varied(const struct results *results)
{
	const struct ledger *first = results->runs;
	struct varied varied = {};

	for (size_t i = 1; i < results->run_count; i++) {
		varied.size |= first[i].message_bytes != first->message_bytes;
		varied.threads |= first[i].threads != first->threads;
		varied.repeat |= first[i].repeat != first->repeat;
	}
	return varied;
}

bool varied__any(struct varied varied)
{
	return varied.size || varied.threads || varied.repeat;
}

bool results__any_known(const struct results *results, enum site site)
{
	for (size_t i = 0; i < results->run_count; i++)
		if (run__knows(&results->runs[i], site))
			return true;
	return false;
}

bool results__any_unknown(const struct results *results, enum site site)
{
	for (size_t i = 0; i < results->run_count; i++)
		if (!run__knows(&results->runs[i], site))
			return true;
	return false;
}

bool results__any_bytes(const struct results *results, enum site site)
{
	for (size_t i = 0; i < results->run_count; i++)
		if (run__bytes(&results->runs[i], site))
			return true;
	return false;
}

enum evidence results__weakest_evidence(const struct results *results, enum site site)
{
	enum evidence weakest = EVIDENCE_EXACT;

	for (size_t i = 0; i < results->run_count; i++) {
		enum evidence evidence = run__evidence(&results->runs[i], site);

		if (evidence != EVIDENCE_UNAVAILABLE && evidence > weakest)
			weakest = evidence;
	}
	return weakest;
}

bool results__shows(const struct results *results, enum site site)
{
	switch (site) {
	case SITE_USER_MEMCPY:
	case SITE_SEND_COPY:
	case SITE_SEND_PIN:
	case SITE_DEFERRED_COPY:
	case SITE_RECEIVE_COPY:
		return true;
	default:
		return results__any_bytes(results, site) ||
		       (results__any_known(results, site) && results__any_unknown(results, site));
	}
}
