// SPDX-License-Identifier: GPL-2.0
/*
 * Updates a BPF map, over and over, until it is killed. Meanwhile the kernel keeps kprobe programs
 * from running on this processor (bpf_disable_instrumentation), in softirqs that interrupt it too.
 */
#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>

#define ENTRIES	    16
#define VALUE_BYTES 32768 /* that much is copied while programs are kept from running */

int main(void)
{
	static char value[VALUE_BYTES];
	int map, err;

	map = bpf_map_create(BPF_MAP_TYPE_HASH, "storm", sizeof(int), VALUE_BYTES, ENTRIES, NULL);
	err = map < 0 ? map : 0;
	for (int i = 0; !err; i++)
		err = bpf_map_update_elem(map, &(int){i % ENTRIES}, value, BPF_ANY);
	fprintf(stderr, "map_storm: %s\n", strerror(-err));
	return 1;
}
