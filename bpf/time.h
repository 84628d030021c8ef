/* SPDX-License-Identifier: GPL-2.0 */
/* Adds up the nanoseconds of copies, by owner and site. */
#ifndef HARNESS_BPF_TIME_H
#define HARNESS_BPF_TIME_H

#include "bpf/owner.h"

static __always_inline struct times *times_of(__u32 owner)
{
	if (second_bank)
		owner += rows_max;
	return bpf_map_lookup_elem(&times, &owner);
}

static __always_inline void add_time(struct timing *timing, __u64 ns, __u64 bytes)
{
	__sync_fetch_and_add(&timing->ns, ns);
	__sync_fetch_and_add(&timing->bytes, bytes);
}

#endif
