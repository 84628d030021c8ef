// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "net/path_links.h"
#include "output/json.h"
#include "run/grid.h"
#include "run/session_parts.h"

void session__show_run(void *context, const struct run_spec *spec, unsigned int try)
{
	char size[TEXT_NUMBER], end[TEXT_NUMBER + 16], left[TEXT_NUMBER], again[TEXT_NUMBER] = "";
	const struct session *session = context;

	if (spec->messages)
		snprintf(end, sizeof(end), "%llu messages", (unsigned long long)spec->messages);
	else
		snprintf(end, sizeof(end), "%g s", spec->seconds);
	if (try > 1)
		snprintf(again, sizeof(again), ", try %u", try);
	progress__show(
		&session->progress, "run %zu of %zu%s%s: %s, %s, %u thread%s, %s",
		session->runs_done + 1, session->run_total,
		progress__left(&session->progress, session->runs_done, session->run_total, left),
		again, spec->transport->name, text__size(size, spec->message_bytes), spec->threads,
		spec->threads == 1 ? "" : "s", end);
}

/* Room for one more ledger, all zero. */
static struct run_ledger *results__next(struct results *results)
{
	struct run_ledger *runs;

	runs = reallocarray(results->runs, results->run_count + 1, sizeof(*runs));
	if (!runs)
		return NULL;
	results->runs = runs;
	runs += results->run_count;
	memset(runs, 0, sizeof(*runs));
	return runs;
}

/* The JSON of a run that an earlier session made; NULL: this session has to make it. */
static const json_t *session__kept_run(const struct session *session, const struct plan_run *run)
{
	json_t *each;
	size_t i;

	if (!session->archive)
		return NULL;
	json_array_foreach (session->archive->runs, i, each)
		if (json__is_of(each, run->transport->name, run->message_bytes, run->threads) &&
		    json_integer_value(json__at(each, "repeat")) == run->repeat &&
		    json__is_traced(each) == !!run->traced)
			return each;
	return NULL;
}

static int session__run_one(struct session *session, const struct plan_run *run)
{
	struct run_ledger *ledger = results__next(&session->results);
	struct measure *measure = &session->measure;
	struct run_spec spec;
	int err;

	if (!ledger)
		return -ENOMEM;
	if (!run->traced)
		measure__detach(measure);
	err = run->traced ? measure__attach(measure) : 0;
	if (err)
		return err;
	spec = measure__spec(measure, run->transport, run->message_bytes, run->threads);
	if (!session->progress.start_ns)
		progress__start(&session->progress, session->runs_done);
	session__show_run(session, &spec, 1);
	err = measure__warm_up(measure, &spec);
	if (err)
		return err;
	ledger->path = session->options->path.name;
	ledger->combination = run->combination;
	ledger->repeat = run->repeat;
	ledger->sequence = session->runs_done + 1;
	ledger->traced = run->traced ? session->options->traced : TRACE_NONE;
	if (ledger->traced & TRACE_COPIES)
		ledger->xdp = path__xdp_copies(&session->path);
	err = measure__run(measure, &spec, ledger);
	if (err && err != -ECANCELED)
		path__complain_of_links(&session->path);
	if (err)
		return err;
	session->results.run_count++;
	return session->archive ? archive__add(session->archive, json__run(ledger)) : 0;
}

static int session__make_run(void *context, const struct plan_run *run, double *throughput)
{
	struct session *session = context;
	const struct results *results = &session->results;
	const json_t *kept = session__kept_run(session, run);
	int err = 0;

	if (kept) {
		*throughput = json_number_value(json__at(kept, "throughput_gbps"));
	} else {
		err = session__run_one(session, run);
		if (!err)
			*throughput = results->runs[results->run_count - 1].throughput_gbps;
	}
	if (!err && ++session->runs_done > session->run_total)
		session->run_total = session->runs_done;
	return err;
}

/* Sorts runs in the order of the lists, not in the order in which they were made. */
static int run_ledger__compare(const void *left, const void *right)
{
	const struct run_ledger *a = left, *b = right;

	if (a->repeat != b->repeat)
		return a->repeat < b->repeat ? -1 : 1;
	if (a->combination != b->combination)
		return a->combination < b->combination ? -1 : 1;
	return !a->traced - !b->traced;
}

/* The first failure ends the runs, because the next ones would most likely fail too. */
int session__run_grid(struct session *session)
{
	struct results *results = &session->results;
	int err;

	err = grid__run(session->options, session__make_run, session);
	if (results->run_count)
		qsort(results->runs, results->run_count, sizeof(*results->runs),
		      run_ledger__compare);
	results->complete = !err;
	return err;
}
