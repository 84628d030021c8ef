/* SPDX-License-Identifier: GPL-2.0 */
/* The commands of a program: `harness NAME ...`. The first of the table runs without a name. */
#ifndef HARNESS_COMMAND_H
#define HARNESS_COMMAND_H

#include <argp.h>

#include "base/choices.h"

struct command {
	const char *name;
	const char *summary; /* one line, for --help */
	/* argv[0] is the name; returns the exit status (exit_status.h) */
	int (*run)(int argc, char **argv);
	/* its options; NULL: only its own --help knows them */
	const struct argp *argp;
	/* the words that a value may be, by the option's key; `prefix` is the part typed so far */
	void (*choices)(int key, const char *prefix, struct choices *choices);
};

/* `commands` ends with a NULL name. Returns the exit status of the command, or of a wrong name. */
int command__main(const struct command *commands, int argc, char **argv);

/* NULL when no command has that name. */
const struct command *command__find(const struct command *commands, const char *name);

/*
 * Prints the completions of the last of `words`, a line each, for bash: `words` is the command line
 * after `harness`. Prints nothing where only files fit.
 */
void command__complete(const struct command *commands, int count, char **words);

#endif
