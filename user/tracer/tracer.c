// SPDX-License-Identifier: GPL-2.0
#include "tracer/tracer.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tracer/activity.h"
#include "casts.skel.h"
#include "tracer/causes.h"
#include "host/descriptors.h"
#include "harness.skel.h"
#include "tracer/hooks.h"
#include "tracer/libbpf_log.h"
#include "host/privilege.h"
#include "tracer/rows.h"
#include "tracer/symbols.h"
#include "tracer/tracer_parts.h"

/* Where kernels differ in what a function is given, by the kernel's own BTF. */
static void describe_arguments(struct tracer *tracer)
{
	struct harness_bpf__rodata *constants = tracer->bpf->rodata;
	const struct hooks *hooks = &tracer->hooks;
	int position = hooks__argument(hooks, "__zerocopy_sg_from_iter", "sk_buff");

	constants->sg_from_iter_skb = position < 0 ? 0 : position;
	constants->iter_stream_args = hooks__arguments(hooks, "skb_zerocopy_iter_stream");
	constants->splice_args = hooks__arguments(hooks, "skb_splice_from_iter");
	constants->retransmit_args = hooks__tracepoint_arguments(hooks, "tcp_retransmit_skb");
	constants->sched_switch_args = hooks__tracepoint_arguments(hooks, "sched_switch");
}

static void read_symbols(struct tracer *tracer)
{
	static const char *const names[SYMBOL_COUNT] = {
		[SYMBOL_COPY_UBUFS] = "skb_copy_ubufs",	 [SYMBOL_TAPS] = "dev_queue_xmit_nit",
		[SYMBOL_TIMESTAMPS] = "__skb_tstamp_tx", [SYMBOL_SENDMSG] = "tcp_sendmsg",
		[SYMBOL_RECVMSG] = "tcp_recvmsg",
	};

	for (int i = 0; i < SYMBOL_COUNT; i++)
		tracer->symbols[i].name = names[i];
	symbols__start(&tracer->symbols_reader, tracer->symbols, SYMBOL_COUNT);
}

/* 0, or why the callers of skb_copy_ubufs cannot be told. */
static int describe_symbols(struct tracer *tracer)
{
	struct harness_bpf__bss *variables = tracer->bpf->bss;
	const struct symbol_range *symbols = tracer->symbols;
	int err = symbols__finish(&tracer->symbols_reader);

	if (err)
		return err;
	variables->copy_ubufs_start = symbols[SYMBOL_COPY_UBUFS].start;
	variables->copy_ubufs_end = symbols[SYMBOL_COPY_UBUFS].end;
	variables->taps_start = symbols[SYMBOL_TAPS].start;
	variables->taps_end = symbols[SYMBOL_TAPS].end;
	variables->timestamps_start = symbols[SYMBOL_TIMESTAMPS].start;
	variables->timestamps_end = symbols[SYMBOL_TIMESTAMPS].end;
	/* what was not found stays 0: rows__tells_not_covered() */
	variables->tcp_sendmsg_at = symbols[SYMBOL_SENDMSG].start;
	variables->tcp_recvmsg_at = symbols[SYMBOL_RECVMSG].start;
	return symbols[SYMBOL_COPY_UBUFS].end ? 0 : -ENOENT;
}

/*
 * Where the list of taps that see every device is: net->ptype_all (6.15), net_hotdata.ptype_all
 * (6.9), before that a symbol of its own. 0 or -ENOENT.
 */
static int describe_taps(struct tracer *tracer)
{
	const struct hooks *hooks = &tracer->hooks;
	int offset = hooks__offset(hooks, "net_hotdata", "ptype_all");
	uint64_t address;

	if (hooks__offset(hooks, "net", "ptype_all") >= 0)
		return 0;
	address = symbol__address(offset >= 0 ? "net_hotdata" : "ptype_all");
	if (!address)
		return -ENOENT;
	tracer->bpf->rodata->all_taps = address + (offset >= 0 ? offset : 0);
	return 0;
}

static void set_constants(struct tracer *tracer)
{
	struct harness_bpf__rodata *constants = tracer->bpf->rodata;
	const struct hooks *hooks = &tracer->hooks;

	describe_arguments(tracer);
	constants->typed = hooks->own_btf;
	constants->knows_system_call = tracer__knows_activities(tracer);
	for (long number = 0; number < (long)sizeof(constants->activity_of); number++)
		constants->activity_of[number] = activity__of_system_call(number);
	for (long number = 0; number < (long)sizeof(constants->sends_by); number++)
		constants->sends_by[number] = sends__by_system_call(number);
	constants->xmit_counts_linear = hooks__traces(hooks, GROUP_TRANSMIT);
	constants->xmit_counts_taps = hooks__traces(hooks, GROUP_TAP);
	constants->xmit_notes_pinned = hooks__traces(hooks, GROUP_DEFERRED);
	rows__set_constants(tracer);
}

/* A tracepoint's program has a twin for kernels without BTF of their own (bpf/program.h). */
static struct bpf_program *program_of(const struct tracer *tracer, size_t i)
{
	const struct probe_status *status = &tracer->hooks.status[i];
	bool raw = !tracer->hooks.own_btf && status->attach == ATTACH_TRACEPOINT;
	char name[64];

	snprintf(name, sizeof(name), "%s%s", status->program, raw ? "_raw" : "");
	return bpf_object__find_program_by_name(tracer->bpf->obj, name);
}

static int attach(struct tracer *tracer, size_t i)
{
	tracer->links[i] = bpf_program__attach(program_of(tracer, i));
	return tracer->links[i] ? 0 : -errno;
}

static void detach(struct tracer *tracer, size_t i)
{
	bpf_link__destroy(tracer->links[i]);
	tracer->links[i] = NULL;
}

static int attach_programs(struct tracer *tracer)
{
	struct hooks *hooks = &tracer->hooks;
	char why[128];
	int err;

	for (size_t i = 0; i < hooks->count; i++) {
		err = hooks->needed[i] ? attach(tracer, i) : 0;
		if (err) {
			snprintf(why, sizeof(why), "attaching is refused by this kernel: %s",
				 strerror(-err));
			hooks__refuse(hooks, hooks->status[i].program, err, why);
			return err;
		}
	}
	return 0;
}

static void unload(struct tracer *tracer)
{
	for (size_t i = 0; i < PROGRAMS_MAX; i++)
		detach(tracer, i);
	harness_bpf__destroy(tracer->bpf);
	tracer->bpf = NULL;
}

static void size_maps(struct tracer *tracer)
{
	unsigned int entries = tracer->options.map_entries ?: MAP_ENTRIES_DEFAULT;

	bpf_map__set_max_entries(tracer->bpf->maps.threads, entries);
	bpf_map__set_max_entries(tracer->bpf->maps.sockets, entries);
	if (hooks__read_queues(&tracer->hooks))
		bpf_map__set_max_entries(tracer->bpf->maps.queues, entries);
	rows__size_maps(tracer);
}

/* What cannot be told without the kernel's symbols is closed. 0, or an error: choose again. */
static int use_symbols(struct tracer *tracer)
{
	struct hooks *hooks = &tracer->hooks;
	int err = describe_symbols(tracer);
	const char *why = err == -EPERM ? "the kernel hides its symbols (kernel.kptr_restrict)"
					: "the kernel lists no skb_copy_ubufs in kallsyms";

	if (!err || hooks->way[GROUP_DEFERRED] == WAY_COUNT)
		return 0;
	/* no way of counting can tell a copy's cause without it */
	hooks__close_group(hooks, GROUP_DEFERRED);
	hooks__close_group(hooks, GROUP_TAP);
	hooks__refuse(hooks, "copy_ubufs_enter", err, why);
	hooks__refuse(hooks, "copy_ubufs_probe", err, why);
	hooks__refuse(hooks, "page_alloc", err, why);
	return err;
}

/*
 * One of the two objects made of bpf/, which have the same programs, maps and variables: with
 * `casts` kernel memory is read by loads instead of through helpers (bpf/read.h). NULL and errno.
 */
static struct harness_bpf *open_programs(const struct bpf_object_open_opts *opts, bool casts)
{
	struct harness_bpf *bpf = calloc(1, sizeof(*bpf));
	int err = bpf ? harness_bpf__create_skeleton(bpf) : -ENOMEM;

	if (!err && casts)
		bpf->skeleton->data = (void *)casts_bpf__elf_bytes(&bpf->skeleton->data_sz);
	if (!err)
		err = bpf_object__open_skeleton(bpf->skeleton, opts);
	if (!err)
		return bpf;
	harness_bpf__destroy(bpf);
	errno = -err;
	return NULL;
}

/* Loads and attaches what was chosen. On failure the culprit, if known, has been refused. */
static int load(struct tracer *tracer)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = tracer->options.btf_path);
	struct hooks *hooks = &tracer->hooks;
	struct bpf_program *program;
	int err;

	tracer->bpf = open_programs(&opts, hooks__can_cast(hooks));
	if (!tracer->bpf)
		return -errno;
	bpf_object__for_each_program (program, tracer->bpf->obj)
		bpf_program__set_autoload(program, false);
	for (size_t i = 0; i < hooks->count; i++)
		bpf_program__set_autoload(program_of(tracer, i), hooks->needed[i]);
	size_maps(tracer);
	bpf_program__set_autoload(tracer->bpf->progs.adopt, hooks__read_queues(hooks));
	bpf_program__set_autoload(tracer->bpf->progs.settle, hooks__read_queues(hooks));
	bpf_program__set_autoload(tracer->bpf->progs.user_memcpy,
				  tracer->options.traced & TRACE_COPIES);
	set_constants(tracer);
	if (hooks__traces(hooks, GROUP_TAP) && describe_taps(tracer)) {
		hooks__close_group(hooks, GROUP_TAP);
		return -ENOENT;
	}
	libbpf_log__forget();
	err = harness_bpf__load(tracer->bpf);
	if (err && *libbpf_log__program())
		hooks__refuse(hooks, libbpf_log__program(), err, libbpf_log__why());
	return err ?: use_symbols(tracer) ?: attach_programs(tracer);
}

static size_t count_refused(const struct hooks *hooks)
{
	size_t refused = 0;

	for (size_t i = 0; i < GROUP_COUNT; i++)
		refused += hooks->closed[i];
	for (size_t i = 0; i < hooks->count; i++)
		refused += hooks->status[i].state == PROBE_REFUSED;
	return refused;
}

/* Each failure refuses at least one more program, or is final. */
static int load_what_works(struct tracer *tracer)
{
	size_t refused;
	int err;

	for (;;) {
		err = hooks__choose(&tracer->hooks);
		if (err)
			return err;
		refused = count_refused(&tracer->hooks);
		err = load(tracer);
		if (!err)
			break;
		unload(tracer);
		if (count_refused(&tracer->hooks) == refused) {
			fprintf(stderr, "harness: cannot load the BPF programs: %s%s%s\n",
				strerror(-err), *libbpf_log__program() ? ": " : "",
				libbpf_log__why());
			return err;
		}
	}
	for (size_t i = 0; i < tracer->hooks.count; i++)
		if (tracer->links[i])
			tracer->hooks.status[i].state = PROBE_ATTACHED;
	return 0;
}

int tracer__open(const struct tracer_options *options, struct tracer **result)
{
	struct tracer *tracer;
	int err;

	*result = NULL;
	err = privilege__check_bpf();
	if (err)
		return err;
	tracer = calloc(1, sizeof(*tracer));
	if (!tracer)
		return -ENOMEM;
	tracer->options = *options;
	read_symbols(tracer);
	libbpf_log__listen(options->verbose);
	tracer->cpus = libbpf_num_possible_cpus();
	err = tracer->cpus < 0 ? tracer->cpus : hooks__open(&tracer->hooks, &tracer->options);
	if (!err)
		err = load_what_works(tracer);
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
	symbols__finish(&tracer->symbols_reader);
	tracer__unwatch_memcpy(tracer);
	unload(tracer);
	hooks__close(&tracer->hooks);
	free(tracer);
}

/* A program that sees sends begin: a site of theirs leans on it. */
static bool sees_sends(const struct tracer *tracer, size_t i)
{
	return tracer->hooks.status[i].sites & (1u << SITE_SEND_COPY);
}

/*
 * Each send of who lends is to do so, on sockets that are known: their queues tell how much, their
 * count that each did.
 */
static bool each_lends(const struct tracer *tracer)
{
	return tracer->lending_of_all == LENDING_ALL && !tracer->sockets_hidden;
}

/* By fentry what a send refers to is seen apart from it, but where that can be set aside. */
static bool references_seen_apart(struct tracer *tracer)
{
	return tracer->hooks.way[GROUP_SEND] == WAY_FENTRY &&
	       !(each_lends(tracer) && hooks__fentry_attaches_again(&tracer->hooks));
}

/*
 * Whether sends need not be seen: what they referred to is seen apart from them, or each of a
 * process is to refer to pages and their number tells, or none is and the packets that leave do.
 */
static bool sends_unneeded(struct tracer *tracer)
{
	if (tracer->lending_of_all == LENDING_UNKNOWN || tracer->sockets_hidden)
		return false;
	return references_seen_apart(tracer) || hooks__available(&tracer->hooks, GROUP_DEPARTURES);
}

/* Whether this program is to be set aside now, and can be put on again. */
static bool is_aside(struct tracer *tracer, size_t i)
{
	if (!hooks__idles(i, tracer->lending_of_all) ||
	    (sees_sends(tracer, i) && !sends_unneeded(tracer)))
		return false;
	return tracer->hooks.status[i].attach != ATTACH_FENTRY ||
	       hooks__fentry_attaches_again(&tracer->hooks);
}

/*
 * Whose packets alone tell that they lend nothing, a bit each: nobody's where their sends are seen,
 * or by fentry what these pin and splice, and what becomes of it. `aside`: something else is not.
 */
static __u32 unseen_owners(struct tracer *tracer, bool aside)
{
	__u32 owners = 0;

	for (int owner = 0; owner < RUN_OWNERS; owner++)
		if (tracer->lending[owner] == LENDING_NONE)
			owners |= 1u << owner;
	if (tracer->lending_of_all != LENDING_NONE)
		aside = each_lends(tracer) && !references_seen_apart(tracer);
	return aside ? owners : 0;
}

/* Takes off what has nothing to do, and puts on what has. */
static int set_aside(struct tracer *tracer)
{
	bool some_aside = false;
	int err;

	for (size_t i = 0; i < tracer->hooks.count; i++) {
		struct probe_status *status = &tracer->hooks.status[i];
		bool aside;

		if (!tracer->hooks.needed[i])
			continue;
		aside = is_aside(tracer, i);
		err = aside || tracer->links[i] ? 0 : attach(tracer, i);
		if (err) {
			fprintf(stderr, "harness: cannot attach to %s again: %s\n",
				status->function, strerror(-err));
			return err;
		}
		if (aside)
			detach(tracer, i);
		status->state = aside ? PROBE_SET_ASIDE : PROBE_ATTACHED;
		some_aside |= aside && status->attach != ATTACH_FENTRY;
	}
	tracer->bpf->bss->lent_unseen = unseen_owners(tracer, some_aside);
	return 0;
}

int tracer__expect(struct tracer *tracer, const enum lending lending[RUN_OWNERS])
{
	tracer->lending_of_all = LENDING_NONE;
	for (int owner = 0; owner < RUN_OWNERS; owner++) {
		tracer->lending[owner] = lending[owner];
		if (lending[owner] == LENDING_ALL)
			tracer->lending_of_all = LENDING_ALL;
	}
	for (int owner = 0; owner < RUN_OWNERS; owner++)
		if (lending[owner] == LENDING_UNKNOWN)
			tracer->lending_of_all = LENDING_UNKNOWN;
	return set_aside(tracer);
}

struct adoption {
	struct tracer *tracer;
	__u64 owner;
};

static int adopt(void *context, int socket)
{
	const struct adoption *adoption = context;
	struct tracer *tracer = adoption->tracer;
	bool lends = tracer->lending[adoption->owner] == LENDING_ALL && each_lends(tracer) &&
		     !references_seen_apart(tracer);
	__u64 arguments[] = {socket, adoption->owner, lends};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = arguments, .ctx_size_in = sizeof(arguments));

	return bpf_prog_test_run_opts(bpf_program__fd(tracer->bpf->progs.adopt), &opts);
}

/* A process's sockets are known now, or what sees its sends is attached. */
static int adopt_sockets(struct tracer *tracer, unsigned int owner, pid_t pid)
{
	struct adoption adoption = {.tracer = tracer, .owner = owner};
	int err;

	if (tracer->lending_of_all == LENDING_UNKNOWN || tracer->sockets_hidden ||
	    !hooks__read_queues(&tracer->hooks))
		return 0;
	err = descriptors__each_socket(pid, adopt, &adoption);
	if (!err)
		return 0;
	tracer->sockets_hidden = true;
	return set_aside(tracer);
}

int tracer__follow(struct tracer *tracer, unsigned int owner, pid_t pid)
{
	__u32 key = pid, value = owner;
	int err;

	err = bpf_map_update_elem(bpf_map__fd(tracer->bpf->maps.owners), &key, &value, BPF_ANY);
	if (err)
		fprintf(stderr, "harness: cannot follow process %d: %s\n", pid, strerror(-err));
	return err ?: adopt_sockets(tracer, owner, pid);
}

static void empty_hash(struct bpf_map *map)
{
	char key[64];

	while (!bpf_map__get_next_key(map, NULL, key, bpf_map__key_size(map)))
		if (bpf_map__delete_elem(map, key, bpf_map__key_size(map), 0))
			break;
}

/* Sets every slot of a per-CPU array to zero. */
static int zero_array(const struct tracer *tracer, struct bpf_map *map)
{
	size_t room = ((bpf_map__value_size(map) + 7) & ~7ul) * tracer->cpus;
	void *zeroes = calloc(1, room);
	int err = zeroes ? 0 : -ENOMEM;

	for (__u32 key = 0; !err && key < bpf_map__max_entries(map); key++)
		err = bpf_map__update_elem(map, &key, sizeof(key), zeroes, room, BPF_ANY);
	free(zeroes);
	return err;
}

int tracer__forget(struct tracer *tracer)
{
	int err;

	empty_hash(tracer->bpf->maps.owners);
	empty_hash(tracer->bpf->maps.threads);
	empty_hash(tracer->bpf->maps.sockets);
	empty_hash(tracer->bpf->maps.queues);
	empty_hash(tracer->bpf->maps.causes);
	tracer->bpf->bss->pinned = 0;
	tracer->bpf->bss->modes_change = 0;
	err = zero_array(tracer, tracer->bpf->maps.unbooked);
	if (!err)
		err = zero_array(tracer, tracer->bpf->maps.scratches);
	if (err)
		fprintf(stderr, "harness: cannot clear the counters: %s\n", strerror(-err));
	return err;
}

/* What bpf_link_info says of a kprobe since 6.8; newer than the header this is built with. */
struct kprobe_link_info {
	__u32 type, id, prog_id, padding;
	__u32 perf_type, perf_padding;
	__u64 function;
	__u32 function_length, offset;
	__u64 address, missed;
};

/* Hits of a kprobe the kernel passed over (nmissed); false when it does not report them. */
static bool read_kprobe_misses(const struct bpf_link *link, unsigned long long *misses)
{
	struct kprobe_link_info info = {};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &size) || size < sizeof(info))
		return false;
	*misses = info.missed;
	return true;
}

/* recursion_misses of a loaded program, and a kprobe's own; false when not all of it is reported.
 */
static bool read_misses(const struct tracer *tracer, size_t i, unsigned long long *misses)
{
	unsigned long long passed_over = 0;
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	if (!tracer->links[i] ||
	    bpf_obj_get_info_by_fd(bpf_program__fd(program_of(tracer, i)), &info, &size) ||
	    size < offsetof(struct bpf_prog_info, recursion_misses) + sizeof(info.recursion_misses))
		return false;
	if (tracer->hooks.status[i].attach == ATTACH_KPROBE &&
	    !read_kprobe_misses(tracer->links[i], &passed_over))
		return false;
	*misses = info.recursion_misses + passed_over;
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

void tracer__arm(struct tracer *tracer)
{
	for (size_t i = 0; i < tracer->hooks.count; i++)
		read_misses(tracer, i, &tracer->missed_before[i]);
	tracer->bpf->bss->armed = 1;
}

/* Books what is not booked yet of each sending socket's queue. */
static int settle_queues(struct tracer *tracer)
{
	__u64 socket, *previous = NULL;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &socket, .ctx_size_in = sizeof(socket));
	struct bpf_map *map = tracer->bpf->maps.queues;
	int err = 0;

	while (!err && !bpf_map__get_next_key(map, previous, &socket, sizeof(socket))) {
		previous = &socket;
		err = bpf_prog_test_run_opts(bpf_program__fd(tracer->bpf->progs.settle), &opts);
	}
	if (err)
		fprintf(stderr, "harness: cannot read what the sockets were given to send: %s\n",
			strerror(-err));
	return err;
}

int tracer__disarm(struct tracer *tracer)
{
	tracer->bpf->bss->armed = 0;
	/* programs run under RCU: after a grace period none is still between the gate and its count
	 */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	note_misses(tracer);
	return hooks__read_queues(&tracer->hooks) ? settle_queues(tracer) : 0;
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

/*
 * What the run has on each CPU: NULL for want of memory or of the map, with errno, else the
 * caller's to free. run_of() finds one in it.
 */
static char *read_runs(const struct tracer *tracer)
{
	struct bpf_map *map = tracer->bpf->maps.scratches;
	size_t room = bpf_map__value_size(map) * tracer->cpus;
	char *runs = calloc(1, room);
	__u32 zero = 0;
	int err;

	err = runs ? bpf_map__lookup_elem(map, &zero, sizeof(zero), runs, room, 0) : -ENOMEM;
	if (!err)
		return runs;
	free(runs);
	errno = -err;
	return NULL;
}

static const struct run *run_of(const struct tracer *tracer, const char *runs, int cpu)
{
	return (const void *)(runs + cpu * bpf_map__value_size(tracer->bpf->maps.scratches));
}

static void sum_tallies(const struct tracer *tracer, const char *runs, __u32 owner,
			struct tally *sum)
{
	__u64 *total = (__u64 *)sum;
	const __u64 *tally;

	memset(sum, 0, sizeof(*sum));
	for (int cpu = 0; cpu < tracer->cpus; cpu++) {
		tally = (const __u64 *)&run_of(tracer, runs, cpu)->owner[owner].tally;
		for (size_t i = 0; i < sizeof(*sum) / sizeof(__u64); i++)
			total[i] += tally[i];
	}
}

static int read_unbooked(const struct tracer *tracer, struct tally *sum)
{
	__u64 *per_cpu = calloc(tracer->cpus, sizeof(__u64));
	__u32 zero = 0;
	int err;

	if (!per_cpu)
		return -ENOMEM;
	err = bpf_map__lookup_elem(tracer->bpf->maps.unbooked, &zero, sizeof(zero), per_cpu,
				   sizeof(__u64) * tracer->cpus, 0);
	for (int cpu = 0; !err && cpu < tracer->cpus; cpu++)
		sum->extra[EXTRA_LOST].calls += per_cpu[cpu];
	free(per_cpu);
	return err;
}

/*
 * By fentry, what was pinned or spliced is taken off what the queues got (bpf/queue.h). If more
 * was, a socket's sends were not seen.
 */
static void take_off_referenced(struct tracer *tracer, struct tally *sum)
{
	struct counter *copied = &sum->site[SITE_SEND_COPY];
	__u64 referenced = sum->site[SITE_SEND_PIN].bytes + sum->site[SITE_SEND_SPLICE].bytes;

	if (!references_seen_apart(tracer))
		return;
	if (copied->bytes < referenced)
		sum->extra[EXTRA_LOST].calls++;
	copied->bytes -= MIN(copied->bytes, referenced);
}

/* Adds one row of the causes map, to an equal cause if there is one. */
static int add_cause(struct trace_counts *counts, const struct cause_key *key, const char *function,
		     const struct counter *counter)
{
	const struct cause_info *info = cause__find(function);
	struct cause *cause;

	for (size_t i = 0; i < counts->cause_count; i++) {
		cause = &counts->causes[i];
		if (strcmp(cause->function, function) || strcmp(cause->device, key->device))
			continue;
		cause->bytes += counter->bytes;
		cause->calls += counter->calls;
		return 0;
	}
	cause = reallocarray(counts->causes, counts->cause_count + 1, sizeof(*cause));
	if (!cause)
		return -ENOMEM;
	counts->causes = cause;
	cause += counts->cause_count++;
	*cause = (struct cause){
		.cause = info->words,
		.site = info->site,
		.bytes = counter->bytes,
		.calls = counter->calls,
	};
	snprintf(cause->function, sizeof(cause->function), "%s", function);
	snprintf(cause->device, sizeof(cause->device), "%s", key->device);
	return 0;
}

static int bigger_first(const void *a, const void *b)
{
	const struct cause *left = a, *right = b;

	return left->bytes < right->bytes ? 1 : left->bytes > right->bytes ? -1 : 0;
}

/* All of the causes map. How many; the caller has room for as many as the map. */
static int read_older_causes(const struct tracer *tracer, struct recent_cause *causes)
{
	struct bpf_map *map = tracer->bpf->maps.causes;
	struct cause_key *key = NULL;
	int found = 0, err;

	while (found < (int)bpf_map__max_entries(map) &&
	       !bpf_map__get_next_key(map, key, &causes[found].key, sizeof(*key))) {
		key = &causes[found].key;
		err = bpf_map__lookup_elem(map, key, sizeof(*key), &causes[found].counter,
					   sizeof(struct counter), 0);
		if (err)
			return err;
		found++;
	}
	return found;
}

/* And what each CPU has not put there yet. How many; the caller has room for one a CPU. */
static int take_recent_causes(const struct tracer *tracer, const char *runs,
			      struct recent_cause *causes)
{
	const struct recent_cause *recent;
	int found = 0;

	for (int cpu = 0; cpu < tracer->cpus; cpu++) {
		recent = &run_of(tracer, runs, cpu)->cause;
		if (recent->counter.calls)
			causes[found++] = *recent;
	}
	return found;
}

static int read_causes(const struct tracer *tracer, const char *runs, __u32 owner,
		       struct trace_counts *counts)
{
	size_t room = bpf_map__max_entries(tracer->bpf->maps.causes) + tracer->cpus;
	struct recent_cause *causes = calloc(room, sizeof(*causes));
	char(*names)[SYMBOL_NAME] = calloc(room, SYMBOL_NAME);
	uint64_t *callers = calloc(room, sizeof(*callers));
	int found = -ENOMEM, err = 0;

	if (causes && names && callers)
		found = read_older_causes(tracer, causes);
	if (found < 0)
		err = found;
	else
		found += take_recent_causes(tracer, runs, causes + found);
	for (int i = 0; !err && i < found; i++)
		callers[i] = causes[i].key.caller;
	if (!err && found)
		err = symbols__names(callers, found, names);
	for (int i = 0; !err && i < found; i++)
		if (causes[i].key.owner == owner)
			err = add_cause(counts, &causes[i].key, names[i], &causes[i].counter);
	if (!err && counts->cause_count)
		qsort(counts->causes, counts->cause_count, sizeof(*counts->causes), bigger_first);
	free(causes);
	free(names);
	free(callers);
	return err;
}

int tracer__read(struct tracer *tracer, unsigned int owner, struct trace_counts *counts)
{
	char *runs = read_runs(tracer);
	int err = runs ? 0 : -errno;

	memset(counts, 0, sizeof(*counts));
	if (!err)
		sum_tallies(tracer, runs, owner, &counts->tally);
	if (!err)
		err = read_unbooked(tracer, &counts->tally);
	take_off_referenced(tracer, &counts->tally);
	if (!err)
		err = read_causes(tracer, runs, owner, counts);
	free(runs);
	/* the causes are where deferred copies, and in the fentry way tap copies, are counted */
	for (size_t i = 0; !err && i < counts->cause_count; i++) {
		counts->tally.site[counts->causes[i].site].bytes += counts->causes[i].bytes;
		counts->tally.site[counts->causes[i].site].calls += counts->causes[i].calls;
	}
	if (err) {
		fprintf(stderr, "harness: cannot read the counters: %s\n", strerror(-err));
		trace_counts__free(counts);
	}
	return err;
}

void trace_counts__free(struct trace_counts *counts)
{
	free(counts->causes);
	memset(counts, 0, sizeof(*counts));
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

bool tracer__counts_switches(const struct tracer *tracer)
{
	return hooks__available(&tracer->hooks, GROUP_SWITCHES);
}

bool tracer__knows_activities(const struct tracer *tracer)
{
	return tracer->hooks.own_btf && hooks__have_helper(&tracer->hooks, "task_pt_regs");
}

bool tracer__reads_queues(const struct tracer *tracer)
{
	return hooks__read_queues(&tracer->hooks);
}

bool tracer__counts_retransmits(const struct tracer *tracer)
{
	return hooks__available(&tracer->hooks, GROUP_RETRANSMIT);
}

bool tracer__kernel_has_kprobes(void)
{
	return hooks__kernel_has_kprobes();
}

bool tracer__counts_departures(const struct tracer *tracer)
{
	return hooks__available(&tracer->hooks, GROUP_DEPARTURES);
}

bool tracer__counts_pin_attempts(const struct tracer *tracer)
{
	return hooks__available(&tracer->hooks, GROUP_PIN_ATTEMPT);
}

bool tracer__counts_lent_sends(const struct tracer *tracer)
{
	return each_lends(tracer) && hooks__read_queues(&tracer->hooks);
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
