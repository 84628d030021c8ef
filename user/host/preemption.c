// SPDX-License-Identifier: GPL-2.0
#include "host/preemption.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#define WORD 64

/* A line such as "none (voluntary) full lazy" (sched_dynamic_show). */
static void read_modes(const char *root, char *line, int size)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/sys/kernel/debug/sched/preempt", root);
	file = fopen(path, "re");
	if (!file || !fgets(line, size, file))
		line[0] = '\0';
	if (file)
		fclose(file);
}

bool preemption__model(const char *root, const char *version, char *word, size_t size)
{
	char line[128];
	const char *chosen;

	read_modes(root, line, sizeof(line));
	chosen = strchr(line, '(');
	chosen = chosen ? chosen + 1 : strstr(version, "PREEMPT");
	snprintf(word, size, "%.*s", chosen ? (int)strcspn(chosen, ") ") : 0, chosen ?: "");
	return chosen;
}

bool preemption__is_on(const char *root)
{
	static const char *const on[] = {"full", "lazy", "PREEMPT", "PREEMPT_RT", "PREEMPT_LAZY"};
	struct utsname name;
	char word[WORD];

	uname(&name); /* fails for a bad pointer only */
	if (!preemption__model(root, name.version, word, sizeof(word)))
		return false;
	for (size_t i = 0; i < sizeof(on) / sizeof(*on); i++)
		if (!strcmp(word, on[i]))
			return true;
	return false;
}
