// SPDX-License-Identifier: GPL-2.0
/* The first word of a command line, and the completions of its last word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/command.h"
#include "base/exit_status.h"
#include "run/options.h"
#include "tests/unit/capture.h"
#include "watch/watch_options.h"

static struct words typed;
static char seen[1024]; /* the command that ran, and its words */

static int note(const char *name, int argc, char **argv)
{
	snprintf(seen, sizeof(seen), "%s", name);
	for (int i = 1; i < argc; i++)
		snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), " %s", argv[i]);
	return 40;
}

static int run(int argc, char **argv)
{
	return note("run", argc, argv);
}

static int watch(int argc, char **argv)
{
	return note("watch", argc, argv);
}

static int verify(int argc, char **argv)
{
	return note("verify", argc, argv);
}

static const struct command commands[] = {
	{"run", "runs", run, &run_argp, options__choices},
	{"watch", "watches", watch, &watch_argp, watch_options__choices},
	{"verify", "judges", verify, NULL, NULL},
	{},
};

/* Runs a line; `text` gets what it writes to `stream`. */
static int go(const char *line, FILE *stream, char *text, size_t size)
{
	struct capture capture = capture__begin(stream);
	int status;

	seen[0] = '\0';
	words__split(&typed, "harness", line);
	status = command__main(commands, typed.argc, typed.argv);
	capture__end(&capture, text, size);
	return status;
}

static void test_commands(void **state)
{
	static const struct {
		const char *line, *runs;
	} lines[] = {
		{"", "run"},
		{"--trace all", "run --trace all"},
		{"run --json", "run --json"},
		{"watch -- true", "watch -- true"},
		{"help watch", "watch --help"},
		{"--version", "run --version"},
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		assert_int_equal(go(lines[i].line, stderr, text, sizeof(text)), 40);
		assert_string_equal(seen, lines[i].runs);
	}
}

static void test_wrong_commands(void **state)
{
	static const struct {
		const char *line, *message;
	} lines[] = {
		{"verfy", "harness: unknown command 'verfy'; did you mean 'verify'?\n"},
		{"hepl", "harness: unknown command 'hepl'; did you mean 'help'?\n"},
		{"dance",
		 "harness: unknown command 'dance'; want one of run, watch, verify, help\n"},
		{"help wacth", "harness: unknown command 'wacth'; did you mean 'watch'?\n"},
		{"help run watch",
		 "harness: unexpected word 'watch'; want harness help [COMMAND]\n"},
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		assert_int_equal(go(lines[i].line, stderr, text, sizeof(text)), EXIT_USAGE);
		assert_string_equal(text, lines[i].message);
		assert_string_equal(seen, "");
	}
}

static void test_overview(void **state)
{
	static const char *const lines[] = {"--help", "-h", "help"};
	char text[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		assert_int_equal(go(lines[i], stdout, text, sizeof(text)), EXIT_VALID);
		assert_non_null(strstr(text, "\n  watch    watches\n"));
		assert_non_null(strstr(text, "\nExamples:\n  sudo harness --trace all"));
	}
}

static void test_completion(void **state)
{
	static const struct {
		const char *last, *line, *words; /* `last`: the word of `words` that is completed */
	} lines[] = {
		{"", "", "run\nwatch\nverify\nhelp\n"},
		{"v", "", "verify\n"},
		{"w", "help", "watch\n"},
		{"--tr", "", "--trace\n--transport\n"},
		{"--tw", "run", ""}, /* a hidden name */
		{"--in", "watch", "--interval\n"},
		{"", "run --mode", "stream\nrr\n"},
		{"zero", "--transport", "zero_copy\nzero_copy+mapped\n"},
		{"writev+m", "--transport", "writev+mapped\n"},
		{"one_copy,t", "run --transport", "one_copy,two_copy\n"},
		{"--transport=one_copy,t", "run", "--transport=one_copy,two_copy\n"},
		{"sched,", "--trace",
		 "sched,all\nsched,none\nsched,copies\nsched,sched\nsched,counters\n"},
		{"", "watch --attach", "auto\nfentry\ntracepoint\nkprobe\n"},
		{"so", "watch --by", "socket\n"},
		{"n", "run --path", "nic:\nnetns:\n"},
		{"nic:l", "run --path", "nic:lo,\n"},
		{"", "run --out", ""},
		{"--q", "verify", ""}, /* its own --help has it */
	};
	struct capture capture;
	char text[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		words__split(&typed, "harness", lines[i].line);
		typed.argv[typed.argc++] = (char *)lines[i].last;
		capture = capture__begin(stdout);
		command__complete(commands, typed.argc - 1, typed.argv + 1);
		capture__end(&capture, text, sizeof(text));
		assert_string_equal(text, lines[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_wrong_commands),
		cmocka_unit_test(test_overview),
		cmocka_unit_test(test_completion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
