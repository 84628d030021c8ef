/* SPDX-License-Identifier: GPL-2.0 */
/* Values of runs that tables and sentences need. Pure. */
#ifndef HARNESS_RUN_VALUES_H
#define HARNESS_RUN_VALUES_H

#include "output/results.h"

/* Whether a site has a number, and its bytes: 0 while it has none. */
bool run__knows(const struct run_ledger *run, enum site site);
uint64_t run__bytes(const struct run_ledger *run, enum site site);

/* Borrowed. */
const struct maybe *run__copies_per_byte(const struct run_ledger *run);
bool run__copies_are_bound(const struct run_ledger *run); /* an upper bound */
/* What the copies of a site took; 0 bytes: not timed. */
const struct copy_time *run__time(const struct run_ledger *run, enum site site);
const struct switches *run__switches(const struct run_ledger *run, enum side side);
const struct cause *run__causes(const struct run_ledger *run, size_t *count);
const struct remarks *run__notes(const struct run_ledger *run);
const struct remarks *run__reasons(const struct run_ledger *run); /* why it is invalid */
/* The sentence of one of these remarks. */
void run__sentence(const struct run_ledger *run, const struct remark *remark, char *text,
		   size_t size);

/* What differs between runs. */
struct varied {
	bool size, threads, repeat;
};

struct varied results__varied(const struct results *results);
bool varied__any(struct varied varied);

/* Of a site, over all runs. */
bool results__any_known(const struct results *results, enum site site);
bool results__any_unknown(const struct results *results, enum site site);
enum evidence results__weakest_evidence(const struct results *results, enum site site);

/*
 * Whether a site has a row. The common sites always have one. Another site that is 0 in every run,
 * or unknown in every run, is named under the table instead.
 */
bool results__shows(const struct results *results, enum site site);

#endif
