// SPDX-License-Identifier: GPL-2.0
#include "base/arguments.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/choices.h"
#include "base/text.h"
#include "base/version.h"

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

uint64_t arguments__bit(int key)
{
	return 1ull << (key - ARGUMENTS_KEY_FIRST);
}

bool arguments__saw(const struct arguments *arguments, int key)
{
	return arguments->seen & arguments__bit(key);
}

static bool row__ends(const struct argp_option *row)
{
	return !row->name && !row->key && !row->doc && !row->group;
}

const struct argp_option *arguments__row(const struct argp *argp, const char *name, size_t length)
{
	const struct argp_option *found = NULL;

	for (const struct argp_option *row = argp->options; !row__ends(row); row++)
		if (row->name && strlen(row->name) == length && !strncmp(row->name, name, length))
			return row;
	for (const struct argp_child *child = argp->children; child && child->argp && !found;
	     child++)
		found = arguments__row(child->argp, name, length);
	return found;
}

void arguments__names(const struct argp *argp, struct choices *names)
{
	for (const struct argp_option *row = argp->options; !row__ends(row); row++)
		if (row->name && !(row->flags & OPTION_HIDDEN))
			choices__add(names, "--%s", row->name);
	for (const struct argp_child *child = argp->children; child && child->argp; child++)
		arguments__names(child->argp, names);
}

/* The options that begin with `word`: "--trace, --transport". */
static void list_with_prefix(const struct choices *names, const char *word, char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < names->count; i++)
		if (!strncmp(names->word[i], word, strlen(word)))
			text__append(text, size, "%s%s", *text ? ", " : "", names->word[i]);
}

static int bad_name(const struct arguments *arguments, const char *word)
{
	struct choices names = {.count = 0};
	char name[CHOICE_SIZE], matches[1024], hint[CHOICE_SIZE + 32];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	arguments__names(arguments->argp, &names);
	list_with_prefix(&names, name, matches, sizeof(matches));
	if (!strncmp(name, "--", 2) && *matches)
		return arguments__bad("ambiguous option '%s'; want one of %s", name, matches);
	choices__hint(&names, name, hint, sizeof(hint));
	if (*hint)
		return arguments__bad("unknown option '%s'%s", name, hint);
	return arguments__bad("unknown option '%s'; %s --help lists the options", name,
			      arguments->command);
}

/*
 * Whether the word combines one-letter options (-abc). The harness has none, and argp stays at such
 * a word until its last letter.
 */
static bool is_group(const char *word)
{
	return word && word[0] == '-' && strlen(word) > 2 && word[1] != '-';
}

/* Reports an option that argp refused and has just passed. */
static int bad_option(const struct arguments *arguments, const struct argp_state *state)
{
	const char *next = state->next < state->argc ? state->argv[state->next] : NULL;
	const char *word = is_group(next) ? next : state->argv[state->next - 1];
	const struct argp_option *row = NULL;

	if (!strncmp(word, "--", 2))
		row = arguments__row(arguments->argp, word + 2, strcspn(word + 2, "="));
	if (row && row->arg)
		return arguments__bad("%s: want a value: %s %s", word, word, row->arg);
	if (row)
		return arguments__bad("%s: --%s takes no value", word, row->name);
	return bad_name(arguments, word);
}

static const char *row__name(const struct argp *argp, int key)
{
	const struct argp_option *row = argp->options;

	while (row->key != key)
		row++;
	return row->name;
}

static int take_option(struct argument_group *group, const struct argp *argp, int key,
		       const char *value)
{
	struct arguments *arguments = group->arguments;

	if (arguments__saw(arguments, key))
		return arguments__bad("--%s is given twice; want it once", row__name(argp, key));
	arguments->seen |= arguments__bit(key);
	return group->take(group->options, key, value);
}

static void answer(struct arguments *arguments, int key)
{
	if (key == 'V')
		printf("harness %s\n", version__text());
	else
		argp_help(arguments->argp, stdout, ARGP_HELP_STD_HELP & ~ARGP_HELP_EXIT_OK,
			  (char *)arguments->command);
	arguments->answered = true;
}

/* argp wants positive error numbers; any of them ends the parsing. */
error_t arguments__key(int key, char *value, struct argp_state *state)
{
	struct argument_group *group = state->input;
	struct arguments *arguments = group->arguments;
	bool root = group == &arguments->own;
	int err = 0;

	if (key == ARGP_KEY_INIT && root && arguments->argp->children) {
		state->child_inputs[0] = &arguments->child;
	} else if (key == ARGP_KEY_ERROR && root) {
		if (!arguments->reported && !arguments->answered)
			bad_option(arguments, state);
	} else if (key == 'h' || key == 'V') {
		answer(arguments, key);
		return ECANCELED;
	} else if (key == ARGP_KEY_ARGS && root && arguments->takes_command) {
		arguments->words = state->argv + state->next;
	} else if (key == ARGP_KEY_ARG && root && !arguments->takes_command) {
		err = arguments__bad("unexpected word '%s'; want %s [OPTION...]", value,
				     arguments->command);
	} else if (key >= ARGUMENTS_KEY_FIRST && key < ARGUMENTS_KEY_FIRST + ARGUMENTS_KEY_COUNT) {
		err = take_option(group, root ? arguments->argp : arguments->argp->children->argp,
				  key, value);
	} else {
		return ARGP_ERR_UNKNOWN;
	}
	arguments->reported = arguments->reported || err;
	return -err;
}

int arguments__parse(struct arguments *arguments, int argc, char **argv)
{
	unsigned int flags = ARGP_NO_ERRS | ARGP_NO_EXIT | ARGP_NO_HELP;
	int err;

	arguments->own.arguments = arguments;
	arguments->child.arguments = arguments;
	if (arguments->takes_command)
		flags |= ARGP_IN_ORDER;
	err = argp_parse(arguments->argp, argc, argv, flags, NULL, &arguments->own);
	if (arguments->answered)
		return 1;
	return err ? -EINVAL : 0;
}
