// SPDX-License-Identifier: GPL-2.0
#include "output/common_options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

static const struct argp_option rows[] = {
	{.doc = "How probes are attached:", .group = COMMON_GROUP_ATTACH},
	{"attach", KEY_ATTACH, "METHOD", 0,
	 "The attach method of every probe:", COMMON_GROUP_ATTACH},
	{"without", KEY_WITHOUT, "LIST", 0,
	 "Attach no probe to these kernel functions and tracepoints, if one of them misbehaves",
	 COMMON_GROUP_ATTACH},
	{"btf", KEY_BTF, "FILE", 0,
	 "Read the kernel's types from FILE, for a kernel without BTF of its own; probes are then "
	 "kprobes and raw tracepoints only",
	 COMMON_GROUP_ATTACH},
	{"map-entries", KEY_MAP_ENTRIES, "N", 0,
	 "Room for N threads, sockets and processes each; default 16384; events beyond it are "
	 "missed, and the output gives their number",
	 COMMON_GROUP_ATTACH},
	{.doc = "The output:", .group = COMMON_GROUP_OUTPUT},
	{"json", KEY_JSON, NULL, 0, "Print JSON instead of the table", COMMON_GROUP_OUTPUT},
	{"verbose", KEY_VERBOSE, NULL, 0, "Print the BPF library's messages on standard error",
	 COMMON_GROUP_OUTPUT},
	ARGUMENTS_HELP_ROWS,
	{},
};

static const struct number_range map_entries_range = {"map-entries", "entries", 1, 1 << 24, false};

void common_options__choices(int key, struct choices *choices)
{
	if (key == KEY_ATTACH)
		for (enum attach method = 0; method < ATTACH_COUNT; method++)
			choices__add(choices, "%s", attach__name(method));
}

static int parse_attach(const char *name, enum attach *attach)
{
	struct choices choices = {.count = 0};
	char names[128], hint[CHOICE_SIZE + 32];

	if (!attach__parse(name, attach))
		return 0;
	common_options__choices(KEY_ATTACH, &choices);
	return arguments__bad("--attach %s: want one of %s%s", name,
			      choices__list(&choices, names, sizeof(names)),
			      choices__hint(&choices, name, hint, sizeof(hint)));
}

/* The tracer checks the names, because they depend on the kernel. */
static int take_without(void *options, const char *item)
{
	(void)options;
	(void)item;
	return 0;
}

int common_options__take(void *input, int key, const char *value)
{
	struct common_options *options = input;

	switch (key) {
	case KEY_ATTACH:
		return parse_attach(value, &options->attach);
	case KEY_WITHOUT:
		options->without = value;
		return list__walk("without", value, options, take_without);
	case KEY_BTF:
		options->btf_path = value;
		return 0;
	case KEY_MAP_ENTRIES:
		return number__parse(value, &map_entries_range, &options->map_entries);
	case KEY_JSON:
		options->json = true;
		return 0;
	case KEY_VERBOSE:
		options->verbose = true;
		return 0;
	}
	return -EINVAL;
}

/* Adds the methods to the help of their option. */
static char *help_text(int key, const char *text, void *input)
{
	struct choices choices = {.count = 0};
	char help[256], names[128];

	(void)input;
	if (key != KEY_ATTACH)
		return (char *)text;
	common_options__choices(key, &choices);
	snprintf(help, sizeof(help), "%s %s; auto (default) takes the first that works", text,
		 choices__list(&choices, names, sizeof(names)));
	return strdup(help);
}

static const struct argp argp = {
	.options = rows,
	.parser = arguments__key,
	.help_filter = help_text,
};

const struct argp_child common_options[] = {{&argp, 0, NULL, 0}, {}};
