// SPDX-License-Identifier: GPL-2.0
#include <bpf/libbpf.h>
#include <gnu/libc-version.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/version.h"
#include "host/environment.h"
#include "host/machine.h"
#include "host/preemption.h"

#define LINE 256

/*
 * The rest of the first line of `path` that starts with `key`, without the separators and quotes
 * around it. NULL if there is none.
 */
static const char *file__value(char line[static LINE], const char *path, const char *key)
{
	FILE *file = fopen(path, "re");
	char *value = NULL;

	while (file && !value && fgets(line, LINE, file))
		if (!strncmp(line, key, strlen(key)))
			value = line + strlen(key);
	if (file)
		fclose(file);
	if (!value)
		return NULL;
	value += strspn(value, " \t:=\"'");
	value[strcspn(value, "\"'\n")] = '\0';
	return *value ? value : NULL;
}

static json_t *string_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

unsigned int environment__cores_allowed(void)
{
	cpu_set_t allowed;

	return sched_getaffinity(0, sizeof(allowed), &allowed) ? 0 : CPU_COUNT(&allowed);
}

json_t *environment__json(void)
{
	static const char clocksource[] =
		"/sys/devices/system/clocksource/clocksource0/current_clocksource";
	json_t *json = json_object(), *why = json_object();
	unsigned int allowed = environment__cores_allowed();
	struct utsname name;
	char line[LINE];

	uname(&name); /* fails for a bad pointer only */
	json_object_set_new(json, "kernel", json_string(name.release));
	json_object_set_new(json, "machine", json_string(name.machine));
	json_object_set_new(json, "cpu",
			    string_or_null(file__value(line, "/proc/cpuinfo", "model name")));
	json_object_set_new(json, "cores", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
	/* this process may not use the others */
	json_object_set_new(json, "cores_allowed", allowed ? json_integer(allowed) : json_null());
	json_object_set_new(
		json, "memory_bytes",
		json_integer((json_int_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE)));
	json_object_set_new(json, "distribution",
			    string_or_null(file__value(line, "/etc/os-release", "PRETTY_NAME")));
	json_object_set_new(json, "clocksource",
			    string_or_null(file__value(line, clocksource, "")));
	json_object_set_new(json, "preemption",
			    string_or_null(preemption__model("", name.version, line, sizeof(line))
						   ? line
						   : NULL));
	machine__describe("", json, why);
	json_object_set_new(json, "why", why);
	json_object_set_new(json, "harness", json_string(version__text()));
	json_object_set_new(json, "libraries",
			    json_pack("{s:s, s:s, s:s}", "libbpf", libbpf_version_string(),
				      "jansson", jansson_version_str(), "libc",
				      gnu_get_libc_version()));
	json_object_set_new(json, "compiler", json_string(__VERSION__));
	return json;
}
