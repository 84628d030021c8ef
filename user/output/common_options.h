/* SPDX-License-Identifier: GPL-2.0 */
/* The options that run, watch and doctor share: how probes are attached, and the form of the
 * output. */
#ifndef HARNESS_COMMON_OPTIONS_H
#define HARNESS_COMMON_OPTIONS_H

#include "base/arguments.h"
#include "base/choices.h"
#include "tracer/attach.h"

/* The groups of the help: a command's own rows go before, between, or into them. */
enum common_group {
	COMMON_GROUP_ATTACH = 8,
	COMMON_GROUP_OUTPUT = 9,
};

enum common_key {
	KEY_ATTACH = ARGUMENTS_KEY_FIRST,
	KEY_WITHOUT,
	KEY_BTF,
	KEY_MAP_ENTRIES,
	KEY_JSON,
	KEY_VERBOSE,
	COMMON_KEY_END, /* where a command's own keys begin */
};

/* --time of `run` and of `watch` */
#define TIME_HELP                                                                                  \
	"Also count the nanoseconds spent in each copy, and print the share of one processor "     \
	"that removing it would save at most; needs fentry or kprobes, and takes time itself"

struct common_options {
	enum attach attach;
	const char *without;  /* as tracer_options has it; points into argv */
	const char *btf_path; /* likewise */
	uint64_t map_entries; /* 0: the tracer's default */
	bool json;
	bool verbose;
};

/* The child of a command's argp; its input is the `child` of the command's arguments. */
extern const struct argp_child common_options[];
/* The `take` of that child; `input` is a struct common_options. */
int common_options__take(void *input, int key, const char *value);

/* The words that a value of this key may be; nothing for a key of another table. */
void common_options__choices(int key, struct choices *choices);

#endif
