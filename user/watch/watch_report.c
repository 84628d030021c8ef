// SPDX-License-Identifier: GPL-2.0
/* Makes a report: which accounts are in it, and where it is printed. */
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

/* The account of everything is always shown; of the others, those that moved a byte. */
static bool watch__shows(const struct watch *watch, const struct account *account)
{
	if (watch->options->by == BY_NOTHING)
		return account == watch->accounts.together;
	return account__bytes(account) || account->ledger.causes.count;
}

/* Lines of a view beside the rows: title, heads, what is invalid. */
#define BESIDE 10

bool watch__view_size(const struct watch *watch, struct winsize *size)
{
	return watch->options->all && !watch->options->common.json &&
	       isatty(fileno(watch->stream)) && !ioctl(fileno(watch->stream), TIOCGWINSZ, size) &&
	       size->ws_row > BESIDE + 1;
}

static int watch__print_report(struct watch *watch, struct report *report)
{
	int err;

	if (report->lines) /* a view that renews itself */
		fputs("\033[H\033[2J", watch->stream);
	if (watch->options->common.json)
		err = watch_json__print(watch->stream, report);
	else
		err = watch_table__print(watch->stream, report);
	if (!err && fflush(watch->stream))
		err = -EIO;
	if (err)
		fprintf(stderr, "harness: cannot write the results\n");
	return err;
}

static int64_t unix_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

/* The only row of a whole watch. */
static void watch__judge(struct watch *watch, const struct report *report)
{
	for (size_t i = 0; i < report->count && watch->options->expect.count; i++) {
		json_t *row = watch_json__row(report->accounts[i], report);

		watch->unmet += expectations__broken(&watch->options->expect, row, stderr);
		json_decref(row);
	}
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
		.shared = watch->options->by == BY_NOTHING
				  ? 0
				  : account__bytes(watch->accounts.together),
	};
	int err = tracer__lost(watch->tracer, &report.lost);
	struct winsize size;

	if (isatty(fileno(watch->stream)))
		report.screen = screen__of(watch->stream);
	if (watch__view_size(watch, &size))
		report.lines = size.ws_row - BESIDE;
	report.accounts = calloc(watch->accounts.count + 1, sizeof(*report.accounts));
	if (!report.accounts && !err)
		err = -ENOMEM;
	if (err) {
		free(report.accounts);
		return err;
	}
	known__learn(&watch->known, watch->tracer);
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
	err = watch__print_report(watch, &report);
	if (last)
		watch__judge(watch, &report);
	free(report.accounts);
	watch->last = time;
	watch->intervals++;
	return err;
}

bool report__is_touched(const struct report *report)
{
	for (size_t i = 0; i < report->count; i++)
		if (remarks__of(&report->accounts[i]->ledger.reasons, REMARK_MISSED_EVENTS))
			return true;
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
