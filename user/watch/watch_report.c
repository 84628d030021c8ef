// SPDX-License-Identifier: GPL-2.0
/* Makes a report: chooses its accounts, and prints it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "watch/watch_parts.h"

static int busiest_first(const void *a, const void *b)
{
	const struct account *const *left = a, *const *right = b;
	uint64_t l = account__bytes(*left), r = account__bytes(*right);

	return l < r ? 1 : l > r ? -1 : 0;
}

/* Without --by, `together` is shown; else each account that has bytes or causes. */
static bool watch__shows(const struct watch *watch, const struct account *account)
{
	if (watch->options->by == BY_NOTHING)
		return account == watch->accounts.together;
	if (watch->accounts.filter && account == watch->accounts.rest)
		return false; /* `rest` is named below the table */
	return account__bytes(account) || account->ledger.causes.count;
}

/* No filter applied to these bytes. */
static unsigned long long watch__without_row(const struct watch *watch)
{
	const struct watch_accounts *accounts = &watch->accounts;

	if (watch->options->by == BY_NOTHING && !accounts->filter)
		return 0;
	return account__bytes(accounts->rest);
}

bool watch__has_view(const struct watch *watch)
{
	return watch->options->all && !watch->options->common.json &&
	       isatty(fileno(watch->stream)) && isatty(STDIN_FILENO);
}

static int watch__flush(struct watch *watch, int err)
{
	if (!err && fflush(watch->stream))
		err = -errno;
	if (err)
		fprintf(stderr, "harness: cannot write the results: %s\n", strerror(-err));
	return err;
}

static int watch__print_report(struct watch *watch, struct report *report)
{
	int err;

	if (watch->options->common.json)
		err = watch_json__print(watch->stream, report);
	else
		err = watch_table__print(watch->stream, report);
	return watch__flush(watch, err);
}

/* Shows the report in the view; at the end the whole session as a table. */
static int watch__show(struct watch *watch, struct report *report)
{
	struct account *session = &watch->session, **accounts = report->accounts;
	int err = 0;

	session->command = watch->target.command;
	for (size_t i = 0; i < report->count && !err; i++)
		err = account__take_in(session, accounts[i]);
	if (err || !report->last)
		return err ?: watch_view__show(watch->view, report);
	watch_view__close(watch->view);
	watch->view = NULL;
	report->seconds = session->seconds = watch__now() - watch->start;
	account__judge(session, &watch->known);
	report->accounts = &session;
	report->count = 1;
	err = watch__print_report(watch, report);
	report->accounts = accounts;
	return err;
}

static int64_t unix_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

int watch__print_start(struct watch *watch)
{
	const struct report report = {
		.options = watch->options,
		.probes = watch->known.probes,
		.probe_count = watch->known.probe_count,
		.time_unix_us = unix_us(),
	};

	if (!watch->options->common.json || watch->options->interval == 0)
		return 0;
	return watch__flush(watch, watch_json__print_start(watch->stream, &report));
}

int watch__print(struct watch *watch, bool last)
{
	double time = watch__now();
	struct report report = {
		.options = watch->options,
		.known = &watch->known,
		.seconds = time - watch->last,
		.time_unix_us = unix_us(),
		.last = last,
		.command_status = watch->child.ended ? &watch->child.status : NULL,
		.without_row = watch__without_row(watch),
	};
	int err = tracer__lost(watch->tracer, &report.lost);

	if (isatty(fileno(watch->stream)))
		report.screen = screen__of(watch->stream);
	report.accounts = calloc(watch->accounts.count + 1, sizeof(*report.accounts));
	if (!report.accounts && !err)
		err = -ENOMEM;
	if (err) {
		free(report.accounts);
		return err;
	}
	watch__learn(watch);
	report.probes = watch->known.probes;
	report.probe_count = watch->known.probe_count;
	for (size_t i = 0; i < watch->accounts.count; i++) {
		if (!watch__shows(watch, watch->accounts.account[i]))
			continue;
		watch->accounts.account[i]->seconds = report.seconds;
		account__judge(watch->accounts.account[i], &watch->known);
		report.accounts[report.count++] = watch->accounts.account[i];
	}
	qsort(report.accounts, report.count, sizeof(*report.accounts), busiest_first);
	watch->valid = watch->valid && report__valid(&report);
	err = watch->view ? watch__show(watch, &report) : watch__print_report(watch, &report);
	if (!err && last)
		err = watch__judge(watch, &report);
	free(report.accounts);
	watch->last = time;
	watch->intervals++;
	return err;
}

bool report__is_touched(const struct report *report, const struct probe_status *probe)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct remarks *reasons = &report->accounts[i]->ledger.reasons;

		if (!remarks__of(reasons, REMARK_MISSED_EVENTS))
			continue;
		for (size_t j = 0; j < reasons->count; j++)
			if (reasons->remark[j].code == REMARK_MISSED_EVENTS &&
			    !strcmp(remark__word(&reasons->remark[j], "probe"), probe->program))
				return true;
	}
	return !report->count;
}

bool report__valid(const struct report *report)
{
	bool valid = !report->lost;

	for (size_t i = 0; i < report->count; i++)
		valid = valid && report->accounts[i]->ledger.valid;
	for (size_t i = 0; i < report->probe_count && !report->count; i++)
		valid = valid && !probe__missed(&report->probes[i]);
	return valid;
}
