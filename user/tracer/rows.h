/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows: the counts of each process, or of each connection. The kernel takes a row by its number;
 * here rows are made free, read and taken back.
 *
 * Tallies have two banks. A reading turns to the other bank, waits until no program still adds to
 * the first, and reads and empties that. So all that one event adds is in one reading, and a ledger
 * read while traffic runs is as exact as one read after it.
 */
#ifndef HARNESS_ROWS_H
#define HARNESS_ROWS_H

#include "tracer/tracer.h"

#define ROWS_DEFAULT 4096

struct rows;

/* The counts of one row since the last reading. Row 0 is everything that found no row free. */
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
	/* The process or connection of the row is gone, and its number will be used again. */
	void (*released)(void *context, unsigned int number);
	void *context;
};

/* Between tracer__open() and tracer__arm(). All return 0 or a negative errno, with a line on
 * stderr. */
int rows__open(struct tracer *tracer, struct rows **result);
void rows__close(struct rows *rows); /* NULL is fine */

/*
 * Gives a process (a thread group in the caller's pid namespace) a row: its number, or a negative
 * errno. `idle`: none of its sends has begun, so that one without a start is an error.
 */
int rows__follow(struct rows *rows, pid_t pid, bool idle);

/* Forgets every process and socket and zeroes all that was counted. Not while armed. */
int rows__forget(struct rows *rows);

int rows__read(struct rows *rows, const struct row_reader *reader);

/*
 * Compares what connections that still exist were sent with their sequence numbers; those that end
 * are compared by themselves. While armed, just before the end.
 */
void rows__settle(struct rows *rows);

/* Followed processes that have a row and still run. */
size_t rows__processes(const struct rows *rows);
/* Connections that still exist of those that followed processes sent on. */
size_t rows__connections(struct rows *rows);

#endif
