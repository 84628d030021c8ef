// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "output/remarks.h"
#include "output/run_values.h"
#include "output/site_table.h"
#include "output/table.h"

#define SENTENCE 1024

static void add_size(char *text, const struct run_ledger *run)
{
	char size[TEXT_NUMBER];

	text__append(text, SENTENCE, ", messages of %s bytes",
		     text__size(size, run->message_bytes));
}

static void add_threads(char *text, const struct run_ledger *run)
{
	text__append(text, SENTENCE, ", %u thread%s a side", run->threads,
		     run->threads == 1 ? "" : "s");
}

/* What the runs have in common. */
static void print_title(FILE *stream, const struct view *view, const struct results *results)
{
	struct varied varied = results__varied(results);
	const struct run_ledger *run = &results->runs[0];
	char text[SENTENCE];

	snprintf(text, sizeof(text), "path %s", run->path);
	if (!varied.size)
		add_size(text, run);
	if (!varied.threads)
		add_threads(text, run);
	text__append(text, sizeof(text), "%s", run->mode == RUN_RR ? ", each one asked for" : "");
	text__append(text, sizeof(text), "%s", run->verify ? ", every byte verified" : "");
	screen__wrap(stream, &view->screen, 0, 2, text);
	fputc('\n', stream);
}

static bool run__shares_table(const struct run_ledger *a, const struct run_ledger *b)
{
	return a->message_bytes == b->message_bytes && a->threads == b->threads &&
	       a->repeat == b->repeat;
}

static void print_group_title(FILE *stream, const struct screen *screen,
			      const struct run_ledger *run, struct varied varied)
{
	char text[SENTENCE];

	snprintf(text, sizeof(text), "repeat %u", run->repeat);
	if (varied.size)
		add_size(text, run);
	if (varied.threads)
		add_threads(text, run);
	screen__print(stream, screen, COLOUR_BOLD, text);
	fputc('\n', stream);
}

/* The runs, side by side where they differ in their transports only. 0 or a negative errno. */
static int print_runs(FILE *stream, const struct view *view, const struct results *results)
{
	struct varied varied = results__varied(results);
	struct results group = *results;
	size_t next = 0;
	int err = 0;

	while (next < results->run_count && !err) {
		group.runs = results->runs + next;
		group.run_count = 1;
		while (++next < results->run_count &&
		       run__shares_table(group.runs, &results->runs[next]))
			group.run_count++;
		if (varied__any(varied))
			print_group_title(stream, &view->screen, group.runs, varied);
		err = site_table__print(stream, &view->screen, &group);
		fputc('\n', stream);
	}
	if (!err)
		site_table__print_legend(stream, &view->screen, results);
	return err;
}

static void print_not_run(FILE *stream, const struct view *view, const struct results *results)
{
	char text[SENTENCE];

	if (results->complete || view->runs_done >= view->run_total)
		return;
	snprintf(text, sizeof(text),
		 "%zu of %zu runs are complete; the others were not run, and nothing above is of "
		 "them",
		 view->runs_done, view->run_total);
	screen__wrap(stream, &view->screen, 0, 2, text);
}

void table__print_next(FILE *stream, const struct view *view, const struct results *results)
{
	const struct screen *screen = &view->screen;
	char text[SENTENCE];

	print_not_run(stream, view, results);
	if (!view->kept)
		snprintf(text, sizeof(text),
			 "next: --json for every number; `harness doctor` for what this kernel "
			 "allows; --out DIR, then `harness report DIR`, for pictures");
	else if (!results->complete)
		snprintf(text, sizeof(text), "next: `harness --resume %s` runs what is missing",
			 view->kept);
	else
		snprintf(text, sizeof(text),
			 "next: `harness report %s` for pictures; every number is in "
			 "%s/runs.jsonl; `harness doctor` for what this kernel allows",
			 view->kept, view->kept);
	fputc('\n', stream);
	screen__wrap(stream, screen, 0, 2, text);
}

static void print_earlier(FILE *stream, const struct view *view)
{
	char text[SENTENCE];

	if (!view->runs_earlier)
		return;
	snprintf(text, sizeof(text), "not shown: %zu run%s of earlier sessions, in %s/results.csv",
		 view->runs_earlier, view->runs_earlier == 1 ? "" : "s", view->kept);
	screen__wrap(stream, &view->screen, 0, 2, text);
}

int table__print(FILE *stream, const struct view *view, const struct results *results)
{
	int err = 0;

	if (results->run_count) {
		print_title(stream, view, results);
		answer__print(stream, &view->screen, results, &view->asked);
		if (results->runs[0].traced & TRACE_COPIES)
			fputc('\n', stream);
		err = print_runs(stream, view, results);
		remarks__print_not_counted(stream, &view->screen, results);
		remarks__print(stream, &view->screen, results);
	}
	print_earlier(stream, view);
	if (results->run_count || view->kept)
		table__print_next(stream, view, results);
	return err ?: fflush(stream) || ferror(stream) ? -EIO : 0;
}
