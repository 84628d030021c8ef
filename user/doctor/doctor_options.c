// SPDX-License-Identifier: GPL-2.0
#include "doctor/doctor_options.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

enum doctor_key {
	KEY_PATH = COMMON_KEY_END,
	KEY_DEVICE,
	KEY_SITES,
};

static const struct argp_option rows[] = {
	{.doc = "The interfaces to look at; default all that are up:", .group = 1},
	{"path", KEY_PATH, "PATH", 0, "Those of lo, veth or nic:A,B", 0},
	{"device", KEY_DEVICE, "NAME", 0, "This interface only", 0},
	{.doc = "Or:", .group = 2},
	{"sites", KEY_SITES, NULL, 0,
	 "Only the table of sites: what each counts, and the kernel function that moves the bytes",
	 0},
	{},
};

const struct argp doctor_argp = {
	.options = rows,
	.parser = arguments__key,
	.doc = "Prints what this kernel, this user and these interfaces allow: how each site would "
	       "be counted, what is missing and why, and what would change it. --verbose adds the "
	       "attach methods that are not used."
	       "\vExamples:\n"
	       "  $ sudo harness doctor\n"
	       "  $ sudo harness doctor --path nic:eth0,eth1\n"
	       "  $ sudo harness doctor --attach kprobe --json\n\n"
	       "Exit status:\n"
	       "  0    everything that an exact ledger needs is there\n"
	       "  1    something is missing\n"
	       "  2    the command line is wrong\n"
	       "  77   nothing can be traced",
	.children = common_options,
};

void doctor_options__choices(int key, const char *prefix, struct choices *choices)
{
	if (key == KEY_PATH)
		path__choices(prefix, choices);
	else if (key == KEY_DEVICE)
		path__interfaces(choices);
	else
		common_options__choices(key, choices);
}

static int parse_device(struct doctor_options *options, const char *name)
{
	if (!*name || strlen(name) >= IF_NAMESIZE || strchr(name, '/'))
		return arguments__bad("--device %s: want the name of an interface, such as eth0",
				      name);
	options->device = name;
	return 0;
}

static int take(void *input, int key, const char *value)
{
	struct doctor_options *options = input;

	if (key == KEY_DEVICE)
		return parse_device(options, value);
	if (key == KEY_SITES) {
		options->sites = true;
		return 0;
	}
	options->path_given = true;
	return path__parse(value, &options->path);
}

int doctor_options__parse(int argc, char **argv, struct doctor_options *options)
{
	struct arguments arguments = {
		.command = "harness doctor",
		.argp = &doctor_argp,
		.own = {.take = take, .options = options},
		.child = {.take = common_options__take, .options = &options->common},
	};
	int err;

	*options = (struct doctor_options){};
	err = arguments__parse(&arguments, argc, argv);
	if (err)
		return err;
	if (options->device && options->path_given)
		return arguments__bad(
			"--device and --path: want one of them to name the interfaces");
	return 0;
}
