/* SPDX-License-Identifier: GPL-2.0 */
/* `harness watch`: the ledger of other programs. */
#ifndef HARNESS_WATCH_H
#define HARNESS_WATCH_H

#include <jansson.h>
#include <stdio.h>

#include "ledger/account.h"
#include "ledger/words.h"
#include "output/screen.h"
#include "watch/watch_options.h"

/* One report: all that is printed at one time. */
struct report {
	const struct watch_options *options;
	struct account **accounts; /* judged, busiest first */
	size_t count;
	const struct known *known;
	const struct probe_status *probes;
	size_t probe_count;
	double seconds;
	int64_t time_unix_us;		/* end of the interval */
	unsigned long long lost;	/* events, since the start */
	unsigned long long without_row; /* bytes that have no row of their own */
	bool last;
	const int *command_status; /* of waitpid(), or NULL */
	struct screen screen;	   /* for a file, as wide as the text */
};

/* Whether an event that the probe missed may change one of its numbers, or no byte was counted. */
bool report__is_touched(const struct report *report, const struct probe_status *probe);
/* Whether the whole report is valid: no event lost, and each account valid. */
bool report__valid(const struct report *report);

int watch_table__print(FILE *stream, const struct report *report);
/* A row of the JSON document. The caller owns it. */
json_t *watch_json__row(const struct account *account, const struct report *report);
/*
 * Prints one line of JSON: a whole document, or an interval of a stream, whose first line is the
 * start.
 */
int watch_json__print(FILE *stream, const struct report *report);
int watch_json__print_start(FILE *stream, const struct report *report);

/* argv[0] is "watch". Returns the exit status (exit_status.h). */
int watch__main(int argc, char **argv);

#endif
