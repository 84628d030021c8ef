/* SPDX-License-Identifier: GPL-2.0 */
/* Runs made up for tests: a million bytes, in ten messages, with all numbers as they should be. */
#ifndef HARNESS_TEST_EXAMPLE_H
#define HARNESS_TEST_EXAMPLE_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/run_ledger.h"
#include "traffic/transport.h"

#define EXAMPLE_BYTES	 1000000
#define EXAMPLE_MESSAGES 10
#define EXAMPLE_CAUSES	 4

struct example {
	struct run_spec spec;
	struct run_result result;
	struct observed observed;
	struct probe_status probes[8];
	struct cause causes[EXAMPLE_CAUSES]; /* handed to the ledger as a copy */
	size_t cause_count;
	unsigned int traced;
	unsigned int repeat;
};

static inline struct counter *example__site(struct example *example, enum site site)
{
	return &example->observed.counts[sites[site].side].tally.site[site];
}

static inline struct counter *example__extra(struct example *example, enum extra extra)
{
	return &example->observed.counts[SENDER].tally.extra[extra];
}

static inline void example__init(struct example *example, const struct transport *transport)
{
	bool pins = transport == &zero_copy, packs = transport == &two_copy;
	const struct counter all = {.bytes = EXAMPLE_BYTES, .calls = EXAMPLE_MESSAGES};

	memset(example, 0, sizeof(*example));
	example->traced = TRACE_COPIES | TRACE_SCHED;
	example->repeat = 1;
	example->spec = (struct run_spec){
		.transport = transport, .message_bytes = 100000, .threads = 1, .messages = 10};
	example->result = (struct run_result){
		.seconds = 0.5,
		.sent = {.messages = EXAMPLE_MESSAGES,
			 .payload_bytes = EXAMPLE_BYTES,
			 .calls = EXAMPLE_MESSAGES,
			 .copied_bytes = packs ? EXAMPLE_BYTES : 0,
			 .copies = packs ? 8 * EXAMPLE_MESSAGES : 0,
			 .completions_expected = pins ? EXAMPLE_MESSAGES : 0,
			 .completions_received = pins ? EXAMPLE_MESSAGES : 0,
			 .completions_copied = pins ? EXAMPLE_MESSAGES : 0,
			 .tcp_bytes = EXAMPLE_BYTES},
		.received_bytes = EXAMPLE_BYTES,
		.received_messages = EXAMPLE_MESSAGES,
		.receive_calls = 17,
		.cpu_seconds = {0.25, 0.5},
	};
	example->observed.known.received = true;
	example->observed.known.completions = true;
	example->observed.known.switches = true;
	example->observed.known.activities = true;
	example->observed.known.retransmits = true;
	example->observed.known.pin_attempts = true;
	example->observed.known.departures = true;
	*example__extra(example, EXTRA_LEFT) = all;
	*example__site(example, pins ? SITE_SEND_PIN : SITE_SEND_COPY) = all;
	*example__site(example, SITE_RECEIVE_COPY) = all;
	if (pins) {
		*example__site(example, SITE_DEFERRED_COPY) = all;
		*example__extra(example, EXTRA_PIN_ATTEMPTED) = all;
		*example__extra(example, EXTRA_LEFT_PINNED) = all;
		example->causes[0] = (struct cause){
			"local delivery", "ip_local_deliver_finish", "lo", SITE_DEFERRED_COPY,
			EXAMPLE_BYTES,	  EXAMPLE_MESSAGES};
		example->cause_count = 1;
	}
}

/* The same messages asked for one by one, by 10 requests of one byte. */
static inline void example__ask(struct example *example)
{
	const struct counter requests = {.bytes = EXAMPLE_MESSAGES, .calls = EXAMPLE_MESSAGES};

	example->spec.mode = RUN_RR;
	for (int side = 0; side < SIDE_COUNT; side++)
		example->result.requests[side] = (struct request_counts){
			.requests = EXAMPLE_MESSAGES, .bytes = EXAMPLE_MESSAGES};
	example->result.latency = (struct latency){
		.count = EXAMPLE_MESSAGES,
		.mean = 40500,
		.p50 = 40000,
		.p90 = 50000,
		.p99 = 60000,
		.p999 = 70000,
		.max = 80500,
	};
	/* on the other sides of these sites */
	example->observed.counts[RECEIVER].tally.site[SITE_SEND_COPY] = requests;
	example->observed.counts[SENDER].tally.site[SITE_RECEIVE_COPY] = requests;
}

/* A probe that could not attach, and with it the site. SITE_COUNT: it serves none. */
static inline void example__refuse(struct example *example, const char *function, enum site site)
{
	struct probe_status *probe = &example->probes[example->observed.known.probe_count++];

	*probe = (struct probe_status){.program = "program",
				       .function = function,
				       .attach = ATTACH_FENTRY,
				       .state = PROBE_REFUSED,
				       .sites = site < SITE_COUNT ? 1u << site : 0,
				       .refusal = {REFUSAL_BY_KERNEL, -EPERM, "fentry/fexit"},
				       .why = "not permitted"};
	if (site < SITE_COUNT)
		example->observed.known.evidence[site] = EVIDENCE_UNAVAILABLE;
}

static inline void example__compose(struct example *example, struct run_ledger *run)
{
	struct side_counts *sender = &example->observed.counts[SENDER];

	sender->causes.cause = malloc(sizeof(example->causes));
	memcpy(sender->causes.cause, example->causes, sizeof(example->causes));
	sender->causes.count = example->cause_count;
	/* their bytes are in no tally */
	for (size_t i = 0; i < example->cause_count; i++)
		sender->tally.site[example->causes[i].site].bytes -= example->causes[i].bytes;
	example->observed.known.probes = example->probes;
	memset(run, 0, sizeof(*run));
	run->path = "lo";
	run->repeat = example->repeat;
	run->traced = example->traced;
	run_ledger__compose(run, &example->spec, &example->result,
			    example->traced ? &example->observed : NULL);
	causes__free(&sender->causes); /* empty once moved */
	for (size_t i = 0; i < example->cause_count; i++)
		sender->tally.site[example->causes[i].site].bytes += example->causes[i].bytes;
}

#endif
