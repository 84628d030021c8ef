// SPDX-License-Identifier: GPL-2.0
/* Completions of the last word of a command line, from the tables of commands and options. */
#include <stdio.h>
#include <string.h>

#include "base/arguments.h"
#include "base/command.h"

static void print_with_prefix(const struct choices *choices, const char *before, const char *prefix)
{
	for (size_t i = 0; i < choices->count; i++)
		if (!strncmp(choices->word[i], prefix, strlen(prefix)))
			printf("%s%s\n", before, choices->word[i]);
}

static void complete_command(const struct command *commands, const char *prefix)
{
	struct choices choices = {.count = 0};

	for (const struct command *command = commands; command->name; command++)
		choices__add(&choices, "%s", command->name);
	choices__add(&choices, "help");
	print_with_prefix(&choices, "", prefix);
}

static void complete_option(const struct command *command, const char *prefix)
{
	struct choices choices = {.count = 0};

	arguments__names(command->argp, &choices);
	print_with_prefix(&choices, "", prefix);
}

/* `text` is "VALUE" or "--option=VALUE"; in a list only the last item is completed. */
static void complete_value(const struct command *command, const struct argp_option *row,
			   const char *text, const char *value)
{
	struct choices choices = {.count = 0};
	const char *prefix = value, *comma = strrchr(value, ',');
	char before[1024];

	if (!strcmp(row->arg, "LIST") && comma)
		prefix = comma + 1;
	command->choices(row->key, prefix, &choices);
	snprintf(before, sizeof(before), "%.*s", (int)(prefix - text), text);
	print_with_prefix(&choices, before, prefix);
}

/* The row of "--name" or "--name=..."; NULL when it takes no value. */
static const struct argp_option *row_with_value(const struct command *command, const char *word)
{
	const struct argp_option *row = NULL;

	if (!strncmp(word, "--", 2))
		row = arguments__row(command->argp, word + 2, strcspn(word + 2, "="));
	return row && row->arg ? row : NULL;
}

void command__complete(const struct command *commands, int count, char **words)
{
	const struct command *command = count > 1 ? command__find(commands, words[0]) : NULL;
	const char *word = count ? words[count - 1] : "", *value = strchr(word, '=');
	const char *before = count > 1 ? words[count - 2] : "";
	const struct argp_option *row;

	if (count <= 1 && *word != '-') {
		complete_command(commands, word);
		return;
	}
	if (count == 2 && !strcmp(words[0], "help")) {
		complete_command(commands, word);
		return;
	}
	command = command ?: commands;
	if (!command->argp)
		return;
	if ((row = row_with_value(command, before)) && !strchr(before, '='))
		complete_value(command, row, word, word);
	else if (value && (row = row_with_value(command, word)))
		complete_value(command, row, word, value + 1);
	else if (*word == '-')
		complete_option(command, word);
}
