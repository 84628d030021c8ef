/* SPDX-License-Identifier: GPL-2.0 */
/* All results of a session, as the table and the JSON document show them. */
#ifndef HARNESS_RESULTS_H
#define HARNESS_RESULTS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ledger/proof.h"
#include "ledger/run_ledger.h"

/* A transport's own count of its memcpy against that of a uprobe, in a short run of its own. */
struct memcpy_check {
	const char *transport; /* static */
	int error; /* negative errno; the rest then means nothing. -ECANCELED: the runs ended before
		      the check; else the uprobe could not count */
	struct counter self_reported;
	struct counter uprobe;
};

static inline bool memcpy_check__equal(const struct memcpy_check *check)
{
	return check->self_reported.bytes == check->uprobe.bytes &&
	       check->self_reported.calls == check->uprobe.calls;
}

/* Static, or valid as long as the result of strerror(). */
static inline const char *memcpy_check__why_not(const struct memcpy_check *check)
{
	if (check->error == -EACCES || check->error == -EPERM)
		return "not permitted (CAP_SYS_ADMIN)"; /* perf_uprobe_event_init() */
	return check->error == -ECANCELED ? "the runs ended before it" : strerror(-check->error);
}

static inline const char *memcpy_check__code(const struct memcpy_check *check)
{
	if (check->error == -EACCES || check->error == -EPERM)
		return "not_permitted";
	return check->error == -ECANCELED ? "runs_ended" : "uprobe_failed";
}

struct results {
	struct run_ledger *runs;
	size_t run_count;
	struct memcpy_check *checks;
	size_t check_count;
	struct proof *proofs; /* of --prove, one a transport */
	size_t proof_count;
	const struct probe_status *probes; /* the tracer's */
	size_t probe_count;
	bool complete; /* every requested run is here */
};

#endif
