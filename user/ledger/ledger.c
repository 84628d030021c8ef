// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"
#include "ledger/notes.h"
#include "base/text.h"

#define WHY 512

static bool available(const struct ledger *ledger, enum site site)
{
	return ledger->site[site].evidence != EVIDENCE_UNAVAILABLE;
}

static void sentence__add(char *sentences[REASONS_MAX], size_t *count, const char *format,
			  va_list args)
{
	if (*count < REASONS_MAX && vasprintf(&sentences[*count], format, args) >= 0)
		(*count)++;
}

void ledger__note(struct ledger *ledger, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	sentence__add(ledger->notes, &ledger->note_count, format, args);
	va_end(args);
}

static void __attribute__((format(printf, 2, 3)))
ledger__invalidate(struct ledger *ledger, const char *format, ...)
{
	va_list args;

	ledger->valid = false;
	va_start(args, format);
	sentence__add(ledger->reasons, &ledger->reason_count, format, args);
	va_end(args);
}

/* fentry and fexit of one function fail alike: once is enough. */
static bool already_said(const struct probe_status *probes, size_t index, enum site site)
{
	for (size_t i = 0; i < index; i++)
		if (probes[i].state == PROBE_REFUSED && probes[i].sites & 1u << site &&
		    !strcmp(probes[i].function, probes[index].function))
			return true;
	return false;
}

void probes__why(const struct probe_status *probes, size_t count, enum site site, char *text,
		 size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		if (probes[i].state != PROBE_REFUSED || !(probes[i].sites & 1u << site) ||
		    already_said(probes, i, site))
			continue;
		text__append(text, size, "%s%s: %s", *text ? "; " : "", probes[i].function,
			     probes[i].why);
	}
	if (!*text)
		text__append(text, size, "no probe counts this");
}

void probes__why_no_switches(const struct probe_status *probes, size_t count, char *text,
			     size_t size)
{
	snprintf(text, size, "no probe counts them");
	for (size_t i = 0; i < count; i++)
		if (probes[i].state == PROBE_REFUSED && !strcmp(probes[i].function, "sched_switch"))
			snprintf(text, size, "%s: %s", probes[i].function, probes[i].why);
}

/* What the program itself knows, traced or not. */
static void ledger__take_report(struct ledger *ledger, const struct run_spec *spec,
				const struct run_result *result)
{
	ledger->transport = spec->transport->name;
	ledger->mode = spec->mode;
	ledger->message_bytes = spec->message_bytes;
	ledger->threads = spec->threads;
	ledger->cores = spec->pinned ? 1 : spec->cores;
	ledger->verify = spec->verify;
	ledger->pinned = spec->pinned;
	memcpy(ledger->cpu, spec->cpu, sizeof(ledger->cpu));
	ledger->result = *result;
	if (result->seconds > 0)
		ledger->throughput_gbps = result->received_bytes * 8 / result->seconds / 1e9;
	if (result->latency.count)
		ledger->latency_mean_us = 1e-3 * result->latency.mean;
	else if (result->received_messages)
		ledger->latency_mean_us =
			result->seconds * 1e6 * spec->threads / result->received_messages;
	for (int site = 0; site < SITE_COUNT; site++)
		ledger->site[site] = (struct site_value){.evidence = EVIDENCE_UNAVAILABLE};
	ledger->site[SITE_USER_MEMCPY] = (struct site_value){
		.evidence = EVIDENCE_SELF_REPORTED,
		.bytes = result->sent.copied_bytes,
		.calls = result->sent.copies,
	};
}

static void ledger__take_sites(struct ledger *ledger, const struct observed *observed)
{
	for (int site = 0; site < SITE_COUNT; site++) {
		const struct counter *counter =
			&observed->counts[sites[site].side].tally.site[site];

		/* a uprobe may count it too, but not in a timed run */
		if (site == SITE_USER_MEMCPY || observed->evidence[site] == EVIDENCE_UNAVAILABLE)
			continue;
		ledger->site[site] = (struct site_value){
			.evidence = observed->evidence[site],
			.bytes = counter->bytes,
			.calls = counter->calls,
		};
	}
}

static void ledger__take_observed(struct ledger *ledger, struct observed *observed)
{
	const struct tally *sender = &observed->counts[SENDER].tally;
	const struct tally *receiver = &observed->counts[RECEIVER].tally;

	ledger__take_sites(ledger, observed);
	ledger->causes = observed->counts[SENDER].causes;
	observed->counts[SENDER].causes = (struct causes){};
	causes__sort(&ledger->causes);
	for (size_t i = 0; i < ledger->causes.count; i++) {
		const struct cause *cause = &ledger->causes.cause[i];

		ledger->site[cause->site].bytes += cause->bytes;
		ledger->site[cause->site].calls += cause->calls;
	}

	ledger->retransmit_known = observed->retransmit_known;
	ledger->retransmit_bytes = sender->extra[EXTRA_RETRANSMIT].bytes;
	ledger->retransmit_segments = sender->extra[EXTRA_RETRANSMIT].calls;
	ledger->pin_attempted.known = observed->pin_attempted_known;
	ledger->pin_attempted.value = sender->extra[EXTRA_PIN_ATTEMPTED].bytes;
	ledger->collapsed.known = ledger->site[SITE_RECEIVE_COPY].evidence != EVIDENCE_UNAVAILABLE;
	ledger->collapsed.value = receiver->extra[EXTRA_COLLAPSED].bytes;

	for (int side = 0; side < SIDE_COUNT; side++) {
		const struct tally *tally = &observed->counts[side].tally;
		struct switches *switches = &ledger->switches[side];

		switches->known = observed->switches_known;
		switches->blocked_known = observed->switches_known && observed->activities_known;
		switches->involuntary = tally->involuntary;
		for (int doing = 0; doing < DOING_COUNT; doing++) {
			switches->blocked_in[doing] = tally->voluntary[doing];
			switches->voluntary += tally->voluntary[doing];
		}
	}
}

static void ledger__compute_copies(struct ledger *ledger)
{
	uint64_t copied = 0;

	ledger->copies_evidence = EVIDENCE_EXACT;
	for (int site = 0; site < SITE_COUNT; site++) {
		if (!sites[site].cpu_copy)
			continue;
		copied += ledger->site[site].bytes;
		if (ledger->site[site].evidence > ledger->copies_evidence)
			ledger->copies_evidence = ledger->site[site].evidence;
	}
	ledger->copies_per_byte.known = ledger->copies_evidence != EVIDENCE_UNAVAILABLE &&
					ledger->result.received_bytes > 0 && !*ledger->uncounted;
	if (ledger->copies_per_byte.known)
		ledger->copies_per_byte.value = (double)copied / ledger->result.received_bytes;
}

static void ledger__compute_residual(struct ledger *ledger, enum side side)
{
	int64_t residual =
		side == SENDER ? ledger->result.sent.payload_bytes : ledger->result.received_bytes;

	ledger->residual[side].known = true;
	for (int site = 0; site < SITE_COUNT; site++) {
		if (!sites[site].part || sites[site].side != side)
			continue;
		residual -= ledger->site[site].bytes;
		ledger->residual[side].known &= available(ledger, site);
	}
	ledger->residual[side].value = ledger->residual[side].known ? residual : 0;
}

/*
 * Requests go the other way, so that their copies are booked to the other side of each site, where
 * no payload is.
 */
static void ledger__compute_requests(struct ledger *ledger, const struct observed *observed)
{
	static const enum site into[SIDE_COUNT] = {SITE_RECEIVE_COPY, SITE_SEND_COPY};

	for (int side = 0; side < SIDE_COUNT && ledger->mode == RUN_RR; side++) {
		const struct counter *copied = &observed->counts[side].tally.site[into[side]];

		ledger->request_residual[side].known =
			observed->evidence[into[side]] != EVIDENCE_UNAVAILABLE;
		if (ledger->request_residual[side].known)
			ledger->request_residual[side].value =
				(double)ledger->result.requests[side].bytes - copied->bytes;
	}
}

/* The sites, as bits, without which the number is unknown. */
static unsigned int copies__need(void)
{
	unsigned int need = 0;

	for (int site = 0; site < SITE_COUNT; site++)
		need |= (unsigned int)sites[site].cpu_copy << site;
	return need;
}

static unsigned int residual__needs(enum side side)
{
	unsigned int need = 0;

	for (int site = 0; site < SITE_COUNT; site++)
		if (sites[site].part && sites[site].side == side)
			need |= 1u << site;
	return need;
}

/* Invalid because the probes missed events, which another try may not. */
#define ledger__miss(ledger, ...)                                                                  \
	do {                                                                                       \
		ledger__invalidate(ledger, __VA_ARGS__);                                           \
		(ledger)->missed_count++;                                                          \
	} while (0)

/*
 * What TCP itself says it sent, retransmits included, must have been seen at a device or been seen
 * to die before it. A shortfall are packets for which no program ran. It happens where a kernel
 * keeps BPF away from a task: in softirq on top of that task no program runs, and no miss is
 * counted.
 */
static void ledger__judge_departures(struct ledger *ledger, const struct observed *observed)
{
	uint64_t seen = tally__departed(&observed->counts[SENDER].tally);
	uint64_t sent = ledger->result.sent.tcp_bytes;
	char number[TEXT_NUMBER];

	if (seen < sent)
		ledger__miss(ledger,
			     "%s of the bytes TCP sent were not seen to leave: packets passed the "
			     "probes unseen",
			     text__grouped(number, sent - seen));
}

/*
 * A pinned page never reaches a socket of this host: skb_orphan_frags_rx() copies it before, unless
 * a device on the way did. So when nothing went to hardware, every pinned byte that left, each
 * retransmit too, must have been copied, or seen to die.
 */
static void ledger__judge_delivery(struct ledger *ledger, const struct observed *observed)
{
	static const enum site needed[] = {SITE_DEFERRED_COPY, SITE_TRANSMIT_COPY, SITE_DMA_OUT};
	const struct counter *extra = observed->counts[SENDER].tally.extra;
	const struct site_value *site = ledger->site;
	uint64_t found = site[SITE_DEFERRED_COPY].bytes + site[SITE_TRANSMIT_COPY].bytes +
			 extra[EXTRA_DROPPED_LATE].bytes;
	uint64_t left = extra[EXTRA_LEFT_PINNED].bytes;
	char number[TEXT_NUMBER];

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!available(ledger, needed[i]))
			return;
	if (!site[SITE_DMA_OUT].bytes && found < left)
		ledger__miss(
			ledger,
			"%s pinned bytes were delivered on this host with no copy seen: packets "
			"passed the probes unseen",
			text__grouped(number, left - found));
}

/*
 * What a device got in the linear area had been copied there. Where that is counted at the copy, it
 * is a second witness. But as much as was sent again may lie there for another reason: TCP copied
 * small packets together for that (tcp_collapse_retrans of older kernels).
 */
static void ledger__judge_linear(struct ledger *ledger, const struct observed *observed)
{
	const struct counter *extra = observed->counts[SENDER].tally.extra;
	uint64_t linear = extra[EXTRA_LEFT_LINEAR].bytes;
	uint64_t found = ledger->site[SITE_TRANSMIT_COPY].bytes + extra[EXTRA_RETRANSMIT].bytes;
	char number[TEXT_NUMBER];

	if (available(ledger, SITE_TRANSMIT_COPY) && found < linear)
		ledger__miss(ledger,
			     "%s bytes were copied on the way to the device with no copy seen: "
			     "packets passed the probes unseen",
			     text__grouped(number, linear - found));
}

static void ledger__judge_unknown(struct ledger *ledger, const struct observed *observed,
				  const char *number, unsigned int need)
{
	char missing[2 * WHY] = "", why[WHY];

	for (int site = 0; site < SITE_COUNT; site++) {
		if (available(ledger, site) || !(need & 1u << site))
			continue;
		probes__why(observed->probes, observed->probe_count, site, why, sizeof(why));
		text__append(missing, sizeof(missing), "%s%s is unavailable (%s)",
			     *missing ? ", " : "", sites[site].name, why);
	}
	if (!*missing)
		text__append(missing, sizeof(missing), "%s",
			     *ledger->uncounted ? ledger->uncounted : "nothing was received");
	ledger__invalidate(ledger, "%s is unknown: %s", number, missing);
}

static bool probe__missed(const struct probe_status *probe)
{
	return probe->state == PROBE_ATTACHED && probe->missed_known && probe->missed;
}

static bool probes__missed(const struct probe_status *probes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (probe__missed(&probes[i]))
			return true;
	return false;
}

/*
 * Numbers that were asked for must be there, and the ledger closed. Where the kernel skipped a
 * probe an open ledger follows from that.
 */
static void ledger__judge_copies(struct ledger *ledger, const struct observed *observed)
{
	bool skipped = probes__missed(observed->probes, observed->probe_count);
	char number[32];

	if (!ledger->copies_per_byte.known)
		ledger__judge_unknown(ledger, observed, "copies_per_byte", copies__need());
	for (int side = 0; side < SIDE_COUNT; side++) {
		snprintf(number, sizeof(number), "the %s residual",
			 side == SENDER ? "send" : "receive");
		if (!ledger->residual[side].known)
			ledger__judge_unknown(ledger, observed, number, residual__needs(side));
		if (!ledger->residual[side].known || ledger->residual[side].value == 0)
			continue;
		ledger__invalidate(ledger,
				   "%s is %.0f bytes, not 0: the ledger misses a copy or counts "
				   "one twice",
				   number, ledger->residual[side].value);
		ledger->missed_count += skipped;
	}
	for (int side = 0; side < SIDE_COUNT; side++) {
		if (!ledger->request_residual[side].known ||
		    ledger->request_residual[side].value == 0)
			continue;
		ledger__invalidate(ledger, "the residual of the %s's requests is %.0f bytes, not 0",
				   side_names[side], ledger->request_residual[side].value);
		ledger->missed_count += skipped;
	}
}

static void ledger__judge_observed(struct ledger *ledger, const struct observed *observed)
{
	uint64_t lost = observed->lost;
	char why[WHY];

	if (ledger->traced & TRACE_COPIES)
		ledger__judge_copies(ledger, observed);
	if ((ledger->traced & TRACE_SCHED) && !observed->switches_known) {
		probes__why_no_switches(observed->probes, observed->probe_count, why, sizeof(why));
		ledger__invalidate(ledger, "context switches are unknown (%s)", why);
	}
	/* missed_known false is no fault: kernels before 5.12 do not count what they skip */
	for (size_t i = 0; i < observed->probe_count; i++) {
		const struct probe_status *probe = &observed->probes[i];

		if (probe__missed(probe))
			ledger__miss(ledger, "the kernel skipped probe %s on %s %llu times",
				     probe->program, probe->function, probe->missed);
	}
	if (lost)
		ledger__invalidate(ledger,
				   "%llu events were lost: a map was full or memory unreadable",
				   (unsigned long long)lost);
	ledger->missed_count += lost && probes__missed(observed->probes, observed->probe_count);
	if (!(ledger->traced & TRACE_COPIES))
		return;
	if (!observed->departures_known) {
		ledger__note(ledger,
			     "whether a packet passed the probes unseen is not known: what "
			     "left a device, or died before, is not counted here");
		return;
	}
	ledger__judge_departures(ledger, observed);
	ledger__judge_delivery(ledger, observed);
	ledger__judge_linear(ledger, observed);
}

static void ledger__judge_report(struct ledger *ledger)
{
	const struct send_counts *sent = &ledger->result.sent;
	const struct request_counts *requests = ledger->result.requests;
	char a[TEXT_NUMBER], b[TEXT_NUMBER];

	if (sent->payload_bytes != ledger->result.received_bytes)
		ledger__invalidate(ledger, "%s bytes were sent but %s received",
				   text__grouped(a, sent->payload_bytes),
				   text__grouped(b, ledger->result.received_bytes));
	if (sent->completions_expected != sent->completions_received)
		ledger__invalidate(ledger, "%s completions were expected but %s came",
				   text__grouped(a, sent->completions_expected),
				   text__grouped(b, sent->completions_received));
	if (requests[SENDER].bytes != requests[RECEIVER].bytes ||
	    (ledger->mode == RUN_RR &&
	     requests[RECEIVER].requests != ledger->result.received_messages))
		ledger__invalidate(ledger, "%s messages were asked for but %s answered",
				   text__grouped(a, requests[RECEIVER].requests),
				   text__grouped(b, ledger->result.received_messages));
}

void ledger__compose(struct ledger *ledger, const struct run_spec *spec,
		     const struct run_result *result, struct observed *observed)
{
	ledger->valid = true;
	ledger__take_report(ledger, spec, result);
	if (observed)
		ledger__take_observed(ledger, observed);
	ledger__compute_copies(ledger);
	for (int side = 0; side < SIDE_COUNT; side++)
		ledger__compute_residual(ledger, side);
	if (observed)
		ledger__compute_requests(ledger, observed);
	ledger__judge_report(ledger);
	if (observed)
		ledger__judge_observed(ledger, observed);
	notes__add(ledger);
}

void ledger__free(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->reason_count; i++)
		free(ledger->reasons[i]);
	for (size_t i = 0; i < ledger->note_count; i++)
		free(ledger->notes[i]);
	causes__free(&ledger->causes);
	memset(ledger, 0, sizeof(*ledger));
}
