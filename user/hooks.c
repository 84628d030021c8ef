// SPDX-License-Identifier: GPL-2.0
#include "hooks.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The programs of bpf/, and what each hangs on. */
enum program {
	SENDMSG_ENTER,
	SENDMSG_EXIT,
	ITER_STREAM_EXIT,
	SPLICE_EXIT,
	SENDPAGES_EXIT,
	SENDMSG_LOCKED,
	SEND_LENGTH,
	SG_FROM_ITER_ENTER,
	SG_FROM_ITER_EXIT,
	DATAGRAM_ITER_EXIT,
	DATAGRAM_IOVEC,
	COPY_UBUFS_ENTER,
	COPY_UBUFS_EXIT,
	DEVICE_RECEIVE,
	QUEUED,
	DROPPED,
	PAGE_ALLOC,
	PULL_TAIL_ENTER,
	PULL_TAIL_EXIT,
	SEGMENT_EXIT,
	START_XMIT,
	RETRANSMIT,
	SCHED_SWITCH,
	PROGRAM_COUNT
};
_Static_assert(PROGRAM_COUNT <= PROGRAMS_MAX, "raise PROGRAMS_MAX");

static const struct program_info {
	const char *name;
	const char *function; /* kernel function or tracepoint */
	enum bpf_attach_type type;
} programs[PROGRAM_COUNT] = {
	[SENDMSG_ENTER] = {"sendmsg_enter", "tcp_sendmsg", BPF_TRACE_FENTRY},
	[SENDMSG_EXIT] = {"sendmsg_exit", "tcp_sendmsg", BPF_TRACE_FEXIT},
	[ITER_STREAM_EXIT] = {"iter_stream_exit", "skb_zerocopy_iter_stream", BPF_TRACE_FEXIT},
	[SPLICE_EXIT] = {"splice_exit", "skb_splice_from_iter", BPF_TRACE_FEXIT},
	[SENDPAGES_EXIT] = {"sendpages_exit", "do_tcp_sendpages", BPF_TRACE_FEXIT},
	[SENDMSG_LOCKED] = {"sendmsg_locked", "tcp_sendmsg_locked", BPF_TRACE_RAW_TP},
	[SEND_LENGTH] = {"send_length", "sock_send_length", BPF_TRACE_RAW_TP},
	[SG_FROM_ITER_ENTER] = {"sg_from_iter_enter", "__zerocopy_sg_from_iter", BPF_TRACE_FENTRY},
	[SG_FROM_ITER_EXIT] = {"sg_from_iter_exit", "__zerocopy_sg_from_iter", BPF_TRACE_FEXIT},
	[DATAGRAM_ITER_EXIT] = {"datagram_iter_exit", "skb_copy_datagram_iter", BPF_TRACE_FEXIT},
	[DATAGRAM_IOVEC] = {"datagram_iovec", "skb_copy_datagram_iovec", BPF_TRACE_RAW_TP},
	[COPY_UBUFS_ENTER] = {"copy_ubufs_enter", "skb_copy_ubufs", BPF_TRACE_FENTRY},
	[COPY_UBUFS_EXIT] = {"copy_ubufs_exit", "skb_copy_ubufs", BPF_TRACE_FEXIT},
	[DEVICE_RECEIVE] = {"device_receive", "netif_receive_skb", BPF_TRACE_RAW_TP},
	[QUEUED] = {"queued", "net_dev_queue", BPF_TRACE_RAW_TP},
	[DROPPED] = {"dropped", "kfree_skb", BPF_TRACE_RAW_TP},
	[PAGE_ALLOC] = {"page_alloc", "mm_page_alloc", BPF_TRACE_RAW_TP},
	[PULL_TAIL_ENTER] = {"pull_tail_enter", "__pskb_pull_tail", BPF_TRACE_FENTRY},
	[PULL_TAIL_EXIT] = {"pull_tail_exit", "__pskb_pull_tail", BPF_TRACE_FEXIT},
	[SEGMENT_EXIT] = {"segment_exit", "skb_segment", BPF_TRACE_FEXIT},
	[START_XMIT] = {"start_xmit", "net_dev_start_xmit", BPF_TRACE_RAW_TP},
	[RETRANSMIT] = {"retransmit", "tcp_retransmit_skb", BPF_TRACE_RAW_TP},
	[SCHED_SWITCH] = {"sched_switch", "sched_switch", BPF_TRACE_RAW_TP},
};

#define BIT(n) (1u << (n))

static const struct group_info {
	unsigned int traced;
	unsigned int sites;
	int needs; /* the group that says which socket is whose, or -1 */
} groups[GROUP_COUNT] = {
	[GROUP_SEND] = {TRACE_COPIES,
			BIT(SITE_SEND_COPY) | BIT(SITE_SEND_PIN) | BIT(SITE_SEND_SPLICE), -1},
	[GROUP_PIN_ATTEMPT] = {TRACE_COPIES, 0, -1},
	[GROUP_RECEIVE] = {TRACE_COPIES, BIT(SITE_RECEIVE_COPY), -1},
	[GROUP_DEFERRED] = {TRACE_COPIES, BIT(SITE_DEFERRED_COPY), GROUP_SEND},
	[GROUP_TAP] = {TRACE_COPIES, BIT(SITE_TAP_COPY), GROUP_SEND},
	[GROUP_TRANSMIT] = {TRACE_COPIES, BIT(SITE_TRANSMIT_COPY), GROUP_SEND},
	[GROUP_DMA_OUT] = {TRACE_COPIES, BIT(SITE_DMA_OUT), GROUP_SEND},
	[GROUP_DMA_IN] = {TRACE_COPIES, BIT(SITE_DMA_IN), GROUP_RECEIVE},
	[GROUP_RETRANSMIT] = {TRACE_COPIES, 0, GROUP_SEND},
	[GROUP_SWITCHES] = {TRACE_SCHED, 0, -1},
};

#define FENTRY	   BIT(ATTACH_FENTRY)
#define TRACEPOINT BIT(ATTACH_TRACEPOINT)
#define EITHER_WAY (FENTRY | TRACEPOINT)

/* What counts what. A way needs all of its programs; of those marked `either`, one. */
static const struct use {
	enum group group;
	unsigned int ways;
	enum program program;
	bool either;
} uses[] = {
	{GROUP_SEND, FENTRY, SENDMSG_ENTER, false},
	{GROUP_SEND, FENTRY, SENDMSG_EXIT, false},
	{GROUP_SEND, FENTRY, ITER_STREAM_EXIT, false},
	{GROUP_SEND, FENTRY, SPLICE_EXIT, true},
	{GROUP_SEND, FENTRY, SENDPAGES_EXIT, true},
	{GROUP_SEND, TRACEPOINT, SENDMSG_LOCKED, false},
	{GROUP_SEND, TRACEPOINT, SEND_LENGTH, false},
	{GROUP_PIN_ATTEMPT, FENTRY, SG_FROM_ITER_ENTER, false},
	{GROUP_PIN_ATTEMPT, FENTRY, SG_FROM_ITER_EXIT, false},
	{GROUP_RECEIVE, FENTRY, DATAGRAM_ITER_EXIT, false},
	{GROUP_RECEIVE, TRACEPOINT, DATAGRAM_IOVEC, false},
	{GROUP_DEFERRED, FENTRY, COPY_UBUFS_ENTER, false},
	{GROUP_DEFERRED, FENTRY, COPY_UBUFS_EXIT, false},
	{GROUP_DEFERRED, TRACEPOINT, DEVICE_RECEIVE, false},
	{GROUP_DEFERRED, TRACEPOINT, QUEUED, false},
	{GROUP_DEFERRED, TRACEPOINT, DROPPED, false},
	{GROUP_DEFERRED, TRACEPOINT, PAGE_ALLOC, false},
	{GROUP_TAP, FENTRY, COPY_UBUFS_ENTER, false},
	{GROUP_TAP, FENTRY, COPY_UBUFS_EXIT, false},
	{GROUP_TAP, TRACEPOINT, START_XMIT, false},
	{GROUP_TRANSMIT, FENTRY, PULL_TAIL_ENTER, false},
	{GROUP_TRANSMIT, FENTRY, PULL_TAIL_EXIT, false},
	{GROUP_TRANSMIT, FENTRY, SEGMENT_EXIT, false},
	{GROUP_TRANSMIT, TRACEPOINT, START_XMIT, false},
	{GROUP_DMA_OUT, EITHER_WAY, START_XMIT, false},
	{GROUP_DMA_IN, EITHER_WAY, DEVICE_RECEIVE, false},
	{GROUP_RETRANSMIT, EITHER_WAY, RETRANSMIT, false},
	{GROUP_SWITCHES, EITHER_WAY, SCHED_SWITCH, false},
};

/* The way a site is counted decides how well it is known. */
enum evidence hooks__evidence(const struct hooks *hooks, enum site site)
{
	for (int group = 0; group < GROUP_COUNT; group++) {
		if (!(groups[group].sites & BIT(site)) || !hooks__available(hooks, group))
			continue;
		if (site == SITE_SEND_COPY && hooks->way[group] == ATTACH_FENTRY)
			return EVIDENCE_DERIVED; /* tcp_sendmsg less what was pinned and spliced */
		return EVIDENCE_EXACT;
	}
	return EVIDENCE_UNAVAILABLE;
}

bool hooks__available(const struct hooks *hooks, enum group group)
{
	int needs = groups[group].needs;

	return hooks->way[group] != ATTACH_COUNT && (needs < 0 || hooks__available(hooks, needs));
}

static const struct btf_type *prototype(const struct hooks *hooks, const char *function,
					bool tracepoint)
{
	char name[128];
	int id;

	if (tracepoint) {
		snprintf(name, sizeof(name), "btf_trace_%s", function);
		id = btf__find_by_name_kind(hooks->btf, name, BTF_KIND_TYPEDEF);
		if (id > 0) /* a pointer to the prototype */
			id = btf__type_by_id(hooks->btf, id)->type;
	} else {
		id = btf__find_by_name_kind(hooks->btf, function, BTF_KIND_FUNC);
	}
	return id > 0 ? btf__type_by_id(hooks->btf, btf__type_by_id(hooks->btf, id)->type) : NULL;
}

unsigned int hooks__arguments(const struct hooks *hooks, const char *function)
{
	const struct btf_type *type = prototype(hooks, function, false);

	return type ? btf_vlen(type) : 0;
}

unsigned int hooks__tracepoint_arguments(const struct hooks *hooks, const char *tracepoint)
{
	const struct btf_type *type = prototype(hooks, tracepoint, true);

	return type ? btf_vlen(type) - 1 : 0; /* the first is the tracepoint's private data */
}

int hooks__argument(const struct hooks *hooks, const char *function, const char *type_name)
{
	const struct btf_type *proto = prototype(hooks, function, false), *type;

	for (int i = 0; proto && i < btf_vlen(proto); i++) {
		type = btf__type_by_id(hooks->btf, btf_params(proto)[i].type);
		if (!btf_is_ptr(type))
			continue;
		type = btf__type_by_id(hooks->btf, type->type);
		while (btf_is_mod(type))
			type = btf__type_by_id(hooks->btf, type->type);
		if (btf_is_struct(type) &&
		    !strcmp(btf__name_by_offset(hooks->btf, type->name_off), type_name))
			return i;
	}
	return -1;
}

static bool listed(const char *list, const char *name)
{
	size_t length = strlen(name);

	while (list && *list) {
		size_t item = strcspn(list, ",");

		if (item == length && !strncmp(list, name, length))
			return true;
		list += item + (list[item] == ',');
	}
	return false;
}

static void refuse(struct hooks *hooks, enum program program, int error, const char *why)
{
	struct probe_status *status = &hooks->status[program];

	snprintf(hooks->reason[program], sizeof(hooks->reason[program]), "%s", why);
	status->state = PROBE_REFUSED;
	status->error = error;
	status->why = hooks->reason[program];
}

void hooks__refuse(struct hooks *hooks, const char *name, int error, const char *why)
{
	for (int program = 0; program < PROGRAM_COUNT; program++)
		if (!strcmp(programs[program].name, name))
			refuse(hooks, program, error, why);
}

/* Loads a program of two instructions for this hook: the kernel itself says whether it may hang there. */
static void try_hook(struct hooks *hooks, enum program program)
{
	static const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	const struct program_info *info = &programs[program];
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = info->type);
	bool tracepoint = info->type == BPF_TRACE_RAW_TP;
	char name[128];
	int fd;

	if (hooks->tried[program])
		return;
	hooks->tried[program] = true;
	if (listed(hooks->options->without, info->function)) {
		refuse(hooks, program, -ECANCELED, "left out by --without");
		return;
	}
	snprintf(name, sizeof(name), "%s%s", tracepoint ? "btf_trace_" : "", info->function);
	fd = btf__find_by_name_kind(hooks->btf, name,
				    tracepoint ? BTF_KIND_TYPEDEF : BTF_KIND_FUNC);
	if (fd < 0) {
		refuse(hooks, program, -ENOENT,
		       tracepoint ? "this kernel has no such tracepoint"
				  : "this kernel's BTF has no such function");
		return;
	}
	opts.attach_btf_id = fd;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "try", "GPL", nothing, COUNT(nothing), &opts);
	if (fd < 0) {
		snprintf(name, sizeof(name), "%s is refused by this kernel: %s",
			 tracepoint ? "tp_btf" : "fentry/fexit", strerror(-fd));
		refuse(hooks, program, fd, name);
		return;
	}
	close(fd);
}

static bool usable(struct hooks *hooks, enum program program)
{
	try_hook(hooks, program);
	return hooks->status[program].state != PROBE_REFUSED;
}

/* Whether all of this way's programs can be had; marks them as needed if so and asked to. */
static bool way_works(struct hooks *hooks, enum group group, enum attach way)
{
	bool any = false, either_wanted = false, either_found = false;

	for (size_t i = 0; i < COUNT(uses); i++) {
		if (uses[i].group != group || !(uses[i].ways & BIT(way)))
			continue;
		any = true;
		if (uses[i].either) {
			either_wanted = true;
			either_found = either_found || usable(hooks, uses[i].program);
		} else if (!usable(hooks, uses[i].program)) {
			return false;
		}
	}
	return any && either_wanted == either_found;
}

static void need_programs(struct hooks *hooks, enum group group, enum attach way)
{
	bool either_chosen = false;

	for (size_t i = 0; i < COUNT(uses); i++) {
		if (uses[i].group != group || !(uses[i].ways & BIT(way)) ||
		    !usable(hooks, uses[i].program))
			continue;
		if (uses[i].either && either_chosen)
			continue;
		either_chosen = either_chosen || uses[i].either;
		hooks->needed[uses[i].program] = true;
		hooks->status[uses[i].program].sites |= groups[group].sites;
	}
}

static enum attach choose_way(struct hooks *hooks, enum group group)
{
	enum attach asked = hooks->options->attach;

	for (enum attach way = ATTACH_FENTRY; way < ATTACH_COUNT; way++)
		if ((asked == ATTACH_AUTO || asked == way) && way_works(hooks, group, way))
			return way;
	return ATTACH_COUNT;
}

/* A refused program still says which sites it would have served. */
static void note_sites(struct hooks *hooks)
{
	for (size_t i = 0; i < COUNT(uses); i++) {
		struct probe_status *status = &hooks->status[uses[i].program];

		if (status->state == PROBE_REFUSED)
			status->sites |= groups[uses[i].group].sites;
	}
}

/* The first refused program of a way, to say why the way is closed. */
static const struct probe_status *first_refused(const struct hooks *hooks, enum group group,
						enum attach way)
{
	for (size_t i = 0; i < COUNT(uses); i++)
		if (uses[i].group == group && (uses[i].ways & BIT(way)) &&
		    hooks->status[uses[i].program].state == PROBE_REFUSED)
			return &hooks->status[uses[i].program];
	return NULL;
}

static int check_asked_way(struct hooks *hooks)
{
	static const enum group vital[] = {GROUP_SEND, GROUP_RECEIVE};
	const struct probe_status *refused;

	if (hooks->options->attach == ATTACH_AUTO || !(hooks->options->traced & TRACE_COPIES))
		return 0;
	for (size_t i = 0; i < COUNT(vital); i++) {
		if (hooks->way[vital[i]] != ATTACH_COUNT)
			continue;
		refused = first_refused(hooks, vital[i], hooks->options->attach);
		if (refused && refused->error == -ECANCELED)
			continue; /* the user's own wish: unknown, not impossible */
		fprintf(stderr, "harness: --attach %s cannot work here: %s: %s; try --attach auto\n",
			attach__name(hooks->options->attach), refused ? refused->function : "?",
			refused ? refused->why : "nothing to attach to");
		return -EOPNOTSUPP;
	}
	return 0;
}

int hooks__choose(struct hooks *hooks)
{
	memset(hooks->needed, 0, sizeof(hooks->needed));
	for (size_t i = 0; i < hooks->count; i++)
		hooks->status[i].sites = 0;
	for (int group = 0; group < GROUP_COUNT; group++) {
		hooks->way[group] = ATTACH_COUNT;
		if (!(groups[group].traced & hooks->options->traced))
			continue;
		hooks->way[group] = choose_way(hooks, group);
		if (hooks->way[group] != ATTACH_COUNT)
			need_programs(hooks, group, hooks->way[group]);
	}
	note_sites(hooks);
	return check_asked_way(hooks);
}

int hooks__open(struct hooks *hooks, const struct tracer_options *options)
{
	memset(hooks, 0, sizeof(*hooks));
	hooks->options = options;
	hooks->count = PROGRAM_COUNT;
	for (int program = 0; program < PROGRAM_COUNT; program++) {
		struct probe_status *status = &hooks->status[program];

		status->program = programs[program].name;
		status->function = programs[program].function;
		status->attach = programs[program].type == BPF_TRACE_RAW_TP ? ATTACH_TRACEPOINT
									    : ATTACH_FENTRY;
		status->state = PROBE_NOT_NEEDED;
	}
	hooks->btf = btf__load_vmlinux_btf();
	if (!hooks->btf) {
		int err = -errno;

		fprintf(stderr,
			"harness: cannot read the kernel's types from /sys/kernel/btf/vmlinux: %s; the "
			"kernel must be built with CONFIG_DEBUG_INFO_BTF\n",
			strerror(-err));
		return err == -ENOENT ? -EOPNOTSUPP : err;
	}
	return 0;
}

void hooks__close(struct hooks *hooks)
{
	btf__free(hooks->btf);
	hooks->btf = NULL;
}
