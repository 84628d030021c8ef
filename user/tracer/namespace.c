// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "tracer/tracer_parts.h"

__u32 namespace__number(struct tracer *tracer, pid_t pid)
{
	struct harness_bpf__bss *state = tracer->bpf->bss;
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	state->sought = pid;
	state->found = 0;
	if (bpf_prog_test_run_opts(bpf_program__fd(tracer->bpf->progs.find_process), &opts))
		return 0;
	return state->found;
}

int namespace__check(struct tracer *tracer)
{
	if (namespace__number(tracer, getpid()))
		return 0;
	fprintf(stderr,
		"harness: this kernel does not say which process is which in the PID "
		"namespaces, so none can be followed\n");
	return -EOPNOTSUPP;
}
