/* SPDX-License-Identifier: GPL-2.0 */
/* The command line, checked: what a session is to do. */
#ifndef HARNESS_OPTIONS_H
#define HARNESS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "path.h"
#include "tracer.h"
#include "transport.h"

#define LIST_MAX 64 /* items of one list */

struct number_list {
	uint64_t value[LIST_MAX];
	size_t count;
};

struct options {
	unsigned int traced; /* enum trace bits */
	enum attach attach;
	const char *without;  /* as tracer_options has it; points into argv */
	const char *btf_path; /* likewise */
	uint64_t map_entries; /* 0: the tracer's default */
	const struct transport *transport[LIST_MAX];
	size_t transport_count;
	struct number_list sizes; /* bytes of a message */
	struct number_list threads;
	double seconds;	   /* of a run, or 0 */
	uint64_t messages; /* of a run, or 0 */
	unsigned int repeat;
	uint16_t port; /* 0: any */
	struct path_spec path;
	enum fault fault;
	bool verify;
	bool timestamps;
	bool json;
	bool verbose;
};

/*
 * 0: run; 1: --help or --version was answered on stdout and nothing is left to do; -EINVAL: one
 * line on stderr said what was wrong. Touches nothing but its arguments.
 */
int options__parse(int argc, char **argv, struct options *options);

#endif
