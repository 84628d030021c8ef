/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one parser of options. A command has a table of argp's rows and a function that takes a
 * value; rows that several commands share are an argp child with a function of its own. An error is
 * one clear line on stderr.
 */
#ifndef HARNESS_ARGUMENTS_H
#define HARNESS_ARGUMENTS_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The key of a row: one of these, unique among the rows of a command; or a letter for a row of the
 * parser itself.
 */
#define ARGUMENTS_KEY_FIRST 256
#define ARGUMENTS_KEY_COUNT 64

struct arguments;

struct argument_group {
	/* stores the value of a row in `options`; 0 or -EINVAL with a line on stderr */
	int (*take)(void *options, int key, const char *value);
	void *options;
	struct arguments *arguments; /* the parser's own */
};

struct arguments {
	const char *command;	   /* as the user types it: "harness run" */
	const struct argp *argp;   /* its parser and its child's parser are arguments__key() */
	struct argument_group own; /* the rows of `argp` */
	struct argument_group child;
	bool takes_command; /* the remaining words are a command of the user's */
	/* results of the parser */
	char **words;  /* the user's command, NULL-terminated, or NULL; points into argv */
	uint64_t seen; /* the options that were given: arguments__bit() */
	bool reported; /* a line on stderr reports what is wrong */
	bool answered; /* --help or --version was answered */
};

/* "harness: ..." on stderr, the newline added. Always -EINVAL. */
int arguments__bad(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * 0; 1 when --help or --version was answered on stdout and nothing is left to do; or -EINVAL with a
 * line on stderr. argv[0] is not looked at.
 */
int arguments__parse(struct arguments *arguments, int argc, char **argv);

error_t arguments__key(int key, char *value, struct argp_state *state);

/* A bit for each key, to be compared with `seen`. */
uint64_t arguments__bit(int key);
bool arguments__saw(const struct arguments *arguments, int key);

/* --help and --version, for the end of a table that a command does not share. */
#define ARGUMENTS_HELP_ROWS                                                                        \
	{.doc = "Other:", .group = -1}, {"help", 'h', NULL, 0, "Print this text", -1},             \
	{                                                                                          \
		"version", 'V', NULL, 0, "Print the version of the harness", -1                    \
	}

/*
 * The row of an option by its name, among the rows of `argp` and its children; NULL when there is
 * none. The name ends at `length`.
 */
const struct argp_option *arguments__row(const struct argp *argp, const char *name, size_t length);

struct choices;
/* "--NAME" of each row that the help shows. */
void arguments__names(const struct argp *argp, struct choices *names);

#endif
