/* SPDX-License-Identifier: GPL-2.0 */
/* The command lines of `harness run` and `harness advise`, checked. */
#ifndef HARNESS_OPTIONS_H
#define HARNESS_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/choices.h"
#include "base/number.h"
#include "net/path.h"
#include "traffic/runner.h"
#include "tracer/tracer.h"
#include "traffic/transport.h"

#define TRACE_PROBES	   (TRACE_COPIES | TRACE_SCHED) /* these need programs in the kernel */
#define REPEAT_MAX_DEFAULT 30
#define WARM_UP_DEFAULT	   0.1 /* seconds */

struct options {
	int argc; /* the words it was made from, borrowed */
	char **argv;
	unsigned int traced; /* enum trace bits */
	enum attach attach;
	const char *without;  /* as tracer_options has it; points into argv */
	const char *btf_path; /* likewise */
	uint64_t map_entries; /* 0: the tracer's default */
	enum run_mode mode;
	const struct transport *transport[LIST_MAX];
	bool by_all[LIST_MAX]; /* of each: "all" has it, so it is left out where it cannot run */
	size_t transport_count;
	struct number_list sizes; /* bytes of a message */
	struct number_list threads;
	double seconds;	   /* of a run, or 0 */
	uint64_t messages; /* of a run, or 0 */
	unsigned int repeat;
	unsigned int repeat_max; /* at least repeat */
	double precision;	 /* half the width of an interval, in units of its median */
	bool baseline_runs;	 /* a baseline run for every run */
	bool shuffle;		 /* random order, by seed */
	uint64_t seed;
	double warm_up; /* seconds before each run, or 0 */
	uint16_t port;	/* 0: any */
	struct path_spec path;
	struct number_list cpus; /* the sender's, then the receiver's; none: any */
	enum fault fault;
	bool verify;
	bool prove;
	bool time; /* the nanoseconds of copies, too */
	bool timestamps;
	const char *out;    /* directory, or NULL; points into argv */
	const char *resume; /* likewise; its files then have the other options */
	bool json;
	bool rows;   /* print every run, not every combination */
	bool advise; /* the command is `advise` */
	bool verbose;
};

/*
 * 0: run; 1: --help or --version was answered on stdout and nothing is left to do; -EINVAL: one
 * line on stderr has the error. Changes nothing but its arguments.
 */
int options__parse(int argc, char **argv, struct options *options);
/* The same for `harness advise`, which has other defaults. */
int options__parse_advise(int argc, char **argv, struct options *options);

/* The tables of options, for help and completion. */
extern const struct argp run_argp, advise_argp;

/* The words that a value of this key may be, where they can be listed; `prefix` as path__choices().
 */
void options__choices(int key, const char *prefix, struct choices *choices);

#endif
