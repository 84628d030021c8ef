/* SPDX-License-Identifier: GPL-2.0 */
/* Inside of session: its state and its parts. */
#ifndef HARNESS_SESSION_PARTS_H
#define HARNESS_SESSION_PARTS_H

#include "net/path.h"
#include "output/progress.h"
#include "output/results.h"
#include "run/archive.h"
#include "run/measure.h"
#include "run/options.h"

struct session {
	const struct options *options;
	struct archive *archive; /* NULL: nothing is kept */
	struct path path;
	struct measure measure;
	struct progress progress;
	struct results results;
	size_t run_total; /* at least */
	size_t runs_done; /* those of the archive included */
	json_t *left_out; /* transports of "all" that this kernel lacks */
};

/* In session_runs.c. `context` is the session: one line of progress, before each try of a run. */
void session__show_run(void *context, const struct run_spec *spec, unsigned int try);
/* Makes all requested runs that are not in the archive. 0 or a negative errno. */
int session__run_grid(struct session *session);

/*
 * In session_transports.c, when the probes are attached: leaves out the transports of "all" that
 * cannot run here, with a line on stderr each. 0, or a negative errno with one line on stderr:
 * -EOPNOTSUPP for one that was listed, -ESTALE if a session that is resumed had left out others.
 */
int session__admit_transports(struct session *session, struct options *options);

/* In session_checks.c. -ENOMEM with one line on stderr where a run would not fit the memory. */
int session__check_memory(const struct session *session);
/*
 * --prove: called before the runs, because their evidence follows from it. 0 or a negative errno.
 */
int session__prove(struct session *session);
/*
 * Proves the transports' own counts of memcpy, in runs apart from the timed ones and after them.
 * `ended`: why the runs ended early; then nothing is proved, and the results record the reason.
 */
int session__check_memcpy(struct session *session, int ended);

/* In session.c. With or without an archive to write to; returns the exit status. */
int session__run_in(const struct options *asked, struct archive *archive);

/* In session_resume.c. Continues the session in asked->resume; returns the exit status. */
int session__resume(const struct options *asked);

#endif
