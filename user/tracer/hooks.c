// SPDX-License-Identifier: GPL-2.0
#include "tracer/hooks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness.skel.h"
#include "host/preemption.h"
#include "tracer/attempt.h"
#include "tracer/kernel_types.h"

bool hooks__available(const struct hooks *hooks, enum group group)
{
	enum group needs = group__info(group)->needs;

	return hooks->method[group] != METHOD_COUNT &&
	       (needs == GROUP_NONE || hooks__available(hooks, needs));
}

bool hooks__traces(const struct hooks *hooks, enum group group)
{
	return hooks->method[group] != METHOD_COUNT &&
	       method__attach(hooks->method[group]) == ATTACH_TRACEPOINT;
}

bool hooks__uses(const struct hooks *hooks, enum group group, const char *program)
{
	for (size_t i = 0; i < use_count; i++)
		if (uses[i].group == group && uses[i].methods & 1u << hooks->method[group] &&
		    !strcmp(uses[i].program, program))
			return true;
	return false;
}

bool hooks__sees_calls_only(const struct hooks *hooks, enum group group)
{
	return hooks->method[group] == METHOD_TRACEPOINT_CALL ||
	       hooks->method[group] == METHOD_KPROBE_CALL;
}

enum evidence hooks__evidence(const struct hooks *hooks, enum site site)
{
	enum group group = sites[site].group;

	if (group == GROUP_NONE || !hooks__available(hooks, group))
		return EVIDENCE_UNAVAILABLE;
	return sites[site].evidence[method__attach(hooks->method[group])];
}

bool hooks__times(const struct hooks *hooks, enum site site)
{
	static const enum group clock[SITE_COUNT] = {
		[SITE_SEND_COPY] = GROUP_TIME_SEND,
		[SITE_RECEIVE_COPY] = GROUP_TIME_RECEIVE,
		[SITE_DEFERRED_COPY] = GROUP_TIME_DEFERRED,
		[SITE_TAP_COPY] = GROUP_TIME_DEFERRED,
		[SITE_TRANSMIT_COPY] = GROUP_TIME_TRANSMIT,
	};

	return clock[site] && hooks__available(hooks, clock[site]);
}

/* refusals and attempts */

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

static void refuse(struct hooks *hooks, int program, const struct refusal *refusal)
{
	struct probe_status *status = &hooks->status[program];

	refusal__describe(refusal, hooks->reason[program], sizeof(hooks->reason[program]));
	status->state = PROBE_REFUSED;
	status->refusal = *refusal;
	status->why = hooks->reason[program];
}

void hooks__refuse(struct hooks *hooks, const char *name, const struct refusal *refusal)
{
	int program = programs__find(&hooks->programs, name);

	if (program >= 0)
		refuse(hooks, program, refusal);
}

void hooks__exclude_group(struct hooks *hooks, enum group group)
{
	hooks->excluded[group] = true;
}

/* If the symbols cannot be read, no function counts as split. */
static void find_splits(struct hooks *hooks)
{
	if (hooks->splits_found)
		return;
	hooks->splits_found = true;
	for (size_t i = 0; i < hooks->count; i++)
		hooks->split[i].function = hooks->programs.program[i].function;
	split__find(symbols__kernel(), hooks->split, hooks->count);
}

/*
 * Whether the compiler made more than one function of the program's target. The symbols are not
 * read if the kernel permits no such hook: reading them takes longer than all else.
 */
static bool is_split(struct hooks *hooks, int index, int error)
{
	const struct program *program = &hooks->programs.program[index];

	if (program->kind == KIND_TRACEPOINT || error == -EPERM ||
	    (hook_kind__attach(program->kind) == ATTACH_KPROBE && !attempt__kernel_has_kprobes()))
		return false;
	find_splits(hooks);
	return split__incomplete(&hooks->split[index]);
}

static void try_hook(struct hooks *hooks, int index)
{
	const struct program *program = &hooks->programs.program[index];
	struct refusal refusal = {};
	int err;

	if (hooks->tried[index])
		return;
	hooks->tried[index] = true;
	if (listed(hooks->options->without, program->function)) {
		refusal.code = REFUSAL_LEFT_OUT;
		refuse(hooks, index, &refusal);
		return;
	}
	err = attempt__attach(program, hooks->btf, hooks->own_btf, &refusal);
	if (is_split(hooks, index, err)) {
		refusal = (struct refusal){.code = REFUSAL_SPLIT, .error = -ENOTUNIQ};
		split__describe(&hooks->split[index], refusal.detail, sizeof(refusal.detail));
		refuse(hooks, index, &refusal);
	} else if (err) {
		refuse(hooks, index, &refusal);
	}
}

static bool usable(struct hooks *hooks, size_t use)
{
	int program = hooks->program_of[use];

	try_hook(hooks, program);
	return hooks->status[program].state != PROBE_REFUSED;
}

/* choosing */

static bool is_of(const struct use *use, enum group group, enum method method)
{
	return use->group == group && use->methods & 1u << method;
}

static bool passes_by(const struct hooks *hooks, const struct use *use)
{
	return use->unless && kernel_types__arguments(hooks->btf, use->unless);
}

/* Whether all of this method's programs can attach. */
static bool method_works(struct hooks *hooks, enum group group, enum method method)
{
	bool some = false, any_wanted = false, any_found = false;

	for (size_t i = 0; i < use_count; i++) {
		if (!is_of(&uses[i], group, method))
			continue;
		some = true;
		if (passes_by(hooks, &uses[i]))
			return false;
		if (uses[i].any) {
			any_wanted = true;
			any_found = usable(hooks, i) || any_found;
		} else if (!usable(hooks, i)) {
			return false;
		}
	}
	return some && any_wanted == any_found;
}

static void need_programs(struct hooks *hooks, enum group group, enum method method)
{
	for (size_t i = 0; i < use_count; i++) {
		if (!is_of(&uses[i], group, method) || !usable(hooks, i))
			continue;
		hooks->needed[hooks->program_of[i]] = true;
		hooks->status[hooks->program_of[i]].sites |= group__info(group)->sites;
		hooks->status[hooks->program_of[i]].groups |= 1u << group;
	}
}

static enum method first_method(struct hooks *hooks, enum group group, enum attach asked)
{
	for (enum method method = 0; method < METHOD_COUNT; method++)
		if ((asked == ATTACH_AUTO || asked == method__attach(method)) &&
		    method_works(hooks, group, method))
			return method;
	return METHOD_COUNT;
}

/*
 * No kernel preempts a kprobe's program: where it preempts others, kprobes come first. A softirq's
 * probes are not preempted, and a kprobe there is skipped if it interrupts another.
 */
static enum method choose_method(struct hooks *hooks, enum group group)
{
	enum attach asked = hooks->options->attach;
	enum method method = METHOD_COUNT;

	if (asked == ATTACH_AUTO && hooks->preempts && group__runs_in_process(group))
		method = first_method(hooks, group, ATTACH_KPROBE);
	return method == METHOD_COUNT ? first_method(hooks, group, asked) : method;
}

/* Notes the sites that a refused program would have served. */
static void note_sites(struct hooks *hooks)
{
	for (size_t i = 0; i < use_count; i++) {
		struct probe_status *status = &hooks->status[hooks->program_of[i]];

		if (status->state == PROBE_REFUSED)
			status->sites |= group__info(uses[i].group)->sites;
	}
}

/*
 * The refused program whose reason is reported for a method: one that the user left out, if any,
 * because a function of other kernels is always missing; else the first one.
 */
static const struct probe_status *refused_one(const struct hooks *hooks, enum group group,
					      enum attach asked)
{
	const struct probe_status *status, *first = NULL;

	for (size_t i = 0; i < use_count; i++) {
		for (enum method method = 0; method < METHOD_COUNT; method++) {
			status = &hooks->status[hooks->program_of[i]];
			if (!is_of(&uses[i], group, method) || method__attach(method) != asked ||
			    status->state != PROBE_REFUSED)
				continue;
			if (status->refusal.code == REFUSAL_LEFT_OUT)
				return status;
			first = first ?: status;
		}
	}
	return first;
}

static int check_asked_method(struct hooks *hooks)
{
	static const enum group vital[] = {GROUP_SEND, GROUP_RECEIVE};
	const struct probe_status *refused;

	if (hooks->options->attach == ATTACH_AUTO || !(hooks->options->traced & TRACE_COPIES))
		return 0;
	for (size_t i = 0; i < sizeof(vital) / sizeof(*vital); i++) {
		if (hooks->method[vital[i]] != METHOD_COUNT)
			continue;
		refused = refused_one(hooks, vital[i], hooks->options->attach);
		if (refused && refused->refusal.code == REFUSAL_LEFT_OUT)
			continue; /* left out by the user: unknown, not impossible */
		fprintf(stderr,
			"harness: --attach %s cannot work here: %s: %s; try --attach auto\n",
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
		hooks->status[i].sites = hooks->status[i].groups = 0;
	for (int group = 0; group < GROUP_COUNT; group++) {
		hooks->method[group] = METHOD_COUNT;
		if (!(group__info(group)->traced & hooks->options->traced))
			continue;
		if (!hooks->excluded[group])
			hooks->method[group] = choose_method(hooks, group);
		if (hooks->method[group] != METHOD_COUNT)
			need_programs(hooks, group, hooks->method[group]);
	}
	note_sites(hooks);
	return check_asked_method(hooks);
}

/* opening */

/* A row that names no program of bpf/ is an error in the build. */
static int find_programs(struct hooks *hooks)
{
	if (use_count > USES_MAX)
		return -E2BIG;
	for (size_t i = 0; i < use_count; i++) {
		hooks->program_of[i] = programs__find(&hooks->programs, uses[i].program);
		if (hooks->program_of[i] >= 0)
			continue;
		fprintf(stderr, "harness: bpf/sites.h names '%s', which is no program of bpf/\n",
			uses[i].program);
		return -EINVAL;
	}
	return 0;
}

static int read_programs(struct hooks *hooks)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = hooks->options->btf_path);
	struct harness_bpf *bpf = harness_bpf__open_opts(&opts);
	int err = bpf ? programs__read(&hooks->programs, bpf->obj) : -errno;

	harness_bpf__destroy(bpf);
	hooks->count = hooks->programs.count;
	if (err)
		fprintf(stderr, "harness: cannot read its own BPF programs: %s\n", strerror(-err));
	return err ?: find_programs(hooks);
}

int hooks__open(struct hooks *hooks, const struct tracer_options *options)
{
	int err;

	memset(hooks, 0, sizeof(*hooks));
	hooks->options = options;
	err = read_programs(hooks);
	if (err)
		return err;
	for (size_t i = 0; i < hooks->count; i++) {
		const struct program *program = &hooks->programs.program[i];

		hooks->status[i] = (struct probe_status){
			.program = program->name,
			.function = program->function,
			.attach = hook_kind__attach(program->kind),
			.state = PROBE_NOT_NEEDED,
			.other = program__other(program->name),
		};
	}
	hooks->preempts = preemption__is_on("");
	hooks->own_btf = !options->btf_path;
	hooks->btf = kernel_types__open(options->btf_path);
	if (hooks->btf)
		return 0;
	if (options->btf_path)
		return -EBADMSG;
	return errno == ENOENT ? -EOPNOTSUPP : -errno;
}

void hooks__close(struct hooks *hooks)
{
	btf__free(hooks->btf);
	hooks->btf = NULL;
}

/* for the doctor */

void hooks__describe(struct hooks *hooks, enum group group, enum method method,
		     struct hook_method *found)
{
	*found = (struct hook_method){};
	for (size_t i = 0; i < use_count && found->count < METHOD_PROGRAMS_MAX; i++) {
		int program = hooks->program_of[i];

		if (!is_of(&uses[i], group, method))
			continue;
		try_hook(hooks, program);
		found->programs[found->count++] = (struct method_program){
			.kind = hook_kind__name(hooks->programs.program[program].kind),
			.status = &hooks->status[program],
			.one_is_enough = uses[i].any,
		};
		if (passes_by(hooks, &uses[i]))
			found->missed_function = uses[i].unless;
	}
	found->works = method_works(hooks, group, method);
}

void hooks__verifier_line(const struct hooks *hooks, const char *name, char *line, size_t size)
{
	int program = programs__find(&hooks->programs, name);

	line[0] = '\0';
	if (hooks->own_btf && program >= 0)
		attempt__verifier_line(&hooks->programs.program[program], hooks->btf, line, size);
}
