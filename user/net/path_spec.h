/* SPDX-License-Identifier: GPL-2.0 */
/* What --path asks for. */
#ifndef HARNESS_PATH_SPEC_H
#define HARNESS_PATH_SPEC_H

#include <net/if.h>

#include "base/choices.h"
#include "base/side.h"

enum path_kind {
	PATH_LO,
	PATH_VETH,
	PATH_NIC,
	PATH_NETNS,
};

#define PATH_WORD 64 /* room for the name of an interface or a namespace */

struct path_spec {
	enum path_kind kind;
	char word[SIDE_COUNT][PATH_WORD]; /* interface, or namespace; empty on lo */
	char name[8 + 2 * PATH_WORD];	  /* as the user wrote it: "nic:eth1,eth2" */
};

/* Pure. 0, or -EINVAL with one line on stderr. */
int path__parse(const char *text, struct path_spec *spec);

/*
 * Completions of `prefix`: the kinds of path, or after "nic:" the interfaces of this namespace and
 * after "netns:" the named namespaces, one name at a time.
 */
void path__choices(const char *prefix, struct choices *choices);
/* The interfaces of this namespace. */
void path__interfaces(struct choices *choices);

#endif
