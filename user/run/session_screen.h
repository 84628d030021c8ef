/* SPDX-License-Identifier: GPL-2.0 */
/* The output of a session on a screen, from its results and the archive that it continues. */
#ifndef HARNESS_SESSION_SCREEN_H
#define HARNESS_SESSION_SCREEN_H

#include <stdio.h>

#include "output/results.h"
#include "run/archive.h"
#include "run/options.h"

struct session_screen {
	const struct options *options;
	const struct archive *archive; /* NULL: nothing is kept */
	const struct results *results; /* sorted: a baseline run follows its traced one */
	size_t run_total, runs_done;
};

/* 0 or a negative errno. */
int session_screen__print(const struct session_screen *session, FILE *stream);

#endif
