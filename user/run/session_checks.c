// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "run/proof_run.h"
#include "run/session_parts.h"
#include "traffic/memory.h"

static int memory__complain(const struct run_spec *spec, uint64_t available)
{
	const double gib = 1 << 30;
	char size[TEXT_NUMBER];

	fprintf(stderr,
		"harness: %s, %u thread%s and messages of %s bytes need %.1f GiB of memory, and "
		"%.1f GiB are available; use fewer threads or smaller messages\n",
		spec->transport->name, spec->threads, spec->threads == 1 ? "" : "s",
		text__size(size, spec->message_bytes), memory__needed(spec) / gib, available / gib);
	return -ENOMEM;
}

/* Checks that each run fits the memory, before the first run starts. */
int session__check_memory(const struct session *session)
{
	const struct options *options = session->options;
	uint64_t available = memory__available("");

	for (size_t t = 0; t < options->threads.count; t++)
		for (size_t s = 0; s < options->sizes.count; s++)
			for (size_t i = 0; i < options->transport_count; i++) {
				struct run_spec spec = measure__spec(
					&session->measure, options->transport[i],
					options->sizes.value[s], options->threads.value[t]);

				if (memory__needed(&spec) > available)
					return memory__complain(&spec, available);
			}
	return 0;
}

int session__prove(struct session *session)
{
	const struct options *options = session->options;
	struct results *results = &session->results;
	int err;

	if (!options->prove || !(options->traced & TRACE_COPIES))
		return 0;
	results->proofs = calloc(options->transport_count, sizeof(*results->proofs));
	if (!results->proofs)
		return -ENOMEM;
	results->proof_count = options->transport_count;
	progress__show(&session->progress, "proving");
	measure__detach(&session->measure);
	err = proof__make(&session->measure, results->proofs);
	return err ?: measure__attach(&session->measure);
}

/*
 * After the timed runs: detaching a uprobe takes grace periods (uprobe_unregister_sync), a tenth of
 * a second.
 */
int session__check_memcpy(struct session *session, int ended)
{
	const struct options *options = session->options;
	struct results *results = &session->results;
	int err, uprobe;

	if (!(options->traced & TRACE_COPIES))
		return ended;
	results->checks = calloc(options->transport_count, sizeof(*results->checks));
	if (!results->checks)
		return -ENOMEM;
	for (size_t i = 0; i < options->transport_count; i++)
		results->checks[i] = (struct memcpy_check){.transport = options->transport[i]->name,
							   .error = -ECANCELED};
	results->check_count = options->transport_count;
	if (ended)
		return ended;
	/* the last run may have been a baseline run */
	err = measure__attach(&session->measure);
	if (err)
		return err;
	uprobe = measure__watch_memcpy(&session->measure);
	for (size_t i = 0; i < options->transport_count && !err; i++) {
		struct memcpy_check *check = &results->checks[i];

		progress__show(&session->progress, "checking the memcpy count of %s",
			       options->transport[i]->name);
		check->error = uprobe;
		if (!uprobe)
			err = measure__check_memcpy(&session->measure, options->transport[i],
						    check);
		check->error = check->error ?: err;
	}
	if (!uprobe)
		measure__unwatch_memcpy(&session->measure);
	return err;
}
