// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output/json.h"
#include "output/table.h"
#include "run/combinations.h"
#include "run/session_screen.h"

/*
 * Merges each baseline run into the column of its traced run: the counts are the traced run's, the
 * speed is the baseline run's. A baseline run whose traced run was interrupted, or made by an
 * earlier session, has no column. The ledgers stay those of `results`. NULL without memory.
 */
static struct run_ledger *results__merge_baselines(const struct results *results, bool traced,
						   size_t *count)
{
	struct run_ledger *runs = calloc(results->run_count + 1, sizeof(*runs));

	*count = 0;
	for (size_t i = 0; runs && i < results->run_count; i++) {
		const struct run_ledger *run = &results->runs[i];
		struct run_ledger *last = *count ? &runs[*count - 1] : NULL;

		if (last && last->traced && !run->traced && last->repeat == run->repeat &&
		    last->combination == run->combination)
			last->baseline_gbps = (struct maybe){true, run->throughput_gbps};
		else if (run->traced || !traced)
			runs[(*count)++] = *run;
	}
	return runs;
}

/* All runs as JSON, those of earlier sessions included; new. */
static json_t *session_screen__runs(const struct session_screen *session)
{
	json_t *runs;

	if (session->archive)
		return json_incref(session->archive->runs);
	runs = json_array();
	for (size_t i = 0; i < session->results->run_count; i++)
		json_array_append_new(runs, json__run(&session->results->runs[i]));
	return runs;
}

static bool runs__have(const json_t *runs, const char *transport)
{
	json_t *run;
	size_t i;

	json_array_foreach (runs, i, run)
		if (!strcmp(json_string_value(json__at(run, "transport")) ?: "", transport))
			return true;
	return false;
}

/* Transports without a run, in this session or an earlier one. Returns how many. */
static size_t session_screen__missing(const struct options *options, const json_t *runs,
				      const struct transport **missing)
{
	size_t count = 0;

	for (size_t i = 0; i < options->transport_count; i++)
		if (!runs__have(runs, options->transport[i]->name))
			missing[count++] = options->transport[i];
	return count;
}

int session_screen__print(const struct session_screen *session, FILE *stream)
{
	const struct transport *missing[LIST_MAX];
	const struct options *options = session->options;
	struct results shown = *session->results;
	json_t *runs = session_screen__runs(session);
	struct view view = {
		.screen = screen__of(stream),
		.asked = {missing, session_screen__missing(options, runs, missing)},
		.run_total = session->run_total,
		.runs_done = session->runs_done,
		.runs_earlier = json_array_size(runs) - session->results->run_count,
		.kept = session->archive ? session->archive->name : NULL,
	};
	int err = -ENOMEM;

	shown.runs = results__merge_baselines(session->results, options->traced, &shown.run_count);
	if (shown.runs)
		err = combinations__several(options) && !options->rows
			      ? combinations__print(stream, &view, options, runs, &shown)
			      : table__print(stream, &view, &shown);
	free(shown.runs);
	json_decref(runs);
	return err;
}
