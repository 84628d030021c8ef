// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor/check_parts.h"
#include "doctor/checks.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

const char *const check_titles[CHECK_SECTIONS] = {
	[CHECK_TRACING] = "Kernel and privileges",
	[CHECK_LIMITS] = "Limits of zero-copy and of paths",
	[CHECK_COUNTERS] = "Performance counters",
};

bool read_number(const char *path, long *number)
{
	FILE *file = fopen(path, "re");
	bool read = file && fscanf(file, "%ld", number) == 1;
	int err = errno;

	if (file)
		fclose(file);
	errno = err;
	return read;
}

bool sysctl__read(struct finding *finding, const char *path, long *number)
{
	char text[32];

	if (!read_number(path, number)) {
		finding__unknown(finding, REMARK_UNREADABLE,
				 VALUES(WORD("path", path), WORD("why", strerror(errno))));
		return false;
	}
	snprintf(text, sizeof(text), "%ld", *number);
	finding__value(finding, json_integer(*number), REMARK_FOUND, VALUES(WORD("value", text)));
	return true;
}

static const struct check {
	const char *key;
	enum check_section section;
	check_run *run;
} checks[] = {
	{"kernel", CHECK_TRACING, check_kernel},
	{"btf", CHECK_TRACING, check_btf},
	{"capabilities", CHECK_TRACING, check_capabilities},
	{"user_namespace", CHECK_TRACING, check_user_namespace},
	{"lockdown", CHECK_TRACING, check_lockdown},
	{"kernel.unprivileged_bpf_disabled", CHECK_TRACING, check_unprivileged_bpf},
	{"kernel.perf_event_paranoid", CHECK_TRACING, check_paranoid},
	{"kernel.kptr_restrict", CHECK_TRACING, check_kptr},
	{"net.core.optmem_max", CHECK_LIMITS, check_optmem},
	{"RLIMIT_MEMLOCK", CHECK_LIMITS, check_memlock},
	{"network_namespaces", CHECK_LIMITS, check_namespaces},
};

void checks__run(enum check_section section, const char *btf_path, struct findings *findings)
{
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		if (checks[i].section == section)
			checks[i].run(findings__add(findings, checks[i].key), btf_path);
	if (section == CHECK_COUNTERS)
		check_counters(findings);
}
