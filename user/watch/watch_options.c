// SPDX-License-Identifier: GPL-2.0
#include "watch/watch_options.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/rows.h"

enum key {
	KEY_HELP = 'h',
	KEY_FIRST = 256,
	KEY_PID = KEY_FIRST,
	KEY_CGROUP,
	KEY_ALL,
	KEY_BY,
	KEY_SECONDS,
	KEY_INTERVAL,
	KEY_COUNT,
	KEY_TIME,
	KEY_JSON,
	KEY_OUTPUT,
	KEY_ATTACH,
	KEY_WITHOUT,
	KEY_BTF,
	KEY_MAP_ENTRIES,
	KEY_ROWS,
	KEY_VERBOSE,
};

static const struct argp_option option_table[] = {
	{.doc = "Whom to watch (or a command, after --):", .group = 1},
	{"pid", KEY_PID, "PID", 0, "A process, with its threads and the children it will have", 0},
	{"cgroup", KEY_CGROUP, "PATH", 0, "Every process in this control group and below", 0},
	{"all", KEY_ALL, NULL, 0, "Every process, a row each, busiest first", 0},
	{.doc = "How long, and how often to print:", .group = 2},
	{"seconds", KEY_SECONDS, "S", 0,
	 "End after S seconds; otherwise with the command or process, or with Ctrl-C", 0},
	{"interval", KEY_INTERVAL, "S", 0, "Print every S seconds what happened in them", 0},
	{"count", KEY_COUNT, "N", 0, "End after N intervals", 0},
	{.doc = "The output:", .group = 3},
	{"by", KEY_BY, "process|socket", 0, "A row a process, or a row a connection", 0},
	{"time", KEY_TIME, NULL, 0,
	 "Also the nanoseconds spent in each copy, and the share of one processor that removing it "
	 "would win at most (with fentry or kprobes; costs time itself)",
	 0},
	{"json", KEY_JSON, NULL, 0, "One JSON document an interval, a line each", 0},
	{"output", KEY_OUTPUT, "FILE", 0,
	 "Write there, not to standard output, which the command may use itself", 0},
	{"verbose", KEY_VERBOSE, NULL, 0, "The BPF library's own messages on standard error", 0},
	{.doc = "The tracer:", .group = 4},
	{"attach", KEY_ATTACH, "WAY", 0,
	 "How probes are attached: auto (default), fentry, kprobe, tracepoint", 0},
	{"without", KEY_WITHOUT, "LIST", 0, "Kernel functions and tracepoints never to attach to",
	 0},
	{"btf", KEY_BTF, "FILE", 0, "The kernel's types from FILE", 0},
	{"map-entries", KEY_MAP_ENTRIES, "N", 0,
	 "Threads, sockets and processes that can be told apart, default 16384; what is beyond is "
	 "lost, and said",
	 0},
	{"rows", KEY_ROWS, "N", 0,
	 "Processes or connections with a row of their own at one time, default 4096; what is "
	 "beyond shares one",
	 0},
	{.doc = "Other:", .group = -1},
	{"help", KEY_HELP, NULL, 0, "This text", 0},
	{},
};

struct parse {
	struct watch_options *options;
	bool told, help;
};

static int __attribute__((format(printf, 2, 3)))
complain(struct parse *parse, const char *format, ...)
{
	va_list args;

	if (parse->told)
		return EINVAL;
	parse->told = true;
	fputs("harness: watch: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("; see harness watch --help\n", stderr);
	return EINVAL;
}

static int parse_whole(struct parse *parse, const char *name, const char *text, unsigned long least,
		       unsigned long most, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || *number < least || *number > most)
		return complain(parse, "--%s %s: a number from %lu to %lu is wanted", name, text,
				least, most);
	return 0;
}

static int parse_seconds(struct parse *parse, const char *name, const char *text, double *seconds)
{
	char *end;

	*seconds = strtod(text, &end);
	if (end == text || *end || !isfinite(*seconds) || *seconds < 0.01 || *seconds > 1e9)
		return complain(parse, "--%s %s: seconds from 0.01 are wanted", name, text);
	return 0;
}

static int parse_by(struct parse *parse, const char *text)
{
	if (!strcmp(text, "process"))
		parse->options->by = BY_PROCESS;
	else if (!strcmp(text, "socket"))
		parse->options->by = BY_SOCKET;
	else
		return complain(parse, "--by %s: process or socket is wanted", text);
	return 0;
}

static int parse_attach(struct parse *parse, const char *text)
{
	for (enum attach attach = 0; attach < ATTACH_COUNT; attach++) {
		if (strcmp(text, attach__name(attach)))
			continue;
		parse->options->attach = attach;
		return 0;
	}
	return complain(parse, "--attach %s: auto, fentry, tracepoint or kprobe is wanted", text);
}

/* Only one of them. */
static int check_target(struct parse *parse)
{
	const struct watch_options *options = parse->options;
	int targets = !!options->command + !!options->pid + !!options->cgroup + options->all;

	if (!targets)
		return complain(parse, "whom? A command after --, --pid, --cgroup or --all");
	if (targets > 1)
		return complain(parse,
				"only one of a command, --pid, --cgroup and --all can be watched");
	if (options->count && options->interval == 0)
		return complain(parse, "--count counts intervals: it needs --interval");
	return 0;
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct parse *parse = state->input;
	struct watch_options *options = parse->options;
	unsigned long number = 0;
	int err = 0;

	switch (key) {
	case KEY_HELP:
		parse->help = true;
		return ECANCELED;
	case KEY_PID:
		err = parse_whole(parse, "pid", text, 1, INT_MAX, &number);
		options->pid = number;
		return err;
	case KEY_CGROUP:
		options->cgroup = text;
		return 0;
	case KEY_ALL:
		options->all = true;
		return 0;
	case KEY_BY:
		return parse_by(parse, text);
	case KEY_SECONDS:
		return parse_seconds(parse, "seconds", text, &options->seconds);
	case KEY_INTERVAL:
		return parse_seconds(parse, "interval", text, &options->interval);
	case KEY_COUNT:
		return parse_whole(parse, "count", text, 1, ULONG_MAX, &options->count);
	case KEY_TIME:
		options->time = true;
		return 0;
	case KEY_JSON:
		options->json = true;
		return 0;
	case KEY_OUTPUT:
		options->output = text;
		return 0;
	case KEY_VERBOSE:
		options->verbose = true;
		return 0;
	case KEY_ATTACH:
		return parse_attach(parse, text);
	case KEY_WITHOUT:
		options->without = text;
		return 0;
	case KEY_BTF:
		options->btf_path = text;
		return 0;
	case KEY_MAP_ENTRIES:
		err = parse_whole(parse, "map-entries", text, 1, 1 << 24, &number);
		options->map_entries = number;
		return err;
	case KEY_ROWS:
		err = parse_whole(parse, "rows", text, 2, 1 << 20, &number);
		options->rows = number;
		return err;
	case ARGP_KEY_ARGS:
		options->command = state->argv + state->next;
		return 0;
	case ARGP_KEY_END:
		return check_target(parse);
	}
	return ARGP_ERR_UNKNOWN;
}

int watch_options__parse(int argc, char **argv, struct watch_options *options)
{
	static const struct argp argp = {
		option_table,
		parse_option,
		"-- COMMAND [ARGUMENT...]",
		"The ledger of copies of somebody else's program.\vExit status: 0 the ledger "
		"holds, 1 it does not or was lost, 2 usage, 77 this kernel or user cannot count, "
		"127 the command cannot be started. The command's own status is printed.",
		NULL,
		NULL,
		NULL};
	struct parse parse = {.options = options};
	int err;

	memset(options, 0, sizeof(*options));
	err = argp_parse(&argp, argc, argv,
			 ARGP_NO_EXIT | ARGP_NO_HELP | ARGP_NO_ERRS | ARGP_IN_ORDER, NULL, &parse);
	if (parse.help) {
		argp_help(&argp, stdout, ARGP_HELP_STD_HELP & ~ARGP_HELP_EXIT_OK, "harness watch");
		return 1;
	}
	if (err) {
		complain(&parse, "an option is unknown or lacks its argument");
		return -EINVAL;
	}
	if (options->all && options->by == BY_NOTHING)
		options->by = BY_PROCESS;
	options->rows = options->rows ?: ROWS_DEFAULT;
	return 0;
}
