// SPDX-License-Identifier: GPL-2.0
#include "tracer/rows.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "host/tasks.h"
#include "tracer/causes.h"
#include "tracer/symbols.h"
#include "tracer/tracer_parts.h"

/* Bytes of the largest value of a per-CPU map that is read or zeroed here. */
#define PER_CPU_ROOM 4096
_Static_assert(sizeof(struct tally) <= PER_CPU_ROOM, "raise PER_CPU_ROOM");

struct rows {
	struct tracer *tracer;
	struct row *row; /* the kernel's own array */
	size_t mapped;
	unsigned int count;
	__u64 *per_cpu; /* room for one tally, or times, of each CPU */
	bool *in_use;	/* a socket that still exists uses the row */
	/* callers seen, and their names: to read the symbols again takes long */
	uint64_t *callers;
	char (*names)[SYMBOL_PLACE];
	size_t caller_count;
};

static int rows__map(struct rows *rows)
{
	struct bpf_map *map = rows->tracer->bpf->maps.rows;
	long page = sysconf(_SC_PAGESIZE);

	rows->mapped = (rows->count * sizeof(struct row) + page - 1) / page * page;
	rows->row =
		mmap(NULL, rows->mapped, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (rows->row != MAP_FAILED)
		return 0;
	rows->row = NULL;
	return -errno;
}

static int rows__release(struct rows *rows, __u32 number)
{
	rows->row[number].kind = ROW_FREE;
	return bpf_map_update_elem(bpf_map__fd(rows->tracer->bpf->maps.free_rows), NULL, &number,
				   BPF_ANY);
}

static int rows__set_cgroup(const struct rows *rows)
{
	const struct tracer *tracer = rows->tracer;
	__u32 zero = 0, fd = tracer->options.cgroup_fd;

	if (tracer->options.scope != SCOPE_CGROUP)
		return 0;
	return bpf_map_update_elem(bpf_map__fd(tracer->bpf->maps.cgroup), &zero, &fd, BPF_ANY);
}

int rows__open(struct tracer *tracer, struct rows **result)
{
	struct rows *rows = calloc(1, sizeof(*rows));
	int err = -ENOMEM;

	*result = NULL;
	if (!rows)
		return -ENOMEM;
	rows->tracer = tracer;
	rows->count = tracer->options.rows;
	rows->per_cpu = calloc(tracer->cpus, PER_CPU_ROOM);
	rows->in_use = calloc(rows->count, sizeof(*rows->in_use));
	if (rows->per_cpu && rows->in_use)
		err = rows__map(rows);
	for (__u32 number = 1; number < rows->count && !err; number++)
		err = rows__release(rows, number);
	if (!err)
		err = rows__set_cgroup(rows);
	if (err) {
		fprintf(stderr, "harness: cannot set up the rows of what is watched: %s\n",
			strerror(-err));
		rows__close(rows);
		return err;
	}
	*result = rows;
	return 0;
}

void rows__close(struct rows *rows)
{
	if (!rows)
		return;
	if (rows->row)
		munmap(rows->row, rows->mapped);
	free(rows->per_cpu);
	free(rows->in_use);
	free(rows->callers);
	free(rows->names);
	free(rows);
}

int rows__follow(struct rows *rows, pid_t pid, bool idle)
{
	struct harness_bpf *bpf = rows->tracer->bpf;
	__u32 number, owner, process = namespace__number(rows->tracer, pid);
	int err = bpf_map_lookup_and_delete_elem(bpf_map__fd(bpf->maps.free_rows), NULL, &number);

	if (err) {
		fprintf(stderr, "harness: no row is free for process %d: %s\n", pid,
			strerror(-err));
		return err;
	}
	rows->row[number] = (struct row){.kind = ROW_PROCESS, .process = pid};
	owner = number | (idle ? NO_EARLY_SEND : 0);
	if (process) /* else the process has ended */
		err = bpf_map_update_elem(bpf_map__fd(bpf->maps.owners), &process, &owner, BPF_ANY);
	if (err)
		fprintf(stderr, "harness: cannot follow process %d: %s\n", pid,
			err == -E2BIG ? "a map is full (--map-entries)" : strerror(-err));
	return err ?: (int)number;
}

static void empty_hash(const struct bpf_map *map)
{
	char key[64];

	while (!bpf_map__get_next_key(map, NULL, key, bpf_map__key_size(map)))
		if (bpf_map__delete_elem(map, key, bpf_map__key_size(map), 0))
			break;
}

/* Sets one slot of a per-CPU array to zero. */
static int zero_slot(const struct rows *rows, const struct bpf_map *map, __u32 slot)
{
	size_t size = ((bpf_map__value_size(map) + 7) & ~7ul) * rows->tracer->cpus;

	memset(rows->per_cpu, 0, size);
	return bpf_map__update_elem(map, &slot, sizeof(slot), rows->per_cpu, size, BPF_ANY);
}

int rows__forget(struct rows *rows)
{
	struct harness_bpf *bpf = rows->tracer->bpf;
	const struct bpf_map *const hashes[] = {
		bpf->maps.owners,      bpf->maps.threads,	  bpf->maps.connections,
		bpf->maps.causes,      bpf->maps.pinners,	  bpf->maps.notices,
		bpf->maps.established, bpf->maps.flows,		  bpf->maps.hashes,
		bpf->maps.linears,     bpf->maps.transmit_copies, bpf->maps.mptcp_senders,
	};
	int err = 0;

	for (size_t i = 0; i < sizeof(hashes) / sizeof(*hashes); i++)
		empty_hash(hashes[i]);
	bpf->bss->any_pinned = 0;
	for (__u32 number = 0; number < rows->count && !err; number++) {
		if (number && rows->row[number].kind == ROW_FREE)
			continue;
		err = zero_slot(rows, bpf->maps.tallies, number);
		if (!err)
			err = zero_slot(rows, bpf->maps.tallies, number + rows->count);
		if (!err && number)
			err = rows__release(rows, number);
	}
	if (!err)
		err = zero_slot(rows, bpf->maps.scratches, 0);
	if (!err)
		err = zero_slot(rows, bpf->maps.lost, 0);
	if (err)
		fprintf(stderr, "harness: cannot clear the counters: %s\n", strerror(-err));
	return err;
}

/* Adds up one row of the bank that is not in use, from `size` bytes of each CPU, and zeroes it. */
static int rows__take(struct rows *rows, const struct bpf_map *map, __u32 slot, void *sum,
		      size_t size)
{
	int fd = bpf_map__fd(map), cpus = rows->tracer->cpus;
	size_t words = size / sizeof(__u64);
	__u64 *total = sum;
	int err;

	memset(sum, 0, size);
	err = bpf_map_lookup_elem(fd, &slot, rows->per_cpu);
	for (int cpu = 0; !err && cpu < cpus; cpu++)
		for (size_t i = 0; i < words; i++)
			total[i] += rows->per_cpu[cpu * words + i];
	if (err)
		return err;
	memset(rows->per_cpu, 0, cpus * size);
	return bpf_map_update_elem(fd, &slot, rows->per_cpu, BPF_ANY);
}

static int rows__read_tallies(struct rows *rows, unsigned int bank, const struct row_reader *reader)
{
	const struct harness_bpf *bpf = rows->tracer->bpf;
	bool timed = rows->tracer->options.traced & TRACE_TIME;
	struct row_reading reading;
	struct tally tally;
	struct times times;
	struct row row;
	__u32 slot;
	int err = 0;

	for (unsigned int number = 0; number < rows->count && !err; number++) {
		if (number && rows->row[number].kind == ROW_FREE)
			continue;
		row = rows->row[number];
		text__clean(row.command);
		text__clean(row.device);
		slot = number + bank * rows->count;
		err = rows__take(rows, bpf->maps.tallies, slot, &tally, sizeof(tally));
		if (!err && timed)
			err = rows__take(rows, bpf->maps.times, slot, &times, sizeof(times));
		reading = (struct row_reading){number, &row, &tally, timed ? &times : NULL};
		if (!err)
			err = reader->row(reader->context, &reading);
	}
	return err;
}

/* The function of a caller's address, looked up once. NULL without memory. */
static const char *rows__name(struct rows *rows, uint64_t caller, enum cause_kind kind)
{
	size_t room = rows->caller_count + 1;

	for (size_t i = 0; i < rows->caller_count; i++)
		if (rows->callers[i] == caller)
			return rows->names[i];
	uint64_t *callers = reallocarray(rows->callers, room, sizeof(*callers));

	if (!callers)
		return NULL;
	rows->callers = callers;
	char(*names)[SYMBOL_PLACE] = reallocarray(rows->names, room, SYMBOL_PLACE);

	if (!names)
		return NULL;
	rows->names = names;
	callers[room - 1] = caller;
	(kind == CAUSE_COPIED ? symbols__name_now : symbols__place_now)(caller, names[room - 1]);
	rows->caller_count = room;
	return names[room - 1];
}

static int rows__take_cause(struct rows *rows, const struct cause_key *key,
			    const struct row_reader *reader)
{
	int fd = bpf_map__fd(rows->tracer->bpf->maps.causes), err;
	char device[sizeof(key->device) + 1] = "";
	struct cause_reading reading = {.number = key->owner, .kind = key->kind, .device = device};

	memcpy(device, key->device, sizeof(key->device));
	text__clean(device);
	reading.function = rows__name(rows, key->caller, key->kind);
	if (reading.function && key->above && cause__is_trampoline(reading.function))
		reading.function = rows__name(rows, key->above, key->kind);
	if (!reading.function)
		return -ENOMEM;
	err = bpf_map_lookup_elem(fd, key, &reading.counter);
	if (!err)
		err = bpf_map_delete_elem(fd, key);
	return err ?: reader->cause(reader->context, &reading);
}

/* Reads and deletes the causes of the bank that is not in use. */
static int rows__read_causes(struct rows *rows, unsigned int bank, const struct row_reader *reader)
{
	int fd = bpf_map__fd(rows->tracer->bpf->maps.causes), err = 0;
	struct cause_key key, next;
	bool more = !bpf_map_get_next_key(fd, NULL, &next);

	while (more && !err) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next); /* before the key is deleted */
		if (key.bank == bank)
			err = rows__take_cause(rows, &key, reader);
	}
	return err;
}

static void rows__use(struct rows *rows, __u32 number)
{
	if (number < rows->count)
		rows->in_use[number] = true;
}

/* Marks the rows of sockets that still exist: packets of an ended process may be under way. */
static void rows__note_use(struct rows *rows)
{
	int fd = bpf_map__fd(rows->tracer->bpf->maps.connections);
	struct connection connection;
	__u64 key, *previous = NULL;

	memset(rows->in_use, 0, rows->count * sizeof(*rows->in_use));
	while (!bpf_map_get_next_key(fd, previous, &key)) {
		previous = &key;
		if (bpf_map_lookup_elem(fd, &key, &connection))
			continue;
		rows__use(rows, connection.row);
		rows__use(rows, connection.reader);
		for (__u32 i = 0; i < connection.handovers; i++)
			rows__use(rows, connection.handover[i].row);
	}
}

/*
 * Frees the number of an ended row at the third reading after its end: the readings before may lack
 * what was in flight. A row that a socket still uses is kept.
 */
static int rows__recycle(struct rows *rows, const struct row_reader *reader)
{
	bool any = false;
	int err = 0;

	for (unsigned int number = 1; number < rows->count; number++)
		any |= rows->row[number].ended;
	if (!any)
		return 0;
	rows__note_use(rows);
	for (unsigned int number = 1; number < rows->count && !err; number++) {
		struct row *row = &rows->row[number];

		if (row->kind == ROW_FREE || !row->ended || rows->in_use[number])
			continue;
		if (row->ended++ < 3)
			continue;
		row->ended = 0;
		reader->released(reader->context, number);
		err = rows__release(rows, number);
	}
	return err;
}

int rows__read(struct rows *rows, const struct row_reader *reader)
{
	struct harness_bpf__bss *state = rows->tracer->bpf->bss;
	unsigned int bank = state->second_bank;
	int err;

	state->second_bank = !bank;
	/* programs run under RCU: after a grace period none still adds to the bank that was left */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	err = rows__read_tallies(rows, bank, reader);
	if (!err)
		err = rows__read_causes(rows, bank, reader);
	if (!err)
		err = rows__recycle(rows, reader);
	if (err)
		fprintf(stderr, "harness: cannot read the counters: %s\n", strerror(-err));
	return err;
}

size_t rows__processes(const struct rows *rows)
{
	size_t count = 0;

	/* the end of a process may have been missed: look for it in /proc */
	for (unsigned int number = 1; number < rows->count; number++)
		count += rows->row[number].kind == ROW_PROCESS && !rows->row[number].ended &&
			 tasks__runs(rows->row[number].process);
	return count;
}

size_t rows__connections(struct rows *rows)
{
	int fd = bpf_map__fd(rows->tracer->bpf->maps.connections);
	struct connection connection;
	__u64 key, *previous = NULL;
	size_t count = 0;

	while (!bpf_map_get_next_key(fd, previous, &key)) {
		previous = &key;
		count += !bpf_map_lookup_elem(fd, &key, &connection) && connection.row != NO_OWNER;
	}
	return count;
}

void rows__compare_open(struct rows *rows)
{
	struct harness_bpf *bpf = rows->tracer->bpf;
	int fd = bpf_map__fd(bpf->maps.connections),
	    program = bpf_program__fd(bpf->progs.compare_open);
	__u64 key, next;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &key, .ctx_size_in = sizeof(key));
	bool more = program >= 0 && !bpf_map_get_next_key(fd, NULL, &next);

	while (more) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		bpf_prog_test_run_opts(program, &opts);
	}
}
