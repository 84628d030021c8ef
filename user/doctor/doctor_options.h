/* SPDX-License-Identifier: GPL-2.0 */
/* The command line of `harness doctor`, checked. */
#ifndef HARNESS_DOCTOR_OPTIONS_H
#define HARNESS_DOCTOR_OPTIONS_H

#include <stdbool.h>

#include "net/path.h"
#include "tracer/tracer.h"

struct doctor_options {
	enum attach attach;
	const char *without; /* as tracer_options has these; they point into argv */
	const char *btf_path;
	const char *device; /* this interface only; NULL: the path's, or all that are up */
	bool path_given;
	struct path_spec path;
	bool json;
};

/* As options__parse(): 0, 1 when nothing is left to do, or -EINVAL with one line on stderr. */
int doctor_options__parse(int argc, char **argv, struct doctor_options *options);

#endif
