// SPDX-License-Identifier: GPL-2.0
#include "ledger/words.h"
#include "output/run_values.h"

bool run__knows(const struct run_ledger *run, enum site site)
{
	return ledger__knows(&run->ledger, site);
}

uint64_t run__bytes(const struct run_ledger *run, enum site site)
{
	return ledger__bytes(&run->ledger, site);
}

const struct maybe *run__copies_per_byte(const struct run_ledger *run)
{
	return &run->ledger.copies_per_byte;
}

bool run__copies_are_bound(const struct run_ledger *run)
{
	return run->ledger.copies_evidence == EVIDENCE_UPPER_BOUND;
}

const struct copy_time *run__time(const struct run_ledger *run, enum site site)
{
	return &run->ledger.time[site];
}

const struct switches *run__switches(const struct run_ledger *run, enum side side)
{
	return &run->ledger.switches[side];
}

const struct cause *run__causes(const struct run_ledger *run, size_t *count)
{
	*count = run->ledger.causes.count;
	return run->ledger.causes.cause;
}

const struct remarks *run__notes(const struct run_ledger *run)
{
	return &run->ledger.notes;
}

const struct remarks *run__reasons(const struct run_ledger *run)
{
	return &run->ledger.reasons;
}

void run__sentence(const struct run_ledger *run, const struct remark *remark, char *text,
		   size_t size)
{
	words__sentence(&run->ledger, remark, text, size);
}

struct varied results__varied(const struct results *results)
{
	const struct run_ledger *first = results->runs;
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

static bool any_bytes(const struct results *results, enum site site)
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
		enum evidence evidence = results->runs[i].ledger.site[site].evidence;

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
		return any_bytes(results, site) ||
		       (results__any_known(results, site) && results__any_unknown(results, site));
	}
}
