// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/perf_event.h>

#include "host/counters.h"

/* A read access that missed, in the terms of PERF_TYPE_HW_CACHE. */
#define LOAD_MISS(cache)                                                                           \
	((cache) | PERF_COUNT_HW_CACHE_OP_READ << 8 | PERF_COUNT_HW_CACHE_RESULT_MISS << 16)

/* CPU time of this process since it began; a negative errno when the kernel does not say. */

static int64_t task_clock_ns(void)
{
	struct timespec time;

	return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
		       ? -errno
		       : time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static int64_t context_switches(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) ? -errno : usage.ru_nvcsw + usage.ru_nivcsw;
}

static int64_t page_faults(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) ? -errno : usage.ru_minflt + usage.ru_majflt;
}

/* Migrations of one thread (set_task_cpu), if the kernel has CONFIG_SCHED_DEBUG. */
static int64_t migrations_of(const char *thread)
{
	int64_t migrations = -ENOENT;
	char path[64], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%.20s/sched", thread);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (migrations < 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, "se.nr_migrations : %" SCNd64, &migrations) != 1)
			migrations = -ENOENT;
	fclose(file);
	return migrations;
}

/* Migrations of the threads that exist now. */
static int64_t migrations(void)
{
	DIR *threads = opendir("/proc/self/task");
	int64_t sum = 0, more;
	struct dirent *thread;

	if (!threads)
		return -errno;
	while (sum >= 0 && (thread = readdir(threads))) {
		if (*thread->d_name == '.')
			continue;
		more = migrations_of(thread->d_name);
		sum = more < 0 ? more : sum + more;
	}
	closedir(threads);
	return sum;
}

/*
 * Counters of a group count at the same time or not at all, so that their ratios are of the same
 * time. Two counters in two modes fit the four that most CPUs have. What the kernel accounts anyway
 * is not opened as an event, because each event costs about 1500 instructions in every context
 * switch.
 */
static const struct counter_info {
	const char *name;
	uint32_t type;
	uint64_t config;
	int group;		    /* the first of its group */
	int64_t (*accounted)(void); /* what the kernel accounts anyway; else NULL */
} infos[COUNTERS] = {
	[COUNTER_CYCLES] = {"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, COUNTER_CYCLES},
	[COUNTER_INSTRUCTIONS] = {"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS,
				  COUNTER_CYCLES},
	[COUNTER_CACHE_REFERENCES] = {"cache_references", PERF_TYPE_HARDWARE,
				      PERF_COUNT_HW_CACHE_REFERENCES, COUNTER_CACHE_REFERENCES},
	[COUNTER_CACHE_MISSES] = {"cache_misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES,
				  COUNTER_CACHE_REFERENCES},
	[COUNTER_L1D_LOAD_MISSES] = {"l1d_load_misses", PERF_TYPE_HW_CACHE,
				     LOAD_MISS(PERF_COUNT_HW_CACHE_L1D), COUNTER_L1D_LOAD_MISSES},
	[COUNTER_LLC_LOAD_MISSES] = {"llc_load_misses", PERF_TYPE_HW_CACHE,
				     LOAD_MISS(PERF_COUNT_HW_CACHE_LL), COUNTER_L1D_LOAD_MISSES},
	[COUNTER_DTLB_LOAD_MISSES] = {"dtlb_load_misses", PERF_TYPE_HW_CACHE,
				      LOAD_MISS(PERF_COUNT_HW_CACHE_DTLB),
				      COUNTER_DTLB_LOAD_MISSES},
	[COUNTER_BRANCH_MISSES] = {"branch_misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES,
				   COUNTER_DTLB_LOAD_MISSES},
	[COUNTER_TASK_CLOCK] = {"task_clock_ns", .accounted = task_clock_ns},
	[COUNTER_CONTEXT_SWITCHES] = {"context_switches", .accounted = context_switches},
	[COUNTER_MIGRATIONS] = {"migrations", .accounted = migrations},
	[COUNTER_PAGE_FAULTS] = {"page_faults", .accounted = page_faults},
};

const char *counter__name(enum counter_id id)
{
	return infos[id].name;
}

bool counter__is_split(enum counter_id id)
{
	return !infos[id].accounted;
}

bool reading__scaled(const struct reading *reading, double *value)
{
	if (reading->error || !reading->running_ns)
		return false;
	*value = (double)reading->value * reading->enabled_ns / reading->running_ns;
	return true;
}

bool readings__total(const struct readings *readings, enum counter_id id, double *value)
{
	const struct reading *modes = readings->reading[id];
	double kernel = 0;

	if (!reading__scaled(&modes[MODE_ALL], value))
		return false;
	if (counter__is_split(id) && !reading__scaled(&modes[MODE_KERNEL], &kernel))
		return false;
	*value += kernel;
	return true;
}

static const struct reading_fault {
	const char *code, *words; /* no words: those of the error */
} took_turns = {"took_turns", "other counters had the CPU's all the time"},
  no_counter = {"no_counter", "this machine has no such counter"},
  not_permitted = {"not_permitted", "not permitted (CAP_PERFMON, or kernel.perf_event_paranoid)"},
  failed = {"failed", NULL};

/* NULL: none. */
static const struct reading_fault *reading__fault(const struct reading *reading)
{
	switch (-reading->error) {
	case 0:
		return reading->running_ns ? NULL : &took_turns;
	case ENOENT:
	case EOPNOTSUPP:
	case ENODEV:
		return &no_counter;
	case EACCES:
	case EPERM:
		return &not_permitted;
	}
	return &failed;
}

const char *reading__code(const struct reading *reading)
{
	const struct reading_fault *fault = reading__fault(reading);

	return fault ? fault->code : NULL;
}

const char *reading__why(const struct reading *reading)
{
	const struct reading_fault *fault = reading__fault(reading);

	return fault ? fault->words ?: strerror(-reading->error) : NULL;
}

static int counter__open(const struct counters *counters, enum counter_id id,
			 enum counter_mode mode)
{
	const struct counter_info *info = &infos[id];
	bool leads = info->group == (int)id && mode == MODE_USER;
	struct perf_event_attr attr = {
		.type = info->type,
		.size = sizeof(attr),
		.config = info->config,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
		.disabled = leads,
		.inherit = 1,
		.exclude_user = mode == MODE_KERNEL,
		.exclude_kernel = mode == MODE_USER,
		.exclude_hv = 1,
	};
	int group_fd = leads ? -1 : counters->fd[info->group][MODE_USER], fd;

	if (info->accounted)
		return -ENOENT;
	/* a counter without a leader would run all the time */
	if (!leads && group_fd < 0)
		return group_fd;
	fd = syscall(SYS_perf_event_open, &attr, 0, -1, group_fd, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void counters__open(struct counters *counters)
{
	for (int id = 0; id < COUNTERS; id++)
		for (int mode = 0; mode < COUNTER_MODES; mode++)
			counters->fd[id][mode] = counter__open(counters, id, mode);
}

static void counters__control(const struct counters *counters, unsigned long request)
{
	for (int id = 0; id < COUNTERS; id++)
		for (int mode = 0; mode < COUNTER_MODES; mode++)
			if (counters->fd[id][mode] >= 0)
				ioctl(counters->fd[id][mode], request, 0);
}

/* The difference to `before`, which may be unknown, of the kernel's accounts. */
static void counters__account(struct counters *counters, const int64_t before[COUNTERS])
{
	for (int id = 0; id < COUNTERS; id++) {
		int64_t now = infos[id].accounted ? infos[id].accounted() : -ENOENT;

		counters->accounted[id] = now < 0	   ? now
					  : before[id] < 0 ? before[id]
							   : now - before[id];
	}
}

void counters__start(struct counters *counters)
{
	const int64_t nothing[COUNTERS] = {};

	counters__account(counters, nothing);
	counters__control(counters, PERF_EVENT_IOC_ENABLE);
}

void counters__stop(struct counters *counters)
{
	int64_t before[COUNTERS];

	counters__control(counters, PERF_EVENT_IOC_DISABLE);
	memcpy(before, counters->accounted, sizeof(before));
	counters__account(counters, before);
}

static struct reading counter__read(int fd)
{
	struct reading reading = {.error = fd < 0 ? fd : 0};
	uint64_t words[3];

	if (fd < 0)
		return reading;
	if (read(fd, words, sizeof(words)) != sizeof(words)) {
		reading.error = -errno ?: -EIO;
		return reading;
	}
	reading.value = words[0];
	reading.enabled_ns = words[1];
	reading.running_ns = words[2];
	return reading;
}

static struct reading accounted__read(int64_t value)
{
	if (value < 0)
		return (struct reading){.error = (int)value};
	return (struct reading){.value = value, .enabled_ns = 1, .running_ns = 1};
}

void counters__read(const struct counters *counters, struct readings *readings)
{
	for (int id = 0; id < COUNTERS; id++)
		for (int mode = 0; mode < COUNTER_MODES; mode++)
			readings->reading[id][mode] = counter__read(counters->fd[id][mode]);
	for (int id = 0; id < COUNTERS; id++)
		if (infos[id].accounted)
			readings->reading[id][MODE_ALL] = accounted__read(counters->accounted[id]);
}
