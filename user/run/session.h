/* SPDX-License-Identifier: GPL-2.0 */
/* A session makes every requested run, traced, and prints the results. */
#ifndef HARNESS_SESSION_H
#define HARNESS_SESSION_H

#include "base/exit_status.h"
#include "run/options.h"

/* Returns the exit status; results are on stdout, everything else is on stderr. */
int session__run(const struct options *options);

#endif
