// SPDX-License-Identifier: GPL-2.0
#include "base/arguments.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int arguments__bad(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("harness: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return -EINVAL;
}

static const struct argp_option *option__find(const struct argp_option *table, const char *name,
					      size_t length)
{
	for (const struct argp_option *option = table; option->name || option->doc; option++)
		if (option->name && strlen(option->name) == length &&
		    !strncmp(option->name, name, length))
			return option;
	return NULL;
}

/* A group of letters is left only after its last one; the harness knows no group. */
static bool is_group(const char *word)
{
	return word && word[0] == '-' && strlen(word) > 2 && word[1] != '-';
}

int arguments__bad_option(const struct argp_state *state, const struct argp_option *table,
			  const char *command)
{
	const char *next = state->next < state->argc ? state->argv[state->next] : NULL;
	const char *word = is_group(next) ? next : state->argv[state->next - 1];
	const struct argp_option *option = NULL;

	if (!strncmp(word, "--", 2))
		option = option__find(table, word + 2, strcspn(word + 2, "="));
	if (option && option->arg)
		return arguments__bad("%s: want a value: %s %s", word, word, option->arg);
	if (option)
		return arguments__bad("%s: --%s takes no value", word, option->name);
	return arguments__bad("%s: unknown or ambiguous option; %s --help lists them", word,
			      command);
}
