// SPDX-License-Identifier: GPL-2.0
#include "doctor/doctor_options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arguments.h"

/* Beyond what a char can be, but for the one that is also a letter. */
enum key {
	KEY_HELP = 'h',
	KEY_FIRST = 256,
	KEY_ATTACH = KEY_FIRST,
	KEY_WITHOUT,
	KEY_BTF,
	KEY_PATH,
	KEY_DEVICE,
	KEY_JSON,
};

static const struct argp_option option_table[] = {
	{.doc = "What to look at:", .group = 1},
	{"attach", KEY_ATTACH, "WAY", 0,
	 "As if run were given it: auto, fentry, tracepoint, kprobe", 0},
	{"without", KEY_WITHOUT, "LIST", 0, "As if these kernel functions and tracepoints refused",
	 0},
	{"btf", KEY_BTF, "FILE", 0, "The kernel's types from FILE", 0},
	{"path", KEY_PATH, "PATH", 0,
	 "The interfaces of lo, veth or nic:A,B; default all that are up", 0},
	{"device", KEY_DEVICE, "NAME", 0, "This interface only", 0},
	{.doc = "The output:", .group = 2},
	{"json", KEY_JSON, NULL, 0, "One JSON document instead of the text", 0},
	{.doc = "Other:", .group = -1},
	{"help", KEY_HELP, NULL, 0, "This text", 0},
	{},
};

struct parse {
	struct doctor_options *options;
	unsigned int seen; /* a bit an option */
	bool told;	   /* what is wrong has been said */
	bool help;
};

static int parse_device(struct doctor_options *options, const char *name)
{
	if (!*name || strlen(name) >= IF_NAMESIZE || strchr(name, '/'))
		return arguments__bad("--device %s: want the name of an interface, such as eth0",
				      name);
	options->device = name;
	return 0;
}

static int parse_value(struct doctor_options *options, int key, const char *arg)
{
	switch (key) {
	case KEY_ATTACH:
		return attach__parse(arg, &options->attach);
	case KEY_WITHOUT:
		options->without = arg;
		return 0;
	case KEY_BTF:
		options->btf_path = arg;
		return 0;
	case KEY_PATH:
		options->path_given = true;
		return path__parse(arg, &options->path);
	case KEY_DEVICE:
		return parse_device(options, arg);
	case KEY_JSON:
		options->json = true;
		return 0;
	}
	return -EINVAL;
}

static int parse_option(struct parse *parse, int key, const char *arg)
{
	unsigned int bit = 1u << (key - KEY_FIRST);
	const struct argp_option *option = option_table;

	while (option->key != key)
		option++;
	if (parse->seen & bit)
		return arguments__bad("--%s is given twice; want it once", option->name);
	parse->seen |= bit;
	return parse_value(parse->options, key, arg);
}

/* argp wants positive error numbers; any of them ends the parsing. */
static error_t parse_key(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;
	int err;

	if (key == KEY_HELP) {
		parse->help = true;
		err = -ECANCELED;
	} else if (key == ARGP_KEY_ERROR) {
		if (!parse->told)
			arguments__bad_option(state, option_table, "harness doctor");
		return 0;
	} else if (key == ARGP_KEY_ARG) {
		err = arguments__bad("%s: one word too many; want harness doctor [options]", arg);
	} else if (key >= KEY_FIRST && key <= KEY_JSON) {
		err = parse_option(parse, key, arg);
	} else {
		return ARGP_ERR_UNKNOWN;
	}
	parse->told = err;
	return -err;
}

static const struct argp argp = {
	.options = option_table,
	.parser = parse_key,
	.doc = "Says what this kernel, this user and these interfaces allow: how each site would "
	       "be "
	       "counted, what is missing and why, and what would change it."
	       "\vExit status: 0 everything an exact ledger needs is there; 1 something is "
	       "missing; "
	       "2 usage; 77 nothing can be traced.",
};

int doctor_options__parse(int argc, char **argv, struct doctor_options *options)
{
	struct parse parse = {.options = options};
	int err;

	*options = (struct doctor_options){};
	err = argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_EXIT | ARGP_NO_HELP, NULL,
			 &parse);
	if (parse.help) {
		argp_help(&argp, stdout, ARGP_HELP_STD_HELP & ~ARGP_HELP_EXIT_OK, "harness doctor");
		return 1;
	}
	if (err)
		return -EINVAL;
	if (options->device && options->path_given)
		return arguments__bad(
			"--device and --path: want one of them to say which interfaces");
	return 0;
}
