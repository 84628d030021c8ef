/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows: the counts of each process, or of each connection. BPF programs take a free row; user space
 * frees rows, reads them and takes them back.
 *
 * Tallies have two banks. A reading switches to the other bank, waits until no program adds to the
 * first one, then reads and zeroes that. All that one event adds is in one reading. So a ledger
 * that is read while traffic runs is as exact as one that is read after it.
 */
#ifndef HARNESS_ROWS_H
#define HARNESS_ROWS_H

#include "tracer/tracer.h"

#define ROWS_DEFAULT 4096

struct rows;

/*
 * The counts of one row since the last reading. Row 0 has the counts of all that found no free row.
 */
struct row_reading {
	unsigned int number;
	const struct row *row;
	const struct tally *tally;
	const struct times *times; /* NULL: time is not traced */
};

struct cause_reading {
	unsigned int number; /* the number of the row */
	enum cause_kind kind;
	const char *function; /* of a reader, with its module */
	const char *device;
	struct counter counter;
};

struct row_reader {
	/* Called for each row in use. 0, or a negative errno, which ends the reading. */
	int (*row)(void *context, const struct row_reading *reading);
	/* Called after the rows for each cause of copies and each reader. */
	int (*cause)(void *context, const struct cause_reading *reading);
	/* The process or connection of the row has ended, and its number is free again. */
	void (*released)(void *context, unsigned int number);
	void *context;
};

/* Between tracer__open() and tracer__arm(). All return 0 or a negative errno, with a line on
 * stderr. */
int rows__open(struct tracer *tracer, struct rows **result);
void rows__close(struct rows *rows); /* NULL is fine */

/*
 * Gives a process (a thread group in the caller's PID namespace) a row. Returns its number, or a
 * negative errno. `idle`: no send of it has begun, so a send without a start is an error.
 */
int rows__follow(struct rows *rows, pid_t pid, bool idle);

/* Forgets every process and socket, and zeroes all counts. Not while armed. */
int rows__forget(struct rows *rows);

int rows__read(struct rows *rows, const struct row_reader *reader);

/*
 * Compares the sequence numbers of open connections with the bytes counted. Call it while armed,
 * just before the end. A connection that closes is compared by a probe.
 */
void rows__compare_open(struct rows *rows);

/* The number of followed processes that have a row and still run. */
size_t rows__processes(const struct rows *rows);
/* The number of open connections that followed processes sent on. */
size_t rows__connections(struct rows *rows);

#endif
