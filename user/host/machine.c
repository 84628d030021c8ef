// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/machine.h"

#define PATH 512
#define LINE 4096
#define CPU0 "/sys/devices/system/cpu/cpu0/"

/* The first line of a file: 0, or a negative errno; -ENODATA when it is empty. */
static int file__line(char line[static LINE], const char *root, const char *path)
{
	char name[PATH];
	FILE *file;
	int err = 0;

	snprintf(name, sizeof(name), "%s%s", root, path);
	file = fopen(name, "re");
	if (!file)
		return -errno;
	if (!fgets(line, LINE, file))
		err = ferror(file) ? -EIO : -ENODATA;
	fclose(file);
	if (err)
		return err;
	line[strcspn(line, "\n")] = '\0';
	return *line ? 0 : -ENODATA;
}

static void why__add(json_t *why, const char *key, const char *path, int err)
{
	json_object_set_new(why, key, json_sprintf("%s: %s", path, strerror(-err)));
}

static void machine__add_line(const char *root, json_t *json, json_t *why, const char *key,
			      const char *path)
{
	char line[LINE];
	int err = file__line(line, root, path);

	json_object_set_new(json, key, err ? json_null() : json_string(line));
	if (err)
		why__add(why, key, path, err);
}

static json_t *cache__word(const char *root, unsigned int index, const char *name)
{
	char path[PATH], line[LINE];

	snprintf(path, sizeof(path), CPU0 "cache/index%u/%s", index, name);
	return file__line(line, root, path) ? json_null() : json_string(line);
}

/* "48K": bytes, or null */
static json_t *cache__bytes(const char *root, unsigned int index)
{
	char path[PATH], line[LINE], *unit;
	long long size;

	snprintf(path, sizeof(path), CPU0 "cache/index%u/size", index);
	if (file__line(line, root, path))
		return json_null();
	size = strtoll(line, &unit, 10);
	if (unit == line)
		return json_null();
	return json_integer(size << (*unit == 'M' ? 20 : *unit == 'K' ? 10 : 0));
}

static json_t *cache__json(const char *root, unsigned int index)
{
	json_t *level = cache__word(root, index, "level");
	const char *digits = json_string_value(level);
	json_t *json = json_object();

	if (!digits) {
		json_decref(level);
		json_decref(json);
		return NULL;
	}
	json_object_set_new(json, "level", json_integer(strtoll(digits, NULL, 10)));
	json_object_set_new(json, "type", cache__word(root, index, "type"));
	json_object_set_new(json, "bytes", cache__bytes(root, index));
	json_object_set_new(json, "shared_by", cache__word(root, index, "shared_cpu_list"));
	json_decref(level);
	return json;
}

/* The caches of the first processor. */
static void machine__add_caches(const char *root, json_t *json, json_t *why)
{
	json_t *caches = json_array(), *cache;

	for (unsigned int i = 0; (cache = cache__json(root, i)); i++)
		json_array_append_new(caches, cache);
	if (json_array_size(caches)) {
		json_object_set_new(json, "caches", caches);
		return;
	}
	json_decref(caches);
	json_object_set_new(json, "caches", json_null());
	why__add(why, "caches", CPU0 "cache", -ENOENT);
}

/* Each weakness of the processor, and what the kernel does about it. */
static void machine__add_mitigations(const char *root, json_t *json, json_t *why)
{
	static const char folder[] = "/sys/devices/system/cpu/vulnerabilities";
	char path[PATH], line[LINE];
	struct dirent *entry;
	json_t *mitigations;
	DIR *directory;

	snprintf(path, sizeof(path), "%s%s", root, folder);
	directory = opendir(path);
	if (!directory) {
		json_object_set_new(json, "mitigations", json_null());
		why__add(why, "mitigations", folder, -errno);
		return;
	}
	mitigations = json_object();
	while ((entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%.200s", folder, entry->d_name);
		json_object_set_new(mitigations, entry->d_name,
				    file__line(line, root, path) ? json_null() : json_string(line));
	}
	closedir(directory);
	json_object_set_new(json, "mitigations", mitigations);
}

void machine__describe(const char *root, json_t *json, json_t *why)
{
	machine__add_caches(root, json, why);
	machine__add_line(root, json, why, "governor", CPU0 "cpufreq/scaling_governor");
	machine__add_mitigations(root, json, why);
	machine__add_line(root, json, why, "kernel_command_line", "/proc/cmdline");
}
