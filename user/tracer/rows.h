/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracer's side of programs that are not ours: the kernel gives each process, or each
 * connection, a row of its own; here the rows are handed out, read and taken back.
 *
 * Tallies have two banks. A reading turns to the other bank, waits until no program still adds to
 * the first, and empties that: what one event adds is in one reading, wholly, so that a ledger read
 * while traffic runs is as exact as one read after it.
 */
#ifndef HARNESS_ROWS_H
#define HARNESS_ROWS_H

#include "tracer/tracer.h"

#define ROWS_DEFAULT 4096

struct rows;

/* What a reading found in one row since the last. Row 0 is everybody who found no row free. */
struct row_reading {
	unsigned int number;
	const struct row *row;
	const struct tally *tally;
	const struct times *times; /* NULL unless time is traced */
};

struct cause_reading {
	unsigned int number; /* the row's */
	const char *function;
	const char *device;
	struct counter counter;
};

struct row_reader {
	/* Every row in use. 0 or a negative errno, which ends the reading. */
	int (*row)(void *context, const struct row_reading *reading);
	/* After the rows: every cause of copies in them. */
	int (*cause)(void *context, const struct cause_reading *reading);
	/* The row's process or connection is gone for good and its number will be another's. */
	void (*released)(void *context, unsigned int number);
	void *context;
};

/* Between tracer__open() and tracer__arm(). All return 0 or a negative errno, said on stderr. */
int rows__open(struct tracer *tracer, struct rows **rows);
void rows__close(struct rows *rows); /* NULL is fine */

/* Gives a process a row; `born`: it has not run yet, so none of its calls began before the count.
 */
int rows__follow(struct rows *rows, pid_t pid, bool born);

int rows__read(struct rows *rows, const struct row_reader *reader);

/* Events lost since the tracer was opened: a map was full or memory unreadable. */
int rows__lost(struct rows *rows, unsigned long long *lost);

/* Sockets that still exist of those whom somebody watched sent on. */
size_t rows__sockets(struct rows *rows);

/* Whether these are counted with what is attached; what is not is unknown, not 0. */
bool rows__counts_received(const struct rows *rows);
bool rows__counts_completions(const struct rows *rows);
/* Sends and receives inside io_uring. */
bool rows__sees_io_uring(const struct rows *rows);
bool rows__tells_not_covered(const struct rows *rows);
/* Whether the send residual compares two counts; else it is 0 by construction. */
bool rows__check_sends(const struct rows *rows);
/* Nanoseconds in the copies of a site. */
bool rows__times(const struct rows *rows, enum site site);

/* For tracer.c, while it loads. */
void rows__set_constants(struct tracer *tracer);
void rows__size_maps(struct tracer *tracer);

#endif
