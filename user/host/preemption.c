// SPDX-License-Identifier: GPL-2.0
#include "host/preemption.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

/* The mode in parentheses, as in "none (voluntary) full lazy" (sched_dynamic_show). */
static bool mode_preempts(const char *root)
{
	char path[PATH_MAX], modes[128] = "";
	const char *mode;
	FILE *file;

	snprintf(path, sizeof(path), "%s/sys/kernel/debug/sched/preempt", root);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(modes, sizeof(modes), file))
		modes[0] = '\0';
	fclose(file);
	mode = strchr(modes, '(');
	return mode && (!strncmp(mode, "(full)", 6) || !strncmp(mode, "(lazy)", 6));
}

bool preemption__is_on(const char *root, const char *version)
{
	if (strstr(version, "PREEMPT_DYNAMIC"))
		return mode_preempts(root);
	return strstr(version, "PREEMPT"); /* PREEMPT, PREEMPT_RT, PREEMPT_LAZY */
}

bool preemption__here(void)
{
	struct utsname name;

	return !uname(&name) && preemption__is_on("", name.version);
}
