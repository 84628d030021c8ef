// SPDX-License-Identifier: GPL-2.0
#include "watch/watch_options.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/number.h"
#include "tracer/rows.h"
#include "watch/baseline.h"

#define SECONDS_MIN 0.01
#define SECONDS_MAX 1e9

enum watch_key {
	KEY_PID = COMMON_KEY_END,
	KEY_CGROUP,
	KEY_ALL,
	KEY_BY,
	KEY_SECONDS,
	KEY_INTERVAL,
	KEY_COUNT,
	KEY_TIME,
	KEY_OUTPUT,
	KEY_ROWS,
	KEY_READY_FD,
	KEY_EXIT_WITH_COMMAND,
	KEY_EXPECT,
	KEY_COMM,
	KEY_NO_CHILDREN,
	KEY_BASELINE,
	KEY_TOLERANCE,
	KEY_REPORT,
	KEY_PORT,
	KEY_PEER,
	KEY_ADVICE_ABOVE,
};

static const struct argp_option rows[] = {
	{.doc = "The program to watch, or a command after --:", .group = 1},
	{"pid", KEY_PID, "LIST", 0,
	 "These processes, their threads, and their children, also those that start later", 0},
	{"comm", KEY_COMM, "NAME", 0,
	 "Every process with this name in ps, its threads and its children", 0},
	{"no-children", KEY_NO_CHILDREN, NULL, 0,
	 "With --pid or --comm: leave out children that run already", 0},
	{"cgroup", KEY_CGROUP, "DIR", 0, "Every process in this control group and below", 0},
	{"all", KEY_ALL, NULL, 0,
	 "Every process, a row each, busiest first; on a terminal a live view (? shows its keys)",
	 0},
	{.doc = "How long, and how often to print:", .group = 2},
	{"seconds", KEY_SECONDS, "S", 0,
	 "End after S seconds; default: when the command or process ends, or at Ctrl-C", 0},
	{"interval", KEY_INTERVAL, "S", 0, "Every S seconds, print the bytes of these seconds", 0},
	{"count", KEY_COUNT, "N", 0, "End after N intervals", 0},
	{.doc = "What to count:", .group = 3},
	{"by", KEY_BY, "WORD", 0,
	 "A row for each process, socket (a connection), peer (an address), cgroup or container; "
	 "default process with --all, else one row for all that is watched",
	 0},
	{"port", KEY_PORT, "LIST", 0, "Only connections to or from these ports", 0},
	{"peer", KEY_PEER, "ADDR[/BITS]", 0,
	 "Only connections whose other end is this address, or in this network", 0},
	{"rows", KEY_ROWS, "N", 0,
	 "Rows for processes or connections at one time, default 4096; what is beyond shares one "
	 "row",
	 0},
	{"time", KEY_TIME, NULL, 0, TIME_HELP, 0},
	{"advice-above", KEY_ADVICE_ABOVE, "N%", 0,
	 "Advise against copies of at least this share of the bytes, default 1%",
	 COMMON_GROUP_OUTPUT},
	{"output", KEY_OUTPUT, "FILE", 0,
	 "Write the ledger into FILE; default: standard output, but standard error with a command",
	 COMMON_GROUP_OUTPUT},
	{.doc = "For scripts:", .group = 4},
	{"expect", KEY_EXPECT, "LIST", 0,
	 "Exit with 3 unless all of LIST holds: 'copies_per_byte.send <= 1, deferred_copy == 0, "
	 "residual == 0'. A name is a site, for its bytes, or a key of a row in --json; a key with "
	 "send and receive in it means both. A comparison with an unknown value does not hold",
	 4},
	{"baseline", KEY_BASELINE, "FILE", 0,
	 "Exit with 3 when a byte is copied more often than in FILE, an earlier --json of watch or "
	 "run with one row: copies per byte of each direction, and each site that copies",
	 4},
	{"tolerance", KEY_TOLERANCE, "N%", 0,
	 "With --baseline: the share of the payload that may be copied in addition, default 1%", 4},
	{"report", KEY_REPORT, "FORM:FILE", 0,
	 "Write the results of --expect and --baseline for CI, as tap:FILE or junit:FILE", 4},
	{"ready-fd", KEY_READY_FD, "N", 0,
	 "When every probe is attached and the count begins, write a line to descriptor N and "
	 "close it",
	 4},
	{"exit-with-command", KEY_EXIT_WITH_COMMAND, NULL, 0,
	 "Exit with the status of the command, or 128 and its signal, unless that is 0", 4},
	{},
};

const struct argp watch_argp = {
	.options = rows,
	.parser = arguments__key,
	.args_doc = "-- COMMAND [ARGUMENT...]",
	.doc = "Counts where the bytes of a program are copied on their way over TCP, and prints "
	       "the same ledger as run does. --json with --interval prints a first line about the "
	       "machine and the probes, then one line for each interval."
	       "\vExamples:\n"
	       "  $ sudo harness watch -- curl -sO http://192.0.2.1/file\n"
	       "  $ sudo harness watch --pid 1234 --by socket --interval 1\n"
	       "  $ sudo harness watch --all --seconds 10\n"
	       "  $ sudo harness watch --expect 'copies_per_byte.send <= 1' -- ./server-test\n\n"
	       "Exit status:\n"
	       "  0    the ledger is complete; the command's own status is on standard error\n"
	       "  1    the ledger has a residual, or events were missed\n"
	       "  2    the command line is wrong\n"
	       "  3    --expect is not met, or the ledger is worse than --baseline, also when the "
	       "ledger is incomplete\n"
	       "  77   this kernel or this user cannot count\n"
	       "  127  the command cannot be started\n"
	       "With --exit-with-command the status is the command's own, or 128 and its signal, "
	       "unless that is 0.",
	.children = common_options,
};

static const struct number_range pid_range = {"pid", "a process", 1, INT_MAX, false};
static const struct number_range port_range = {"port", "a port", 1, 65535, false};
static const struct number_range count_range = {"count", "intervals", 1, NUMBER_MAX, false};
/* Descriptors 0 to 2 are the standard streams, which the watch uses. */
static const struct number_range ready_range = {"ready-fd", "a descriptor", 3, INT_MAX, false};
static const struct number_range rows_range = {"rows", "rows", 2, 1 << 20, false};

const char *const watch_by_names[BY_COUNT] = {
	[BY_PROCESS] = "process", [BY_SOCKET] = "socket",	[BY_PEER] = "peer",
	[BY_CGROUP] = "cgroup",	  [BY_CONTAINER] = "container",
};

void watch_options__choices(int key, const char *prefix, struct choices *choices)
{
	(void)prefix;
	if (key == KEY_BY) {
		for (enum watch_by by = BY_NOTHING + 1; by < BY_COUNT; by++)
			choices__add(choices, "%s", watch_by_names[by]);
	} else if (key == KEY_REPORT) {
		choices__add(choices, "tap:");
		choices__add(choices, "junit:");
	} else {
		common_options__choices(key, choices);
	}
}

static int parse_by(struct watch_options *options, const char *word)
{
	struct choices choices = {.count = 0};
	char hint[CHOICE_SIZE + 32], names[128];

	for (enum watch_by by = BY_NOTHING + 1; by < BY_COUNT; by++)
		if (!strcmp(word, watch_by_names[by])) {
			options->by = by;
			return 0;
		}
	watch_options__choices(KEY_BY, "", &choices);
	return arguments__bad("--by %s: want one of %s%s", word,
			      choices__list(&choices, names, sizeof(names)),
			      choices__hint(&choices, word, hint, sizeof(hint)));
}

static int parse_seconds(const char *option, const char *text, double *seconds)
{
	return number__parse_seconds(option, text, false, SECONDS_MIN, SECONDS_MAX, seconds);
}

/* Takes numbers whose fields have less than 64 bits. */
static int take_number(struct watch_options *options, int key, const char *value)
{
	uint64_t number = 0;
	int err = -EINVAL;

	switch (key) {
	case KEY_COUNT:
		err = number__parse(value, &count_range, &number);
		options->count = number;
		break;
	case KEY_ROWS:
		err = number__parse(value, &rows_range, &number);
		options->rows = number;
		break;
	case KEY_READY_FD:
		err = number__parse(value, &ready_range, &number);
		options->ready_fd = number;
		break;
	}
	return err;
}

static int take_pid(void *input, const char *item)
{
	struct watch_options *options = input;
	uint64_t number;
	int err = number__parse(item, &pid_range, &number);

	if (err)
		return err;
	if (options->pid_count == PIDS_MAX)
		return arguments__bad("--pid: want at most %d processes", PIDS_MAX);
	options->pid[options->pid_count++] = number;
	return 0;
}

static int parse_percent(const char *option, const char *text, double most, double *percent)
{
	if (number__read_real(text, "%", percent) && *percent <= most)
		return 0;
	return arguments__bad("--%s %s: want a percentage such as 1%%, %.0f%% at most", option,
			      text, most);
}

static int parse_report(const char *text, struct watch_options *options)
{
	const char *file = strchr(text, ':');

	options->junit = !strncmp(text, "junit:", 6);
	if (!file || !file[1] || (!options->junit && strncmp(text, "tap:", 4)))
		return arguments__bad("--report %s: want tap:FILE or junit:FILE", text);
	options->report = file + 1;
	return 0;
}

static int take_port(void *input, const char *item)
{
	struct watch_options *options = input;

	return number_list__add(&options->filter.ports, &port_range, item);
}

static int take(void *input, int key, const char *value)
{
	struct watch_options *options = input;

	switch (key) {
	case KEY_PID:
		return list__walk("pid", value, options, take_pid);
	case KEY_COMM:
		options->comm = value;
		return 0;
	case KEY_NO_CHILDREN:
		options->no_children = true;
		return 0;
	case KEY_CGROUP:
		options->cgroup = value;
		return 0;
	case KEY_ALL:
		options->all = true;
		return 0;
	case KEY_BY:
		return parse_by(options, value);
	case KEY_PORT:
		return list__walk("port", value, options, take_port);
	case KEY_PEER:
		return row_filter__parse_peer(&options->filter, value);
	case KEY_SECONDS:
		return parse_seconds("seconds", value, &options->seconds);
	case KEY_INTERVAL:
		return parse_seconds("interval", value, &options->interval);
	case KEY_TIME:
		options->time = true;
		return 0;
	case KEY_OUTPUT:
		options->output = value;
		return 0;
	case KEY_EXPECT:
		return expectations__parse(&options->expect, value);
	case KEY_BASELINE:
		options->baseline = value;
		return 0;
	case KEY_TOLERANCE:
		return parse_percent("tolerance", value, 1000, &options->tolerance);
	case KEY_ADVICE_ABOVE:
		return parse_percent("advice-above", value, 100, &options->advise_above);
	case KEY_REPORT:
		return parse_report(value, options);
	case KEY_EXIT_WITH_COMMAND:
		options->exit_with_command = true;
		return 0;
	}
	return take_number(options, key, value);
}

bool watch_options__by_socket(const struct watch_options *options)
{
	return options->by == BY_SOCKET || options->by == BY_PEER ||
	       row_filter__asks(&options->filter);
}

bool watch_options__judges(const struct watch_options *options)
{
	return options->expect.count || options->baseline || options->report;
}

/* Checks that there is one target, and that the options fit it. */
static int watch_options__check(const struct watch_options *options)
{
	int targets = !!options->command + !!options->pid_count + !!options->comm +
		      !!options->cgroup + options->all;

	if (targets != 1)
		return arguments__bad(
			"watch: want one target, %s: a command after --, --pid, "
			"--comm, --cgroup or --all",
			targets ? "not several" : "and none is given");
	if (options->no_children && !options->pid_count && !options->comm)
		return arguments__bad("--no-children: want --pid or --comm too");
	if (options->count && options->interval == 0)
		return arguments__bad("--count counts intervals: want --interval too");
	if (watch_options__judges(options) && (options->interval > 0 || options->by != BY_NOTHING))
		return arguments__bad(
			"--expect, --baseline and --report are about one row for the whole watch: "
			"want no --all, --by or --interval");
	if (options->tolerance >= 0 && !options->baseline)
		return arguments__bad("--tolerance: want --baseline too");
	if (options->exit_with_command && !options->command)
		return arguments__bad("--exit-with-command: want a command after --");
	return 0;
}

int watch_options__parse(int argc, char **argv, struct watch_options *options)
{
	struct arguments arguments = {
		.command = "harness watch",
		.argp = &watch_argp,
		.own = {.take = take, .options = options},
		.child = {.take = common_options__take, .options = &options->common},
		.takes_command = true,
	};
	int err;

	*options = (struct watch_options){.tolerance = -1, .advise_above = 1};
	err = arguments__parse(&arguments, argc, argv);
	if (err)
		return err;
	options->command = arguments.words;
	if (options->all && options->by == BY_NOTHING)
		options->by = BY_PROCESS;
	options->rows = options->rows ?: ROWS_DEFAULT;
	err = watch_options__check(options);
	if (options->tolerance < 0)
		options->tolerance = TOLERANCE_DEFAULT;
	return err;
}
