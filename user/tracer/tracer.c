// SPDX-License-Identifier: GPL-2.0
#include "tracer/tracer.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/membarrier.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/privilege.h"
#include "host/tasks.h"
#include "tracer/attempt.h"
#include "tracer/libbpf_log.h"
#include "tracer/rows.h"
#include "tracer/tracer_parts.h"

/* The number of values in a per-CPU map. */
static int tracer__count_cpus(struct tracer *tracer)
{
	tracer->cpus = libbpf_num_possible_cpus();
	if (tracer->cpus > 0)
		return 0;
	fprintf(stderr, "harness: cannot read /sys/devices/system/cpu/possible: %s\n",
		strerror(-tracer->cpus));
	return tracer->cpus;
}

int tracer__open(const struct tracer_options *options, struct tracer **result)
{
	struct tracer *tracer;
	int err;

	*result = NULL;
	err = privilege__check_bpf();
	if (!err)
		err = tasks__check();
	if (err)
		return err;
	tracer = calloc(1, sizeof(*tracer));
	if (!tracer)
		return -ENOMEM;
	tracer->options = *options;
	tracer->options.map_entries = tracer->options.map_entries ?: MAP_ENTRIES_DEFAULT;
	tracer->options.rows = tracer->options.rows ?: ROWS_DEFAULT;
	symbols__start();
	libbpf_log__listen(options->verbose);
	err = tracer__count_cpus(tracer);
	if (!err)
		err = hooks__open(&tracer->hooks, &tracer->options);
	if (!err)
		err = loader__load(tracer);
	if (err) {
		tracer__close(tracer);
		return err;
	}
	*result = tracer;
	return 0;
}

void tracer__close(struct tracer *tracer)
{
	if (!tracer)
		return;
	tracer__unwatch_memcpy(tracer);
	loader__unload(tracer);
	hooks__close(&tracer->hooks);
	free(tracer);
}

/* bpf_link_info of a kprobe, since 6.8: newer than the header of the build. */
struct kprobe_link_info {
	__u32 type, id, prog_id, padding;
	__u32 perf_type, perf_padding;
	__u64 function;
	__u32 function_length, offset;
	__u64 address, missed;
};

/* The same of a kretprobe.multi. */
struct multi_link_info {
	__u32 type, id, prog_id, padding;
	__u64 addresses;
	__u32 count, flags;
	__u64 missed;
};

/* Events of a kprobe that the kernel skipped (nmissed); false: it does not report them. */
static bool read_kprobe_misses(const struct bpf_link *link, unsigned long long *misses)
{
	union {
		__u32 type;
		struct kprobe_link_info single;
		struct multi_link_info multi;
	} info = {};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &size) || size < sizeof(info))
		return false;
	*misses = info.type == BPF_LINK_TYPE_KPROBE_MULTI ? info.multi.missed : info.single.missed;
	return true;
}

/*
 * Events that a loaded program missed: its recursion_misses, and its kprobe's nmissed; false: the
 * kernel does not report both.
 */
static bool read_misses(const struct tracer *tracer, size_t i, unsigned long long *misses)
{
	unsigned long long skipped = 0;
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	if (!tracer->links[i] ||
	    bpf_obj_get_info_by_fd(bpf_program__fd(tracer__program(tracer, i)), &info, &size) ||
	    size < offsetof(struct bpf_prog_info, recursion_misses) + sizeof(info.recursion_misses))
		return false;
	if (tracer->hooks.status[i].attach == ATTACH_KPROBE &&
	    !read_kprobe_misses(tracer->links[i], &skipped))
		return false;
	*misses = info.recursion_misses + skipped;
	return true;
}

static void note_misses(struct tracer *tracer)
{
	for (size_t i = 0; i < tracer->hooks.count; i++) {
		struct probe_status *status = &tracer->hooks.status[i];
		unsigned long long now = 0;

		status->missed_known = read_misses(tracer, i, &now);
		status->missed = status->missed_known ? now - tracer->missed_before[i] : 0;
	}
}

/*
 * Notes the connections that are already open. Without it (no BTF) the first read of such a
 * connection counts only the bytes that it copied.
 */
static void note_sockets(const struct tracer *tracer)
{
	const struct bpf_program *program = tracer->bpf->progs.note_socket;
	struct bpf_link *link = NULL;
	int fd = -1;
	char none;

	if (bpf_program__fd(program) >= 0)
		link = bpf_program__attach_iter(program, NULL);
	if (link)
		fd = bpf_iter_create(bpf_link__fd(link));
	while (fd >= 0 && TEMP_FAILURE_RETRY(read(fd, &none, sizeof(none))) > 0)
		;
	if (fd >= 0)
		close(fd);
	bpf_link__destroy(link);
}

void tracer__arm(struct tracer *tracer)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	for (size_t i = 0; i < tracer->hooks.count; i++)
		read_misses(tracer, i, &tracer->missed_before[i]);
	tracer->bpf->bss->armed_at = UINT64_MAX;
	bpf_prog_test_run_opts(bpf_program__fd(tracer->bpf->progs.note_time), &opts);
	tracer->bpf->bss->armed = 1;
	note_sockets(tracer);
}

void tracer__disarm(struct tracer *tracer)
{
	tracer->bpf->bss->armed = 0;
	/* programs run under RCU: after a grace period each has seen the gate closed */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	note_misses(tracer);
}

int tracer__gaps(struct tracer *tracer, struct gap gaps[GAPS_MAX])
{
	struct bpf_map *map = tracer->bpf->maps.gaps;
	__u32 *previous = NULL, thread;
	int count = 0;
	__u64 times;

	if (!hooks__available(&tracer->hooks, GROUP_GAPS))
		return -ENODATA;
	while (count < GAPS_MAX && !bpf_map__get_next_key(map, previous, &thread, sizeof(thread))) {
		if (!bpf_map__lookup_elem(map, &thread, sizeof(thread), &times, sizeof(times), 0))
			gaps[count++] = (struct gap){.thread = thread, .times = times};
		previous = &thread;
	}
	return count;
}

int tracer__lost(const struct tracer *tracer, unsigned long long *lost)
{
	__u64 *per_cpu = calloc(tracer->cpus, sizeof(__u64));
	__u32 zero = 0;
	int err = per_cpu ? 0 : -ENOMEM;

	*lost = 0;
	if (!err)
		err = bpf_map__lookup_elem(tracer->bpf->maps.lost, &zero, sizeof(zero), per_cpu,
					   sizeof(__u64) * tracer->cpus, 0);
	for (int cpu = 0; !err && cpu < tracer->cpus; cpu++)
		*lost += per_cpu[cpu];
	free(per_cpu);
	return err;
}

const struct probe_status *tracer__probes(struct tracer *tracer, size_t *count)
{
	if (tracer->bpf->bss->armed)
		note_misses(tracer);
	*count = tracer->hooks.count;
	return tracer->hooks.status;
}

enum evidence tracer__evidence(const struct tracer *tracer, enum site site)
{
	return hooks__evidence(&tracer->hooks, site);
}

bool tracer__counts(const struct tracer *tracer, enum group group)
{
	return hooks__available(&tracer->hooks, group);
}

bool tracer__knows_calls(const struct tracer *tracer)
{
	return tracer->knows_calls;
}

bool tracer__sees_io_uring(const struct tracer *tracer)
{
	return !hooks__sees_calls_only(&tracer->hooks, GROUP_SEND);
}

bool tracer__knows_not_covered(const struct tracer *tracer)
{
	return hooks__available(&tracer->hooks, GROUP_NOT_COVERED) &&
	       tracer->bpf->bss->tcp_sendmsg_at;
}

bool tracer__times(const struct tracer *tracer, enum site site)
{
	return hooks__times(&tracer->hooks, site);
}

bool tracer__kernel_has_kprobes(void)
{
	return attempt__kernel_has_kprobes();
}

int tracer__watch_memcpy(struct tracer *tracer, const char *binary, const char *symbol)
{
	LIBBPF_OPTS(bpf_uprobe_opts, opts, .func_name = symbol);

	tracer__unwatch_memcpy(tracer);
	tracer->memcpy_link = bpf_program__attach_uprobe_opts(tracer->bpf->progs.user_memcpy, -1,
							      binary, 0, &opts);
	return tracer->memcpy_link ? 0 : -errno;
}

void tracer__unwatch_memcpy(struct tracer *tracer)
{
	bpf_link__destroy(tracer->memcpy_link);
	tracer->memcpy_link = NULL;
}
