/* SPDX-License-Identifier: GPL-2.0 */
/* A session: every run that was asked for, traced, and the results printed. */
#ifndef HARNESS_SESSION_H
#define HARNESS_SESSION_H

#include "options.h"

enum exit_status {
	EXIT_VALID = 0,
	EXIT_INVALID = 1, /* a run failed, or its ledger does not hold */
	EXIT_USAGE = 2,
	EXIT_CANNOT = 77,  /* this kernel, or this user, cannot give what was asked for */
	EXIT_SIGNAL = 128, /* and the signal's number: 130 for Ctrl-C */
};

/* Returns the exit status; results are on stdout, everything else was said on stderr. */
int session__run(const struct options *options);

#endif
