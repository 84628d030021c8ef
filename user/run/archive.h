/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The files of --out DIR: environment.json, written once; runs.jsonl, a line a run; results.csv, a
 * row a run, made of the same JSON; proofs.json with --prove.
 *
 * A line is on the disk before the next run starts, and is there whole or not at all. One
 * process at a time has the directory open.
 */
#ifndef HARNESS_ARCHIVE_H
#define HARNESS_ARCHIVE_H

#include <jansson.h>

struct archive {
	const char *name; /* the directory, as the user wrote it; borrowed */
	int dir_fd;	  /* -1: closed */
	int lines_fd, rows_fd;
	json_t *environment; /* the document in environment.json */
	json_t *runs;	     /* all complete runs, those before --resume included */
	json_t *proofs; /* the document in proofs.json, of all sessions; NULL: no session has proofs
			 */
};

#define ARCHIVE_CLOSED                                                                             \
	{                                                                                          \
		.dir_fd = -1, .lines_fd = -1, .rows_fd = -1                                        \
	}

/* All return 0, or a negative errno with one line on stderr and the archive closed. */

/* Makes the directory if it does not exist; -EEXIST when it has results already. */
int archive__create(struct archive *archive, const char *name);
/* Drops an incomplete last line and reports it. -ENOENT when there is nothing to resume. */
int archive__resume(struct archive *archive, const char *name);

/* Takes over `environment` and writes it. Called once, before the first run. */
int archive__describe(struct archive *archive, json_t *environment);

/* Takes over `run`. On failure the files are as they were, and the archive stays open. */
int archive__add(struct archive *archive, json_t *run);

/* Adds to proofs.json, at the end of a session. */
int archive__add_proofs(struct archive *archive, const json_t *proofs, const json_t *checks);

/* Writes summary.json and summary.csv, of all runs so far. */
int archive__summarize(struct archive *archive);

void archive__close(struct archive *archive);

#endif
