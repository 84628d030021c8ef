/* SPDX-License-Identifier: GPL-2.0 */
/* Adds to the tally of an owner, and counts what no tally has. */
#ifndef HARNESS_BPF_COUNT_H
#define HARNESS_BPF_COUNT_H

#include "bpf/state.h"

static __always_inline void add(struct counter *counter, __u64 bytes, __u64 calls)
{
	__sync_fetch_and_add(&counter->bytes, bytes);
	__sync_fetch_and_add(&counter->calls, calls);
}

/* Counts an event that no other number has. One such event makes the ledger invalid. */
static __always_inline void lose(void)
{
	__u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(&lost, &zero);

	if (count)
		__sync_fetch_and_add(count, 1);
}

static __always_inline struct tally *tally_of(__u32 owner)
{
	if (second_bank)
		owner += rows_max;
	return bpf_map_lookup_elem(&tallies, &owner);
}

static __always_inline void count_site(__u32 owner, enum site site, __u64 bytes)
{
	struct tally *tally = tally_of(owner);

	if (tally)
		add(&tally->site[site], bytes, 1);
}

static __always_inline void count_extra(__u32 owner, enum extra extra, __u64 bytes)
{
	struct tally *tally = tally_of(owner);

	if (tally)
		add(&tally->extra[extra], bytes, 1);
}

/* Counts a call without bytes: adding a constant 0 to them compiles to what 5.10 does not have. */
static __always_inline void count_call(__u32 owner, enum extra extra)
{
	struct tally *tally = tally_of(owner);

	if (tally)
		__sync_fetch_and_add(&tally->extra[extra].calls, 1);
}

#endif
