// SPDX-License-Identifier: GPL-2.0
/* The checks of the performance counters. */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "doctor/check_parts.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct counter_event {
	const char *key;
	uint32_t type;
	uint64_t config;
} counter_events[] = {
	{"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
	{"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
	{"cache-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
	{"task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK},
	{"page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
};

/* Opens a counter of this process: 0 or a negative errno. */
static int try_counter(const struct counter_event *event, bool user_only)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = event->type,
		.config = event->config,
		.disabled = 1,
		.exclude_kernel = user_only,
		.exclude_hv = user_only,
	};
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static void check_counter(struct finding *finding, const struct counter_event *event)
{
	int err = try_counter(event, false), user_err = err;
	enum remark_code code = REMARK_COUNTER_REFUSED;
	const char *why;

	if (err == -EACCES || err == -EPERM)
		user_err = try_counter(event, true);
	if (!err)
		code = REMARK_COUNTER_WORKS;
	else if (!user_err)
		code = REMARK_COUNTER_USER_ONLY;
	else if (user_err == -ENOENT)
		code = REMARK_COUNTER_ABSENT;
	why = err ? strerror(-(user_err ?: err)) : NULL;
	finding__value(finding,
		       json_pack("{s:b, s:b, s:o}", "kernel", !err, "user", !user_err, "why",
				 why ? json_string(why) : json_null()),
		       code, why ? VALUES(WORD("why", why)) : NO_VALUES);
	if (err)
		finding->mark = MARK_NOTE; /* no ledger needs it */
}

void check_counters(struct findings *findings)
{
	for (size_t i = 0; i < ARRAY_SIZE(counter_events); i++)
		check_counter(findings__add(findings, counter_events[i].key), &counter_events[i]);
}
