// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "ledger/copy_times.h"
#include "output/run_values.h"
#include "output/site_table.h"

#define PAIR 64

/* The mark after a row's name: its evidence, unless each byte was counted at the copy. */
static const char *const marks[] = {
	[EVIDENCE_EXACT] = "",		 [EVIDENCE_DERIVED] = " d",
	[EVIDENCE_SELF_REPORTED] = " s", [EVIDENCE_KERNEL_FLAG] = " k",
	[EVIDENCE_UPPER_BOUND] = " u",	 [EVIDENCE_UNAVAILABLE] = "",
};

static void add_site(struct sheet *sheet, const struct results *results, enum site site)
{
	sheet__add_row(sheet);
	sheet__add_text(sheet, COLOUR_NONE, "%s%s", sites[site].name,
			marks[results__weakest_evidence(results, site)]);
	for (size_t i = 0; i < results->run_count; i++) {
		if (run__knows(&results->runs[i], site))
			sheet__add_number(sheet, run__bytes(&results->runs[i], site));
		else
			sheet__add_unknown(sheet);
	}
}

static void add_copies(struct sheet *sheet, const struct run_ledger *run)
{
	const struct maybe *copies = run__copies_per_byte(run);

	if (copies->known)
		sheet__add_text(sheet, COLOUR_BOLD, "%s%.3f",
				run__copies_are_bound(run) ? "<=" : "", copies->value);
	else
		sheet__add_unknown(sheet);
}

void site_table__add_residual(struct sheet *sheet, const struct maybe residual[SIDE_COUNT])
{
	char text[PAIR] = "";
	bool wrong = false;

	for (int side = 0; side < SIDE_COUNT; side++) {
		text__append(text, sizeof(text), "%s", side ? "/" : "");
		if (residual[side].known)
			text__append(text, sizeof(text), "%.0f", residual[side].value);
		else
			text__append(text, sizeof(text), "n/a");
		wrong |= residual[side].known && residual[side].value != 0;
	}
	sheet__add_text(sheet, wrong ? COLOUR_RED : COLOUR_NONE, "%s", text);
}

static void add_residual(struct sheet *sheet, const struct run_ledger *run)
{
	site_table__add_residual(sheet, run->ledger.residual);
}

static void add_switches(struct sheet *sheet, const struct run_ledger *run, enum side side)
{
	const struct switches *switches = run__switches(run, side);

	if (switches->known)
		sheet__add_pair(sheet, switches->voluntary, switches->involuntary);
	else
		sheet__add_unknown(sheet);
}

static void add_sender_switches(struct sheet *sheet, const struct run_ledger *run)
{
	add_switches(sheet, run, SENDER);
}

static void add_receiver_switches(struct sheet *sheet, const struct run_ledger *run)
{
	add_switches(sheet, run, RECEIVER);
}

static void add_cpu(struct sheet *sheet, const struct run_ledger *run)
{
	const struct run_result *result = &run->result;

	if (result->seconds > 0)
		sheet__add_text(sheet, COLOUR_NONE, "%.0f/%.0f",
				100 * result->cpu_seconds[SENDER] / result->seconds,
				100 * result->cpu_seconds[RECEIVER] / result->seconds);
	else
		sheet__add_unknown(sheet);
}

static void add_throughput(struct sheet *sheet, const struct run_ledger *run)
{
	if (run->result.seconds > 0)
		sheet__add_text(sheet, COLOUR_NONE, "%.2f", run->throughput_gbps);
	else
		sheet__add_unknown(sheet);
}

static void add_baseline_throughput(struct sheet *sheet, const struct run_ledger *run)
{
	if (run->baseline_gbps.known)
		sheet__add_text(sheet, COLOUR_NONE, "%.2f", run->baseline_gbps.value);
	else
		sheet__add_unknown(sheet);
}

static void add_valid(struct sheet *sheet, const struct run_ledger *run)
{
	sheet__add_text(sheet, run->ledger.valid ? COLOUR_NONE : COLOUR_RED, "%s",
			run->ledger.valid ? "yes" : "INVALID");
}

static bool any_baseline(const struct results *results)
{
	for (size_t i = 0; i < results->run_count; i++)
		if (results->runs[i].baseline_gbps.known)
			return true;
	return false;
}

static bool any_invalid(const struct results *results)
{
	for (size_t i = 0; i < results->run_count; i++)
		if (!results->runs[i].ledger.valid)
			return true;
	return false;
}

static void add_figure(struct sheet *sheet, const struct results *results, const char *name,
		       void (*add)(struct sheet *sheet, const struct run_ledger *run))
{
	sheet__add_row(sheet);
	sheet__add_text(sheet, COLOUR_NONE, "%s", name);
	for (size_t i = 0; i < results->run_count; i++)
		add(sheet, &results->runs[i]);
}

static void add_latencies(struct sheet *sheet, const struct results *results)
{
	static const struct {
		const char *name;
		size_t offset; /* in struct latency, of nanoseconds */
	} rows[] = {
		{"latency p50 us", offsetof(struct latency, p50)},
		{"latency p90 us", offsetof(struct latency, p90)},
		{"latency p99 us", offsetof(struct latency, p99)},
		{"p99.9 us", offsetof(struct latency, p999)},
		{"longest us", offsetof(struct latency, max)},
	};
	uint64_t ns;

	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		sheet__add_row(sheet);
		sheet__add_text(sheet, COLOUR_NONE, "%s", rows[row].name);
		for (size_t i = 0; i < results->run_count; i++) {
			const struct latency *latency = &results->runs[i].result.latency;

			memcpy(&ns, (const char *)latency + rows[row].offset, sizeof(ns));
			if (latency->count)
				sheet__add_text(sheet, COLOUR_NONE, "%.1f", 1e-3 * ns);
			else
				sheet__add_unknown(sheet);
		}
	}
}

/* Names of up to 15 characters leave four transports 11 digits each, on a screen of 80. */
static void add_rows(struct sheet *sheet, const struct results *results)
{
	unsigned int traced = results->runs[0].traced;

	for (int site = 0; site < SITE_COUNT; site++)
		if (site == SITE_USER_MEMCPY ||
		    ((traced & TRACE_COPIES) && results__shows(results, site)))
			add_site(sheet, results, site);
	sheet__add_rule(sheet);
	if (traced & TRACE_COPIES) {
		add_figure(sheet, results, "copies per byte", add_copies);
		add_figure(sheet, results, "residual", add_residual);
	}
	if (traced & TRACE_SCHED) {
		add_figure(sheet, results, "switches, send", add_sender_switches);
		add_figure(sheet, results, "switches, recv", add_receiver_switches);
	}
	add_figure(sheet, results, "CPU %", add_cpu);
	add_figure(sheet, results, "Gbit/s", add_throughput);
	if (any_baseline(results))
		add_figure(sheet, results, "Gbit/s baseline", add_baseline_throughput);
	if (results->runs[0].mode == RUN_RR)
		add_latencies(sheet, results);
	if (any_invalid(results))
		add_figure(sheet, results, "valid", add_valid);
}

static bool any_timed(const struct results *results, enum site site)
{
	for (size_t i = 0; i < results->run_count; i++)
		if (run__time(&results->runs[i], site)->bytes)
			return true;
	return false;
}

/* The nanoseconds of each copied byte. */
static void add_times(struct sheet *sheet, const struct results *results, enum site site)
{
	sheet__add_row(sheet);
	sheet__add_text(sheet, COLOUR_NONE, "%s%s", sites[site].name, marks[time__evidence(site)]);
	for (size_t i = 0; i < results->run_count; i++) {
		const struct copy_time *time = run__time(&results->runs[i], site);

		if (time->bytes)
			sheet__add_text(sheet, COLOUR_NONE, "%.3f", time->ns.value / time->bytes);
		else if (run__bytes(&results->runs[i], site))
			sheet__add_unknown(sheet);
		else
			sheet__add_text(sheet, COLOUR_NONE, "-");
	}
}

static void add_copying(struct sheet *sheet, const struct run_ledger *run)
{
	const struct maybe *copying = &run->ledger.copying_ns;

	if (copying->known && run->result.seconds > 0)
		sheet__add_text(sheet, COLOUR_NONE, "%.1f",
				copying->value / run->result.seconds / 1e7);
	else
		sheet__add_unknown(sheet);
}

static struct sheet *new_sheet(const struct results *results, const char *head)
{
	struct sheet *sheet = sheet__new();

	sheet__add_column(sheet, (struct sheet_column){.head = head, .left = true});
	for (size_t i = 0; i < results->run_count; i++)
		sheet__add_column(sheet, (struct sheet_column){.head = results->runs[i].transport,
							       .colour = COLOUR_BOLD});
	return sheet;
}

/* --time: what each copy takes. Nothing where no copy is timed: a note gives the reason. */
static int print_times(FILE *stream, const struct screen *screen, const struct results *results)
{
	struct sheet *sheet = new_sheet(results, "ns per byte");
	size_t timed = 0;
	int err;

	for (int site = 0; site < SITE_COUNT; site++) {
		if (!any_timed(results, site))
			continue;
		add_times(sheet, results, site);
		timed++;
	}
	if (!timed) {
		sheet__free(sheet);
		return 0;
	}
	sheet__add_rule(sheet);
	add_figure(sheet, results, "% of a CPU", add_copying);
	fputc('\n', stream);
	err = sheet__print(sheet, stream, screen);
	sheet__free(sheet);
	return err;
}

int site_table__print(FILE *stream, const struct screen *screen, const struct results *results)
{
	struct sheet *sheet = new_sheet(results, "bytes");
	int err;

	add_rows(sheet, results);
	err = sheet__print(sheet, stream, screen);
	sheet__free(sheet);
	if (err || !(results->runs[0].traced & TRACE_TIME))
		return err;
	return print_times(stream, screen, results);
}

void site_table__print_legend(FILE *stream, const struct screen *screen,
			      const struct results *results)
{
	static const char *const words[] = {
		[EVIDENCE_DERIVED] = "d derived by difference",
		[EVIDENCE_SELF_REPORTED] = "s self-reported by the program",
		[EVIDENCE_KERNEL_FLAG] = "k from a flag of the kernel",
		[EVIDENCE_UPPER_BOUND] = "u an upper bound",
	};
	unsigned int traced = results->runs[0].traced;
	char text[512] = "";
	bool seen[EVIDENCE_UNAVAILABLE] = {};

	for (int site = 0; site < SITE_COUNT; site++)
		if (results__any_known(results, site) && results__shows(results, site))
			seen[results__weakest_evidence(results, site)] = true;
	for (int evidence = EVIDENCE_DERIVED; evidence < EVIDENCE_UNAVAILABLE; evidence++)
		if (seen[evidence])
			text__append(text, sizeof(text), "%s, ", words[evidence]);
	if (traced & TRACE_COPIES)
		text__append(text, sizeof(text), "%s; residual, ",
			     *text ? "the rest exact" : "all exact");
	text__append(text, sizeof(text), "CPU: send/receive");
	if (traced & TRACE_SCHED)
		text__append(text, sizeof(text), "; switches: voluntary/involuntary");
	screen__wrap(stream, screen, 0, 2, text);
}
