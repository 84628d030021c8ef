// SPDX-License-Identifier: GPL-2.0
/*
 * Updates a BPF map, over and over, until it is killed. Meanwhile the kernel keeps kprobe programs
 * from running on this processor (bpf_disable_instrumentation), in softirqs that interrupt it too.
 */
#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	int map = bpf_map_create(BPF_MAP_TYPE_HASH, "storm", sizeof(int), sizeof(int), 16, NULL);
	int err = map < 0 ? map : 0;

	for (int i = 0; !err; i++)
		err = bpf_map_update_elem(map, &(int){i % 16}, &i, BPF_ANY);
	fprintf(stderr, "map_storm: %s\n", strerror(-err));
	return 1;
}
