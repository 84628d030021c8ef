// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "base/histogram.h"
#include "traffic/memory.h"

#define LINE 512

uint64_t memory__needed(const struct run_spec *spec)
{
	const struct transport *transport = spec->transport;
	uint64_t bytes = transport->receiver->memory(spec->message_bytes);

	/* two messages: a method may pack one into another */
	bytes += transport->sender->memory ? transport->sender->memory(spec->message_bytes)
					   : 2 * spec->message_bytes;
	if (spec->mode == RUN_RR)
		bytes += sizeof(struct histogram);
	return spec->threads * bytes;
}

/* Reads the number after `key` in a file with one line per key; false: there is none. */
static bool file__number(const char *root, const char *path, const char *key, uint64_t *number)
{
	char name[LINE], line[LINE], *end;
	bool found = false;
	FILE *file;

	snprintf(name, sizeof(name), "%s%s", root, path);
	file = fopen(name, "re");
	while (file && !found && fgets(line, sizeof(line), file)) {
		if (strncmp(line, key, strlen(key)))
			continue;
		*number = strtoull(line + strlen(key), &end, 10);
		found = end != line + strlen(key); /* false for "max" */
	}
	if (file)
		fclose(file);
	return found;
}

/* The bytes that one control group allows; its path starts with '/' or is empty. */
static uint64_t group__left(const char *root, const char *group)
{
	char path[2 * LINE];
	uint64_t max, used = 0;

	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/memory.max", group);
	if (!file__number(root, path, "", &max))
		return UINT64_MAX;
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/memory.current", group);
	file__number(root, path, "", &used);
	return max > used ? max - used : 0;
}

/* The least of our control group and all above it. */
static uint64_t groups__left(const char *root)
{
	char name[LINE], line[LINE] = "", *group, *slash;
	uint64_t left = UINT64_MAX;
	FILE *file;

	snprintf(name, sizeof(name), "%s/proc/self/cgroup", root);
	file = fopen(name, "re");
	while (file && fgets(line, sizeof(line), file) && strncmp(line, "0::/", 4))
		line[0] = '\0';
	if (file)
		fclose(file);
	if (strncmp(line, "0::/", 4))
		return left;
	group = line + 3;
	group[strcspn(group, "\n")] = '\0';
	while ((slash = strrchr(group, '/'))) {
		left = MIN(left, group__left(root, group));
		*slash = '\0';
	}
	return MIN(left, group__left(root, ""));
}

uint64_t memory__available(const char *root)
{
	uint64_t kib, left = groups__left(root);

	if (file__number(root, "/proc/meminfo", "MemAvailable:", &kib))
		left = MIN(left, kib << 10);
	return left;
}
