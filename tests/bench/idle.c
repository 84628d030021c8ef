// SPDX-License-Identifier: GPL-2.0
/*
 * Programs of the harness, attached but never armed, so that each returns at once. What they cost
 * is the kernel's way to a program and back: the least that any tracer of the same places adds.
 *
 * idle PROGRAM...    says "ready", and waits to be killed
 */
#include <bpf/libbpf.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.skel.h"

static bool is_among(const char *name, char **names)
{
	for (; *names; names++)
		if (!strcmp(name, *names))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	struct harness_bpf *bpf = harness_bpf__open();
	struct bpf_program *program;
	int attached = 0, error;

	if (!bpf)
		err(EXIT_FAILURE, "open");
	bpf_object__for_each_program (program, bpf->obj)
		bpf_program__set_autoload(program, is_among(bpf_program__name(program), argv + 1));
	error = harness_bpf__load(bpf);
	if (error)
		errx(EXIT_FAILURE, "load: %s", strerror(-error));
	bpf_object__for_each_program (program, bpf->obj) {
		if (!bpf_program__autoload(program))
			continue;
		if (!bpf_program__attach(program))
			err(EXIT_FAILURE, "%s", bpf_program__name(program));
		attached++;
	}
	if (!attached || attached != argc - 1)
		errx(EXIT_FAILURE, "%d of %d programs are the harness's", attached, argc - 1);
	puts("ready");
	fflush(stdout);
	pause();
}
