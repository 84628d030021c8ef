// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "net/path.h"

#define NAMESPACES "/run/netns" /* where ip-netns(8) keeps them */

static void add_interfaces(const char *before, const char *except, const char *after,
			   struct choices *choices)
{
	struct if_nameindex *all = if_nameindex();

	for (struct if_nameindex *each = all; each && each->if_index; each++)
		if (strcmp(each->if_name, except))
			choices__add(choices, "%s%s%s", before, each->if_name, after);
	if (all)
		if_freenameindex(all);
}

static void add_namespaces(const char *before, const char *except, const char *after,
			   struct choices *choices)
{
	DIR *folder = opendir(NAMESPACES);
	struct dirent *each;

	while (folder && (each = readdir(folder)))
		if (each->d_name[0] != '.' && strcmp(each->d_name, except))
			choices__add(choices, "%s%s%s", before, each->d_name, after);
	if (folder)
		closedir(folder);
}

void path__interfaces(struct choices *choices)
{
	add_interfaces("", "", "", choices);
}

void path__choices(const char *prefix, struct choices *choices)
{
	const char *colon = strchr(prefix, ':'), *comma = strchr(prefix, ',');
	char before[CHOICE_SIZE], first[CHOICE_SIZE] = "";
	void (*add)(const char *before, const char *except, const char *after,
		    struct choices *choices) = NULL;

	if (!strncmp(prefix, "nic:", 4))
		add = add_interfaces;
	if (!strncmp(prefix, "netns:", 6))
		add = add_namespaces;
	if (!add) {
		choices__add(choices, "lo");
		choices__add(choices, "veth");
		choices__add(choices, "nic:");
		choices__add(choices, "netns:");
		return;
	}
	if (comma)
		snprintf(first, sizeof(first), "%.*s", (int)(comma - colon - 1), colon + 1);
	snprintf(before, sizeof(before), "%.*s", (int)((comma ?: colon) - prefix + 1), prefix);
	add(before, first, comma ? "" : ",", choices);
}
