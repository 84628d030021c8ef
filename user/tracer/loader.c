// SPDX-License-Identifier: GPL-2.0
/* Loads and attaches the programs that this kernel allows. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "host/privilege.h"
#include "tracer/activity.h"
#include "tracer/calls.h"
#include "tracer/compat_calls.h"
#include "tracer/kernel_types.h"
#include "tracer/libbpf_log.h"
#include "tracer/symbols.h"
#include "tracer/tracer_parts.h"

struct bpf_program *tracer__program(const struct tracer *tracer, size_t i)
{
	return bpf_object__find_program_by_name(tracer->bpf->obj, tracer->hooks.status[i].program);
}

/* what the programs need to know of this kernel */

/* Sets positions and numbers of arguments, which differ between kernels, from BTF. */
static void describe_arguments(struct tracer *tracer)
{
	struct harness_bpf__rodata *constants = tracer->bpf->rodata;
	const struct btf *btf = tracer->hooks.btf;
	int position = kernel_types__argument(btf, "__zerocopy_sg_from_iter", "sk_buff");

	constants->sg_from_iter_skb = position < 0 ? 0 : position;
	constants->iter_stream_args = kernel_types__arguments(btf, "skb_zerocopy_iter_stream");
	constants->splice_args = kernel_types__arguments(btf, "skb_splice_from_iter");
	constants->retransmit_args = kernel_types__tracepoint_arguments(btf, "tcp_retransmit_skb");
	constants->zcrx_copy_args = kernel_types__arguments(btf, "io_zcrx_copy_chunk");
	constants->sched_switch_args = kernel_types__tracepoint_arguments(btf, "sched_switch");
}

#define LISTED(name) name,
/*
 * Sets the addresses of kernel functions. 0, or a negative errno: callers of skb_copy_ubufs cannot
 * be named.
 */
static int describe_symbols(struct tracer *tracer)
{
	static const char *const names[SYMBOL_COUNT] = {[SYMBOL_COPY_UBUFS] = "skb_copy_ubufs",
							[SYMBOL_TAPS] = "dev_queue_xmit_nit",
							[SYMBOL_TIMESTAMPS] = "__skb_tstamp_tx",
							[SYMBOL_SENDMSG] = "tcp_sendmsg",
							[SYMBOL_RECVMSG] = "tcp_recvmsg",
							[SYMBOL_RING] = "tpacket_rcv",
							[SYMBOL_TEXT] = "_stext",
							[SYMBOL_TEXT_END] = "_etext",
							[SYMBOL_ADJUST] = "tcp_rcv_space_adjust",
							[SYMBOL_RECVMSG_LOCKED] =
								"tcp_recvmsg_locked",
							[SYMBOL_ZCRX] = "io_zcrx_recv",
							BETWEEN(LISTED) READS(LISTED)};

	struct harness_bpf__bss *variables = tracer->bpf->bss;
	struct symbol_range symbols[SYMBOL_COUNT];
	int err;

	for (int i = 0; i < SYMBOL_COUNT; i++)
		symbols[i].name = names[i];
	err = symbols__ranges(symbols__kernel(), symbols, SYMBOL_COUNT);
	if (err)
		return err;
	variables->copy_ubufs_start = symbols[SYMBOL_COPY_UBUFS].start;
	variables->copy_ubufs_end = symbols[SYMBOL_COPY_UBUFS].end;
	variables->taps_start = symbols[SYMBOL_TAPS].start;
	variables->taps_end = symbols[SYMBOL_TAPS].end;
	variables->timestamps_start = symbols[SYMBOL_TIMESTAMPS].start;
	variables->timestamps_end = symbols[SYMBOL_TIMESTAMPS].end;
	variables->ring_at = symbols[SYMBOL_RING].start;
	variables->text_start = symbols[SYMBOL_TEXT].start;
	variables->text_end = symbols[SYMBOL_TEXT_END].start;
	variables->adjust_start = symbols[SYMBOL_ADJUST].start;
	variables->adjust_end = symbols[SYMBOL_ADJUST].end;
	variables->recvmsg_start = symbols[SYMBOL_RECVMSG_LOCKED].start;
	variables->recvmsg_end = symbols[SYMBOL_RECVMSG_LOCKED].end;
	variables->zcrx_start = symbols[SYMBOL_ZCRX].start;
	variables->zcrx_end = symbols[SYMBOL_ZCRX].end;
	for (int i = 0; i < READS_COUNT; i++) {
		variables->reads_start[i] = symbols[SYMBOL_READS + i].start;
		variables->reads_end[i] = symbols[SYMBOL_READS + i].end;
	}
	for (int i = 0; i < BETWEEN_COUNT; i++) {
		variables->between_start[i] = symbols[SYMBOL_BETWEEN + i].start;
		variables->between_end[i] = symbols[SYMBOL_BETWEEN + i].end;
	}
	/* 0: not found, see tracer__knows_not_covered() */
	variables->tcp_sendmsg_at = symbols[SYMBOL_SENDMSG].start;
	variables->tcp_recvmsg_at = symbols[SYMBOL_RECVMSG].start;
	return symbols[SYMBOL_COPY_UBUFS].end ? 0 : -ENOENT;
}

/*
 * Sets the list of taps that see every device: net->ptype_all (6.15), net_hotdata.ptype_all (6.9),
 * before that the symbol ptype_all. 0 or -ENOENT.
 */
static int describe_taps(struct tracer *tracer)
{
	const struct btf *btf = tracer->hooks.btf;
	int offset = kernel_types__offset(btf, "net_hotdata", "ptype_all");
	uint64_t address;

	if (kernel_types__offset(btf, "net", "ptype_all") >= 0)
		return 0;
	address = symbols__address(symbols__kernel(), offset >= 0 ? "net_hotdata" : "ptype_all");
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
	constants->has_task_pt_regs =
		hooks->own_btf && kernel_types__have_helper(hooks->btf, "task_pt_regs");
	constants->scope = tracer->options.scope;
	constants->by_socket = tracer->options.by_socket;
	constants->rows_max = tracer->options.rows;
	for (long number = 0; number < (long)sizeof(constants->activity_of); number++) {
		constants->activity_of[number] = activity__of_system_call(number);
		constants->sends_by[number] = sends__by_system_call(number);
		constants->receives_by[number] = receives__by_system_call(number);
	}
	for (int number = 0; number < COMPAT_CALLS; number++)
		constants->native_call[number] = compat_call__native(number);
	constants->xmit_counts_linear = hooks__traces(hooks, GROUP_TRANSMIT);
	constants->xmit_counts_taps = hooks__traces(hooks, GROUP_TAP);
	constants->counts_zcrx = hooks__available(hooks, GROUP_ZCRX);
	constants->sees_receive_ends = hooks__uses(hooks, GROUP_NOT_COVERED, "receive_length") ||
				       hooks__uses(hooks, GROUP_NOT_COVERED, "inet_recvmsg_exit");
	constants->counts_sk_msg =
		hooks__available(hooks, GROUP_SK_MSG) && constants->sees_receive_ends;
	constants->counts_mptcp =
		hooks__available(hooks, GROUP_MPTCP) && constants->sees_receive_ends;
	constants->counts_rings = hooks__available(hooks, GROUP_RING);
	constants->xmit_notes_pinned = hooks__traces(hooks, GROUP_DEFERRED);
	if (hooks__uses(hooks, GROUP_SEND, "send_length"))
		constants->length_ends_sends = LENGTH_ENDS_ALL;
	else if (hooks__uses(hooks, GROUP_SEND, "sendmsg_return"))
		constants->length_ends_sends = LENGTH_ENDS_UNSEEN;
}

static void size_maps(struct tracer *tracer)
{
	unsigned int entries = tracer->options.map_entries, rows = tracer->options.rows;
	struct bpf_map *const by_entries[] = {
		tracer->bpf->maps.owners,	   tracer->bpf->maps.threads,
		tracer->bpf->maps.connections,	   tracer->bpf->maps.causes,
		tracer->bpf->maps.pinners,	   tracer->bpf->maps.established,
		tracer->bpf->maps.notices,	   tracer->bpf->maps.clocks,
		tracer->bpf->maps.mptcp_senders,   tracer->bpf->maps.flows,
		tracer->bpf->maps.hashes,	   tracer->bpf->maps.linears,
		tracer->bpf->maps.transmit_copies,
	};
	bool timed = tracer->options.traced & TRACE_TIME;

	for (size_t i = 0; i < sizeof(by_entries) / sizeof(*by_entries); i++)
		bpf_map__set_max_entries(by_entries[i], entries);
	bpf_map__set_max_entries(tracer->bpf->maps.rows, rows);
	bpf_map__set_max_entries(tracer->bpf->maps.free_rows, rows);
	bpf_map__set_max_entries(tracer->bpf->maps.tallies, 2 * rows);
	bpf_map__set_max_entries(tracer->bpf->maps.times, 2 * rows);
	/* a kernel without control groups cannot create this map */
	bpf_map__set_autocreate(tracer->bpf->maps.cgroup, tracer->options.scope == SCOPE_CGROUP);
	bpf_map__set_autocreate(tracer->bpf->maps.times, timed);
	bpf_map__set_autocreate(tracer->bpf->maps.clocks, timed);
	bpf_map__set_autocreate(tracer->bpf->maps.stopwatches, timed);
}

/*
 * Finds a system call's registers on a kernel without bpf_task_pt_regs: they end below the end of
 * the kernel stack. Each stack size is tried until a program sees bpf(2), which runs it.
 */
static void find_registers(struct tracer *tracer)
{
	static const unsigned int sizes[] = {16 << 10, 32 << 10, 64 << 10, 8 << 10};
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int fd = bpf_program__fd(tracer->bpf->progs.own_call);

	tracer->knows_calls = tracer->bpf->rodata->has_task_pt_regs;
	for (size_t i = 0; !tracer->knows_calls && i < sizeof(sizes) / sizeof(*sizes); i++) {
		tracer->bpf->bss->kernel_stack_bytes = sizes[i];
		tracer->knows_calls =
			!bpf_prog_test_run_opts(fd, &opts) && (int)opts.retval == SYS_bpf;
	}
	if (!tracer->knows_calls)
		tracer->bpf->bss->kernel_stack_bytes = 0;
}

/* loading and attaching */

static int attach_programs(struct tracer *tracer)
{
	struct hooks *hooks = &tracer->hooks;
	struct refusal refusal = {.code = REFUSAL_ATTACH};

	for (size_t i = 0; i < hooks->count; i++) {
		if (!hooks->needed[i])
			continue;
		tracer->links[i] =
			program__attach(tracer__program(tracer, i), hooks->status[i].function);
		if (tracer->links[i])
			continue;
		refusal.error = -errno;
		hooks__refuse(hooks, hooks->status[i].program, &refusal);
		return refusal.error;
	}
	return 0;
}

void loader__unload(struct tracer *tracer)
{
	for (size_t i = 0; i < PROGRAMS_MAX; i++) {
		bpf_link__destroy(tracer->links[i]);
		tracer->links[i] = NULL;
	}
	harness_bpf__destroy(tracer->bpf);
	tracer->bpf = NULL;
}

/*
 * Excludes the groups that need the kernel's symbols if these cannot be read. 0, or an error after
 * which to choose again.
 */
static int use_symbols(struct tracer *tracer)
{
	struct hooks *hooks = &tracer->hooks;
	int err = describe_symbols(tracer);
	struct refusal refusal = {.error = err, .detail = "skb_copy_ubufs"};

	if (!err || hooks->method[GROUP_DEFERRED] == METHOD_COUNT)
		return 0;
	if (err != -EPERM)
		refusal.code = REFUSAL_NO_SYMBOL;
	else if (privilege__capabilities() & CAPABILITY(SYSLOG))
		refusal.code = REFUSAL_HIDDEN_SYMBOLS;
	else
		refusal.code = REFUSAL_NO_SYSLOG;
	/* every method needs it to name a copy's cause */
	hooks__exclude(hooks, GROUP_DEFERRED, ALL_METHODS);
	hooks__exclude(hooks, GROUP_TAP, ALL_METHODS);
	hooks__refuse(hooks, "copy_ubufs_enter", &refusal);
	hooks__refuse(hooks, "copy_ubufs_probe", &refusal);
	hooks__refuse(hooks, "page_alloc", &refusal);
	return err;
}

/* Sets which programs to load, and their types. */
static int choose_programs(struct tracer *tracer)
{
	struct hooks *hooks = &tracer->hooks;
	struct bpf_program *program;
	int err = 0;

	bpf_object__for_each_program (program, tracer->bpf->obj)
		bpf_program__set_autoload(program, false);
	for (size_t i = 0; i < hooks->count && !err; i++) {
		program = tracer__program(tracer, i);
		bpf_program__set_autoload(program, hooks->needed[i]);
		if (hooks->needed[i] && hooks->own_btf &&
		    hooks->status[i].attach == ATTACH_TRACEPOINT)
			err = program__make_typed(program, hooks->status[i].function);
	}
	bpf_program__set_autoload(tracer->bpf->progs.own_call,
				  !tracer->bpf->rodata->has_task_pt_regs);
	bpf_program__set_autoload(tracer->bpf->progs.compare_open,
				  tracer->options.traced & TRACE_COPIES);
	bpf_program__set_autoload(tracer->bpf->progs.note_socket,
				  hooks->own_btf && tracer->options.traced & TRACE_COPIES);
	bpf_program__set_autoload(tracer->bpf->progs.find_process, true);
	bpf_program__set_autoload(tracer->bpf->progs.note_time, true);
	bpf_program__set_autoload(tracer->bpf->progs.user_memcpy,
				  tracer->options.traced & TRACE_COPIES);
	return err;
}

static void refuse_loaded(struct hooks *hooks, int error)
{
	struct refusal refusal = {.code = REFUSAL_LOAD, .error = error};

	snprintf(refusal.detail, sizeof(refusal.detail), "%s", libbpf_log__why());
	hooks__refuse(hooks, libbpf_log__program(), &refusal);
}

/* Loads and attaches the chosen programs. On failure the failed program, if known, is refused. */
static int load(struct tracer *tracer)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = tracer->options.btf_path);
	struct hooks *hooks = &tracer->hooks;
	int err;

	tracer->bpf = harness_bpf__open_opts(&opts);
	if (!tracer->bpf)
		return -errno;
	size_maps(tracer);
	set_constants(tracer);
	err = choose_programs(tracer);
	if (err)
		return err;
	if (hooks__traces(hooks, GROUP_TAP) && describe_taps(tracer)) {
		hooks__exclude(hooks, GROUP_TAP, 1u << hooks->method[GROUP_TAP]);
		return -ENOENT;
	}
	libbpf_log__forget();
	err = harness_bpf__load(tracer->bpf);
	if (err && *libbpf_log__program())
		refuse_loaded(hooks, err);
	if (!err)
		find_registers(tracer);
	return err ?: use_symbols(tracer) ?: attach_programs(tracer);
}

static size_t count_refused(const struct hooks *hooks)
{
	size_t refused = 0;

	for (size_t i = 0; i < GROUP_COUNT; i++)
		refused += hooks->excluded[i]; /* grows with each method */
	for (size_t i = 0; i < hooks->count; i++)
		refused += hooks->status[i].state == PROBE_REFUSED;
	return refused;
}

/* Loads until it works: a failure that refuses no further program is final. */
int loader__load(struct tracer *tracer)
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
		if (err == -ESRCH) /* libbpf could not read the types, which hooks did read */
			err = -ENOMEM;
		loader__unload(tracer);
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
	return namespace__check(tracer);
}
