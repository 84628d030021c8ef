/* SPDX-License-Identifier: GPL-2.0 */
/* The command line of `harness doctor`, checked. */
#ifndef HARNESS_DOCTOR_OPTIONS_H
#define HARNESS_DOCTOR_OPTIONS_H

#include <stdbool.h>

#include "net/path.h"
#include "output/common_options.h"

struct doctor_options {
	struct common_options common;
	const char *device; /* this interface only; NULL: the path's, or all that are up */
	bool path_given;
	bool sites; /* only the table of sites */
	struct path_spec path;
};

/* As options__parse(): 0, 1 when nothing is left to do, or -EINVAL with one line on stderr. */
int doctor_options__parse(int argc, char **argv, struct doctor_options *options);

extern const struct argp doctor_argp;
/* As options__choices(). */
void doctor_options__choices(int key, const char *prefix, struct choices *choices);

#endif
