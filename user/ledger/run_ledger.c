// SPDX-License-Identifier: GPL-2.0
#include "ledger/run_ledger.h"

#include <string.h>

#include "ledger/copy_times.h"

/* Takes the program's own numbers, traced or not. */
static void run__take_report(struct run_ledger *run, const struct run_spec *spec,
			     const struct run_result *result)
{
	run->transport = spec->transport->name;
	run->mode = spec->mode;
	run->message_bytes = spec->message_bytes;
	run->threads = spec->threads;
	run->cores = spec->pinned ? 1 : spec->cores;
	run->verify = spec->verify;
	run->pinned = spec->pinned;
	memcpy(run->cpu, spec->cpu, sizeof(run->cpu));
	run->result = *result;
	if (result->seconds > 0)
		run->throughput_gbps = result->received_bytes * 8 / result->seconds / 1e9;
	if (result->latency.count)
		run->latency_mean_us = 1e-3 * result->latency.mean;
	else if (result->received_messages)
		run->latency_mean_us =
			result->seconds * 1e6 * spec->threads / result->received_messages;
}

/* The results of tcp_sendmsg and tcp_recvmsg for the payload, without requests. */
static struct counted run__counted(const struct run_ledger *run, const struct observed *observed)
{
	const struct send_counts *sent = &run->result.sent;
	uint64_t received = run->result.received_bytes;

	return (struct counted){
		.known = &observed->known,
		.tally = {&observed->counts[SENDER].tally, &observed->counts[RECEIVER].tally},
		.times = {&observed->counts[SENDER].times, &observed->counts[RECEIVER].times},
		.seconds = run->result.seconds,
		.side = {{true, sent->payload_bytes, sent->payload_bytes},
			 {true, received, received}},
		.own_copies_known = true,
		.own_copies = {sent->copied_bytes, sent->copies},
		.completed = {.known = true,
			      .complete = sent->completions_received == sent->completions_expected,
			      .all = sent->completions_received,
			      .copied = sent->completions_copied},
		.traced = run->traced,
		.stream = true,
		.xdp = run->xdp,
	};
}

bool witness__agrees(const struct witness *witness)
{
	return witness->tcp_known && witness->counted_known &&
	       witness->tcp_bytes == witness->counted_bytes;
}

bool witness__disagrees(const struct witness *witness)
{
	return witness->tcp_known && witness->counted_known &&
	       witness->tcp_bytes != witness->counted_bytes;
}

static void run__compute_witness(struct run_ledger *run, enum side side)
{
	const struct tcp_count *tcp = &run->result.tcp[side];
	struct witness *witness = &run->witness[side];

	*witness = (struct witness){
		.tcp_known = tcp->connections && tcp->connections == run->threads,
		.tcp_bytes = tcp->bytes,
		.counted_known = run->ledger.residual[side].known,
	};
	for (int site = 0; site < SITE_COUNT && witness->counted_known; site++)
		if (sites[site].part && sites[site].side == side)
			witness->counted_bytes += run->ledger.site[site].bytes;
}

/*
 * Compares requests with their copies. Requests go from receiver to sender, so their copies are at
 * sites of the other side, which have no payload.
 */
static void run__compute_requests(struct run_ledger *run, const struct observed *observed)
{
	static const enum site into[SIDE_COUNT] = {SITE_RECEIVE_COPY, SITE_SEND_COPY};

	for (int side = 0; side < SIDE_COUNT && run->mode == RUN_RR; side++) {
		const struct counter *copied = &observed->counts[side].tally.site[into[side]];

		run->request_residual[side].known =
			observed->known.evidence[into[side]] != EVIDENCE_UNAVAILABLE;
		if (run->request_residual[side].known)
			run->request_residual[side].value =
				(double)run->result.requests[side].bytes - copied->bytes;
	}
}

static void run__judge_report(struct run_ledger *run)
{
	const struct send_counts *sent = &run->result.sent;
	const struct request_counts *requests = run->result.requests;

	if (sent->payload_bytes != run->result.received_bytes)
		ledger__invalidate(&run->ledger, REMARK_BYTES_DISAGREE,
				   VALUES(WHOLE("sent", sent->payload_bytes),
					  WHOLE("received", run->result.received_bytes)));
	if (sent->completions_expected != sent->completions_received)
		ledger__invalidate(&run->ledger, REMARK_COMPLETIONS_MISSING,
				   VALUES(WHOLE("expected", sent->completions_expected),
					  WHOLE("received", sent->completions_received)));
	if (requests[SENDER].bytes != requests[RECEIVER].bytes ||
	    (run->mode == RUN_RR && requests[RECEIVER].requests != run->result.received_messages))
		ledger__invalidate(&run->ledger, REMARK_REQUESTS_UNANSWERED,
				   VALUES(WHOLE("asked", requests[RECEIVER].requests),
					  WHOLE("answered", run->result.received_messages)));
}

static void run__judge_sides(struct run_ledger *run)
{
	for (int side = 0; side < SIDE_COUNT; side++) {
		const struct maybe *requests = &run->request_residual[side];
		const struct witness *witness = &run->witness[side];

		if (witness__disagrees(witness))
			ledger__invalidate(&run->ledger, REMARK_WITNESS_DISAGREES,
					   VALUES(WORD("side", side == SENDER ? "send" : "receive"),
						  WHOLE("tcp_bytes", witness->tcp_bytes),
						  WHOLE("counted_bytes", witness->counted_bytes)));
		if (requests->known && requests->value != 0)
			ledger__invalidate(&run->ledger, REMARK_REQUEST_RESIDUAL_NOT_ZERO,
					   VALUES(WORD("side", side_names[side]),
						  WHOLE("bytes", requests->value)));
	}
}

/*
 * Each byte that TCP sent, retransmits included, must be seen at a device or be dropped before it.
 * Else no program ran for it: some kernels run no BPF program in a task, nor in a softirq on top of
 * it, and count no miss.
 */
static void run__judge_departures(struct run_ledger *run, const struct tally *sender)
{
	uint64_t seen = tally__departed(sender), sent = run->result.sent.tcp_bytes;

	if (seen < sent)
		ledger__invalidate(&run->ledger, REMARK_DEPARTURES_UNSEEN,
				   VALUES(WHOLE("bytes", sent - seen)));
}

static void run__judge_delivery(struct run_ledger *run, const struct tally *sender)
{
	uint64_t undelivered = ledger__undelivered(&run->ledger, sender);

	if (undelivered)
		ledger__invalidate(&run->ledger, REMARK_DELIVERY_UNSEEN,
				   VALUES(WHOLE("bytes", undelivered)));
}

/*
 * Payload in the linear area was copied there. If transmit_copy is counted by other probes, this is
 * a second witness. Up to as many bytes as were sent again may be there for another reason: older
 * kernels copied small packets together for a retransmit (tcp_collapse_retrans).
 */
static void run__judge_linear(struct run_ledger *run, const struct tally *sender)
{
	uint64_t linear = sender->extra[EXTRA_LEFT_LINEAR].bytes;
	uint64_t found =
		run->ledger.site[SITE_TRANSMIT_COPY].bytes + sender->extra[EXTRA_RETRANSMIT].bytes;

	if (ledger__knows(&run->ledger, SITE_TRANSMIT_COPY) && found < linear)
		ledger__invalidate(&run->ledger, REMARK_LINEAR_UNSEEN,
				   VALUES(WHOLE("bytes", linear - found)));
}

/*
 * Judges what passed from sender to receiver. All connections have ended, so no byte is under way.
 */
static void run__judge_passage(struct run_ledger *run, const struct observed *observed)
{
	const struct tally *sender = &observed->counts[SENDER].tally;

	if (!(run->traced & TRACE_COPIES))
		return;
	if (!observed->known.departures) {
		ledger__note(&run->ledger, REMARK_DEPARTURES_UNKNOWN, NO_VALUES);
		return;
	}
	run__judge_departures(run, sender);
	run__judge_delivery(run, sender);
	run__judge_linear(run, sender);
}

void run_ledger__compose(struct run_ledger *run, const struct run_spec *spec,
			 const struct run_result *result, struct observed *observed)
{
	struct observed nothing = {};
	struct counted counted;

	if (!observed) {
		known__nothing(&nothing.known);
		observed = &nothing;
	}
	run__take_report(run, spec, result);
	counted = run__counted(run, observed);
	run->ledger.valid = true;
	run->ledger.causes = observed->counts[SENDER].causes;
	observed->counts[SENDER].causes = (struct causes){};
	ledger__compose(&run->ledger, &counted);
	for (int side = 0; side < SIDE_COUNT; side++)
		run__compute_witness(run, side);
	run__compute_requests(run, observed);
	run__judge_report(run);
	if (observed != &nothing) {
		ledger__judge(&run->ledger, &counted);
		run__judge_sides(run);
		run__judge_passage(run, observed);
	}
	ledger__add_notes(&run->ledger, &counted);
	ledger__note_times_unavailable(&run->ledger, &observed->known);
	run_ledger__add_notes(run);
}

void run_ledger__free(struct run_ledger *run)
{
	ledger__free(&run->ledger);
	memset(run, 0, sizeof(*run));
}
