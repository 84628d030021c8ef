// SPDX-License-Identifier: GPL-2.0
/* The options of `harness run`, and their help. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "output/common_options.h"
#include "run/options_rows.h"

enum option_group {
	GROUP_TRACE = 1,
	GROUP_TRAFFIC,
	GROUP_REPEAT,
};

static const struct argp_option rows[] = {
	{.doc = "What to count:", .group = GROUP_TRACE},
	{"trace", KEY_TRACE, "LIST", 0, "What the kernel counts:", 0},
	{"time", KEY_TIME, NULL, 0, TIME_HELP, 0},

	{.doc = "The traffic; every combination of the lists is one run:", .group = GROUP_TRAFFIC},
	{"transport", KEY_TRANSPORT, "LIST", 0, "SENDER or SENDER+RECEIVER, a list of them, or all",
	 0},
	{"size", KEY_SIZE, "LIST", 0,
	 "Bytes of a message, 8 to 16M; K and M are binary; default 64K", 0},
	{"threads", KEY_THREADS, "LIST", 0,
	 "Connections, each with a thread on each side; default 1", 0},
	{"path", KEY_PATH, "PATH", 0,
	 "What the bytes cross: lo (default); veth, two network namespaces made for the run; "
	 "nic:A,B, two interfaces, each in a namespace of its own until the runs end; netns:A,B, "
	 "two namespaces that you made",
	 0},
	{"mode", KEY_MODE, "MODE", 0,
	 "stream (default): the sender sends as fast as it can; rr: the receiver asks for each "
	 "message and measures the time of the answer (p50, p90, p99, p99.9 and the longest)",
	 0},
	{"port", KEY_PORT, "PORT", 0, "TCP port of the sender; default any", 0},
	{"seconds", KEY_SECONDS, "S", 0, "A run ends after S seconds, such as 0.5; default 2", 0},
	{"messages", KEY_MESSAGES, "N", 0, "A run ends after N messages, over all threads", 0},
	{"cpus", KEY_CPUS, "A,B", 0,
	 "Keep the sender's threads on processor A and the receiver's on B; default any", 0},
	{"verify", KEY_VERIFY, NULL, 0, "Change every message and check every byte received", 0},
	{"prove", KEY_PROVE, NULL, 0,
	 "First prove the counts in short runs that also count the effect of each copy", 0},
	{"timestamps", KEY_TIMESTAMPS, NULL, 0,
	 "Request transmit timestamps (SO_TIMESTAMPING), which make zero-copy slower", 0},
	{"inject", KEY_INJECT, "FAULT", OPTION_HIDDEN, "For tests: early-reuse", 0},

	{.doc = "How often:", .group = GROUP_REPEAT},
	{"repeat", KEY_REPEAT, "N", 0, "Do every combination N times; default 1", 0},
	{"repeat-max", KEY_REPEAT_MAX, "N", 0,
	 "Repeat a combination up to N times, until its throughput is precise enough", 0},
	{"precision", KEY_PRECISION, "P%", 0,
	 "Precise enough: half of the 95% interval of the median is at most P% of the median; "
	 "this takes at least six repeats; default 5%",
	 0},
	{"baseline-runs", KEY_BASELINE_RUNS, NULL, 0,
	 "Add a baseline run to every run: the same run without probes. Its throughput is the "
	 "transport's, and the difference is the cost of tracing",
	 0},
	{"twins", 0, NULL, OPTION_ALIAS | OPTION_HIDDEN, NULL, 0},
	{"warm-up", KEY_WARM_UP, "S", 0,
	 "Send the same traffic for S seconds before each run, not counted; default 0.1 with "
	 "--out, else 0",
	 0},
	{"seed", KEY_SEED, "N", 0,
	 "Start the random order of the runs from N; default any, and recorded", 0},

	{"rows", KEY_ROWS, NULL, 0, "Print every run of a grid, not one row a combination", 0},
	{"out", KEY_OUT, "DIR", 0,
	 "Also write results.csv, runs.jsonl, environment.json and, at the end, summary.csv, "
	 "summary.json and, with --prove, proofs.json into DIR; implies --baseline-runs and a "
	 "random order",
	 COMMON_GROUP_OUTPUT},
	{"resume", KEY_RESUME, "DIR", 0,
	 "Continue the runs that --out DIR left unfinished, with the options given then",
	 COMMON_GROUP_OUTPUT},
	{},
};

/* Adds the words of other tables to the help text. */
static char *help_text(int key, const char *text, void *input)
{
	struct choices choices = {.count = 0};
	char help[2048], names[256];

	(void)input;
	if (key == KEY_TRACE) {
		options__choices(key, "", &choices);
		snprintf(help, sizeof(help), "%s %s, or a list; default all", text,
			 choices__list(&choices, names, sizeof(names)));
		return strdup(help);
	}
	if (key != KEY_TRANSPORT)
		return (char *)text;
	snprintf(help, sizeof(help), "%s; default the first %d. Senders: ", text,
		 TRANSPORTS_DEFAULT);
	for (size_t i = 0; senders[i]; i++)
		text__append(help, sizeof(help), "%s%s (%s)", i ? ", " : "", senders[i]->name,
			     senders[i]->summary);
	text__append(help, sizeof(help), ". Receivers: ");
	for (size_t i = 0; receivers[i]; i++)
		text__append(help, sizeof(help), "%s%s (%s)", i ? ", " : "", receivers[i]->name,
			     receivers[i]->summary);
	return strdup(help);
}

const struct argp run_argp = {
	.options = rows,
	.parser = arguments__key,
	.doc = "Runs TCP transports with probes that count where each byte is copied, and prints "
	       "the bytes of every copy site. Without options: four transports, messages of 64K, "
	       "one connection over the loopback, everything traced."
	       "\vExamples:\n"
	       "  $ sudo harness run --trace all\n"
	       "  $ sudo harness run --path veth --transport one_copy,zero_copy --size 4K,64K\n"
	       "  $ sudo harness run --out results --repeat 6 --precision 5%\n"
	       "  $ harness run --trace none --messages 1000\n\n"
	       "Exit status:\n"
	       "  0    every run is valid\n"
	       "  1    a run failed or is invalid\n"
	       "  2    the command line is wrong\n"
	       "  77   this kernel or this user cannot give what was asked for\n"
	       "  130  interrupted by Ctrl-C",
	.children = common_options,
	.help_filter = help_text,
};

const struct argp advise_argp = {
	.options = rows,
	.parser = arguments__key,
	.doc = "Runs every transport, with and without probes, and prints which one makes the "
	       "fewest copies, takes the least CPU time a byte and is the fastest on this kernel "
	       "and path, and what each needs. The options are those of `harness run`; "
	       "here the default is --transport all --repeat 21 --seconds 0.05 --baseline-runs."
	       "\vExamples:\n"
	       "  $ sudo harness advise\n"
	       "  $ sudo harness advise --path veth --size 4K\n"
	       "  $ sudo harness advise --transport one_copy,zero_copy,sendfile --repeat 30\n\n"
	       "Exit status: as of `harness run`",
	.children = common_options,
	.help_filter = help_text,
};
