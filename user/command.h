/* SPDX-License-Identifier: GPL-2.0 */
/* The commands of the harness: `harness NAME ...`. Without a name it is `run`. */
#ifndef HARNESS_COMMAND_H
#define HARNESS_COMMAND_H

struct command {
	const char *name;
	const char *summary; /* one line, for --help */
	/* argv[0] is the name; returns the exit status (session.h) */
	int (*run)(int argc, char **argv);
};

/* In the order of the help; a NULL name ends it. */
extern const struct command commands[];

#endif
