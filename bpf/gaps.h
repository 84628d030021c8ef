/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tasks during which no program runs. A kernel may keep BPF away from a task (one cloud's does,
 * from the machine's agent); then what softirqs do on top of it passes unseen as well, and no miss
 * is counted. The switch to such a task is seen, because its predecessor is still current
 * (__schedule), and the switch away from it is not. So on each processor the task that was switched
 * to must be the one that is switched from next.
 */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64); /* tid of who was switched to last, plus 1; 0: nobody yet */
} running SEC(".maps");

/* Such tasks, by tid: how often. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, GAPS_MAX);
	__type(key, __u32);
	__type(value, __u64);
} gaps SEC(".maps");

TRACEPOINT(switch_gaps, sched_switch)
{
	struct task_struct *prev = (void *)ctx[1], *next = (void *)ctx[2];
	__u32 zero = 0, tid;
	__u64 *last = bpf_map_lookup_elem(&running, &zero), none = 0, *count;

	if (!armed || !last)
		return 0;
	if (*last && *last - 1 != (__u32)FIELD(prev, pid)) {
		tid = *last - 1;
		bpf_map_update_elem(&gaps, &tid, &none, BPF_NOEXIST);
		count = bpf_map_lookup_elem(&gaps, &tid);
		if (count)
			__sync_fetch_and_add(count, 1);
	}
	*last = (__u64)FIELD(next, pid) + 1;
	return 0;
}
