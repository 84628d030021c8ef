// SPDX-License-Identifier: GPL-2.0
/* --btf: types that are sound answer every question that the harness asks of a kernel's. */
#include <bpf/libbpf.h>
#include <stdint.h>

#include "tracer/kernel_types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct btf *btf;

	libbpf_set_print(NULL);
	btf = btf__new(data, size);
	if (btf && kernel_types__are_sound(btf)) {
		kernel_types__arguments(btf, "tcp_sendmsg");
		kernel_types__tracepoint_arguments(btf, "sched_switch");
		kernel_types__argument(btf, "tcp_sendmsg", "sock");
		kernel_types__offset(btf, "sock", "sk_state");
		kernel_types__have_helper(btf, "task_pt_regs");
	}
	btf__free(btf);
	return 0;
}
