// SPDX-License-Identifier: GPL-2.0
#include "base/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arguments.h"
#include "base/exit_status.h"

const struct command *command__find(const struct command *commands, const char *name)
{
	for (const struct command *command = commands; command->name; command++)
		if (!strcmp(name, command->name))
			return command;
	return NULL;
}

static int overview(const struct command *commands)
{
	printf("Usage: harness [COMMAND] [OPTION...]\n"
	       "Counts how often each byte is copied on its way over TCP, where, and at what "
	       "cost.\n\n"
	       "Commands:\n");
	for (const struct command *command = commands; command->name; command++)
		printf("  %-8s %s\n", command->name, command->summary);
	printf("  %-8s this text; with a COMMAND, the help of that command\n\n", "help");
	printf("Without a command, the options are those of %s.\n\n", commands->name);
	printf("Examples:\n"
	       "  sudo harness --trace all              four transports over the loopback\n"
	       "  sudo harness doctor                   what this kernel lets the probes see\n"
	       "  sudo harness watch -- curl -sO URL    the same ledger for another program\n"
	       "  sudo harness verify --quick           the claims of five reports, judged\n\n"
	       "Exit status: 0 valid; 1 a run failed or is invalid; 2 the command line is wrong;\n"
	       "77 this kernel or user cannot give what was asked for; 130 interrupted.\n");
	return EXIT_VALID;
}

static int unknown(const struct command *commands, const char *name)
{
	char names[256], hint[CHOICE_SIZE + 32];
	struct choices choices = {.count = 0};

	for (const struct command *command = commands; command->name; command++)
		choices__add(&choices, "%s", command->name);
	choices__add(&choices, "help");
	choices__hint(&choices, name, hint, sizeof(hint));
	if (*hint)
		arguments__bad("unknown command '%s'%s", name, hint);
	else
		arguments__bad("unknown command '%s'; want one of %s", name,
			       choices__list(&choices, names, sizeof(names)));
	return EXIT_USAGE;
}

static int help(const struct command *commands, int argc, char **argv)
{
	const struct command *command = argc > 1 ? command__find(commands, argv[1]) : NULL;
	char *words[] = {argv[1], "--help", NULL};

	if (argc == 1)
		return overview(commands);
	if (argc > 2) {
		arguments__bad("unexpected word '%s'; want harness help [COMMAND]", argv[2]);
		return EXIT_USAGE;
	}
	return command ? command->run(2, words) : unknown(commands, argv[1]);
}

/*
 * Keeps files that are opened later from becoming standard input or output. A write to a closed
 * standard output still fails, because these descriptors are read-only.
 */
static void open_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static int dispatch(const struct command *commands, int argc, char **argv)
{
	const struct command *command;

	if (argc < 2)
		return commands->run(argc, argv);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return overview(commands);
	if (!strcmp(argv[1], "help"))
		return help(commands, argc - 1, argv + 1);
	if (!strcmp(argv[1], "--complete")) {
		command__complete(commands, argc - 2, argv + 2);
		return EXIT_VALID;
	}
	if (argv[1][0] == '-')
		return commands->run(argc, argv);
	command = command__find(commands, argv[1]);
	return command ? command->run(argc - 1, argv + 1) : unknown(commands, argv[1]);
}

static void ignore(int signal)
{
	(void)signal;
}

/*
 * Past RLIMIT_FSIZE a write then fails (EFBIG), as it does on a full disk. By a handler, as a
 * command that watch starts would inherit SIG_IGN.
 */
static void outlive_file_limit(void)
{
	const struct sigaction action = {.sa_handler = ignore, .sa_flags = SA_RESTART};

	sigaction(SIGXFSZ, &action, NULL);
}

int command__main(const struct command *commands, int argc, char **argv)
{
	int status;

	open_standard_files();
	outlive_file_limit();
	status = dispatch(commands, argc, argv);
	/* commands report a failed write themselves; their help does not */
	if (status == EXIT_VALID && (fflush(stdout) || ferror(stdout))) {
		fprintf(stderr, "harness: standard output: %s\n", strerror(errno));
		status = EXIT_INVALID;
	}
	return status;
}
