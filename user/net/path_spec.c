// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "net/path_spec.h"

/* Takes one name up to `end`, shorter than `room`. */
static bool word__parse(const char *text, const char *end, size_t room, char *word)
{
	size_t length = end - text;

	if (length == 0 || length >= room || memchr(text, '/', length))
		return false;
	memcpy(word, text, length);
	word[length] = '\0';
	return true;
}

/* "A,B": two names of a `noun`. */
static int path__parse_pair(const char *text, const char *list, const char *noun, size_t room,
			    struct path_spec *spec)
{
	const char *comma = strchr(list, ',');

	if (!comma || !word__parse(list, comma, room, spec->word[SENDER]) ||
	    strchr(comma + 1, ',') ||
	    !word__parse(comma + 1, strchr(comma, '\0'), room, spec->word[RECEIVER])) {
		fprintf(stderr, "harness: --path %s: want two %ss, such as %.*sa,b\n", text, noun,
			(int)(list - text), text);
		return -EINVAL;
	}
	if (!strcmp(spec->word[SENDER], spec->word[RECEIVER])) {
		fprintf(stderr, "harness: --path %s: want two different %ss\n", text, noun);
		return -EINVAL;
	}
	return 0;
}

/* The kind is the text before the names: "nic:" of "nic:a,b". */
static int path__bad_kind(const char *text)
{
	struct choices kinds = {.count = 0};
	char kind[CHOICE_SIZE], hint[CHOICE_SIZE + 32];
	const char *colon = strchr(text, ':');

	snprintf(kind, sizeof(kind), "%.*s", (int)(colon ? colon + 1 - text : CHOICE_SIZE), text);
	path__choices("", &kinds);
	fprintf(stderr, "harness: --path %s: want lo, veth, nic:A,B or netns:A,B%s\n", text,
		choices__hint(&kinds, kind, hint, sizeof(hint)));
	return -EINVAL;
}

int path__parse(const char *text, struct path_spec *spec)
{
	int err = 0;

	memset(spec, 0, sizeof(*spec));
	if (!strcmp(text, "lo")) {
		spec->kind = PATH_LO;
	} else if (!strcmp(text, "veth")) {
		spec->kind = PATH_VETH;
		strcpy(spec->word[SENDER], "veth0");
		strcpy(spec->word[RECEIVER], "veth1");
	} else if (!strncmp(text, "nic:", 4)) {
		spec->kind = PATH_NIC;
		err = path__parse_pair(text, text + 4, "interface", IF_NAMESIZE, spec);
	} else if (!strncmp(text, "netns:", 6)) {
		spec->kind = PATH_NETNS;
		err = path__parse_pair(text, text + 6, "namespace", PATH_WORD, spec);
	} else {
		err = path__bad_kind(text);
	}
	if (!err)
		snprintf(spec->name, sizeof(spec->name), "%s", text);
	return err;
}
