// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "ledger/words.h"
#include "output/remarks.h"
#include "output/run_values.h"

#define LABEL	      64
#define WHY	      512
#define SENTENCE      1536
#define REASONS_SHOWN 10 /* shown of many runs */

static void print_sentence(FILE *stream, const struct screen *screen, const char *text)
{
	screen__wrap(stream, screen, 0, 2, text);
}

static void print_zero_sites(FILE *stream, const struct screen *screen,
			     const struct results *results)
{
	char text[SENTENCE] = "";

	for (int site = 0; site < SITE_COUNT; site++)
		if (!results__shows(results, site) && results__any_known(results, site))
			text__append(text, sizeof(text), "%s%s",
				     *text ? ", " : "0 in every run: ", sites[site].name);
	if (*text)
		print_sentence(stream, screen, text);
}

static bool same_why(const struct results *results, enum site a, enum site b)
{
	char why_a[WHY], why_b[WHY];

	probes__why(results->probes, results->probe_count, a, why_a, sizeof(why_a));
	probes__why(results->probes, results->probe_count, b, why_b, sizeof(why_b));
	return !strcmp(why_a, why_b);
}

/* A line for each reason, with all the sites that it makes unknown. */
static void print_unknown_sites(FILE *stream, const struct screen *screen,
				const struct results *results)
{
	char why[WHY], text[SENTENCE];
	bool named[SITE_COUNT] = {};

	for (int site = 0; site < SITE_COUNT; site++) {
		if (named[site] || !results__any_unknown(results, site))
			continue;
		snprintf(text, sizeof(text), "n/a: %s", sites[site].name);
		for (int other = site + 1; other < SITE_COUNT; other++) {
			if (!results__any_unknown(results, other) ||
			    !same_why(results, site, other))
				continue;
			text__append(text, sizeof(text), ", %s", sites[other].name);
			named[other] = true;
		}
		probes__why(results->probes, results->probe_count, site, why, sizeof(why));
		text__append(text, sizeof(text), ": %s", why);
		print_sentence(stream, screen, text);
	}
}

void remarks__print_not_counted(FILE *stream, const struct screen *screen,
				const struct results *results)
{
	unsigned int traced = results->runs[0].traced;
	char why[WHY], text[SENTENCE];

	if (traced & TRACE_COPIES) {
		print_zero_sites(stream, screen, results);
		print_unknown_sites(stream, screen, results);
	} else {
		print_sentence(stream, screen,
			       "copies were not traced; --trace copies counts them");
	}
	if ((traced & TRACE_SCHED) && !run__switches(&results->runs[0], SENDER)->known) {
		probes__why_no_switches(results->probes, results->probe_count, why, sizeof(why));
		snprintf(text, sizeof(text), "n/a: context switches: %s", why);
		print_sentence(stream, screen, text);
	}
}

/* " [64K, 4 threads, repeat 2]": names the run by what differs between the runs. */
static void run__label(const struct run_ledger *run, struct varied varied, char *text, size_t size)
{
	const char *separator = " [";
	char bytes[TEXT_NUMBER];

	text[0] = '\0';
	if (varied.size) {
		text__append(text, size, "%s%s", separator, text__size(bytes, run->message_bytes));
		separator = ", ";
	}
	if (varied.threads) {
		text__append(text, size, "%s%u thread%s", separator, run->threads,
			     run->threads == 1 ? "" : "s");
		separator = ", ";
	}
	if (varied.repeat)
		text__append(text, size, "%srepeat %u", separator, run->repeat);
	if (*text)
		text__append(text, size, "]");
}

static bool run__has_note(const struct run_ledger *run, const char *note)
{
	const struct remarks *notes = run__notes(run);
	char text[SENTENCE_MAX];

	for (size_t i = 0; i < notes->count; i++) {
		run__sentence(run, &notes->remark[i], text, sizeof(text));
		if (!strcmp(text, note))
			return true;
	}
	return false;
}

/* A sentence that several runs share is printed once, with the number of those runs. */
static void print_note(FILE *stream, const struct screen *screen, const struct results *results,
		       size_t first, const char *note)
{
	size_t sharing = 0, alike = 0;
	const char *transport = results->runs[first].transport;
	char label[LABEL] = "", text[SENTENCE];
	bool mixed = false;

	for (size_t i = 0; i < results->run_count; i++) {
		const struct run_ledger *run = &results->runs[i];
		bool shares = run__has_note(run, note);

		if (shares && i < first)
			return;
		sharing += shares;
		alike += !strcmp(run->transport, transport);
		mixed |= shares && strcmp(run->transport, transport);
	}
	if (sharing == 1)
		run__label(&results->runs[first], results__varied(results), label, sizeof(label));
	else
		snprintf(label, sizeof(label), " [%zu of %zu runs]", sharing,
			 mixed ? results->run_count : alike);
	snprintf(text, sizeof(text), "%s%s%s%s", mixed ? "" : transport, mixed ? "" : ": ", note,
		 label);
	print_sentence(stream, screen, text);
}

static void print_notes(FILE *stream, const struct screen *screen, const struct results *results)
{
	char text[SENTENCE_MAX];

	for (size_t i = 0; i < results->run_count; i++) {
		const struct remarks *notes = run__notes(&results->runs[i]);

		for (size_t n = 0; n < notes->count; n++) {
			run__sentence(&results->runs[i], &notes->remark[n], text, sizeof(text));
			print_note(stream, screen, results, i, text);
		}
	}
}

static void print_invalid(FILE *stream, const struct screen *screen, const char *text)
{
	int at = screen__print(stream, screen, COLOUR_RED, "INVALID");

	at += fprintf(stream, ": ");
	screen__wrap(stream, screen, at, 2, text);
}

/* At most REASONS_SHOWN reasons, then the number of further ones. */
static void print_invalid_runs(FILE *stream, const struct screen *screen,
			       const struct results *results, size_t most)
{
	char label[LABEL], reason[SENTENCE_MAX], text[SENTENCE];
	size_t printed = 0, left_out = 0;

	for (size_t i = 0; i < results->run_count; i++) {
		const struct run_ledger *run = &results->runs[i];
		const struct remarks *reasons = run__reasons(run);

		run__label(run, results__varied(results), label, sizeof(label));
		for (size_t r = 0; r < reasons->count; r++) {
			left_out += printed == most;
			if (printed == most)
				continue;
			run__sentence(run, &reasons->remark[r], reason, sizeof(reason));
			snprintf(text, sizeof(text), "%s%s: %s [%s]", run->transport, label, reason,
				 remark__name(reasons->remark[r].code));
			print_invalid(stream, screen, text);
			printed++;
		}
	}
	if (left_out)
		fprintf(stream, "and %zu more reasons: --rows\n", left_out);
}

static void print_check(FILE *stream, const struct screen *screen, const struct memcpy_check *check)
{
	char text[SENTENCE];

	if (check->error) {
		snprintf(text, sizeof(text), "%s: user_memcpy is unproved: no uprobe: %s",
			 check->transport, memcpy_check__why_not(check));
		print_sentence(stream, screen, text);
	} else if (!memcpy_check__equal(check)) {
		snprintf(text, sizeof(text),
			 "%s: user_memcpy: it reports %llu bytes in %llu calls, a uprobe "
			 "counted %llu in %llu",
			 check->transport, check->self_reported.bytes, check->self_reported.calls,
			 check->uprobe.bytes, check->uprobe.calls);
		print_invalid(stream, screen, text);
	}
}

/* Checks that were not made share a line. */
static void print_checks(FILE *stream, const struct screen *screen, const struct results *results)
{
	bool left_out = false;

	for (size_t i = 0; i < results->check_count; i++) {
		if (results->checks[i].error == -ECANCELED)
			left_out = true;
		else
			print_check(stream, screen, &results->checks[i]);
	}
	if (left_out)
		print_sentence(stream, screen,
			       "user_memcpy is unproved: the runs ended before its check");
}

void remarks__print(FILE *stream, const struct screen *screen, const struct results *results)
{
	print_notes(stream, screen, results);
	print_checks(stream, screen, results);
	print_invalid_runs(stream, screen, results, SIZE_MAX);
}

void remarks__print_brief(FILE *stream, const struct screen *screen, const struct results *results)
{
	size_t notes = 0, with = 0;
	char text[SENTENCE];

	for (size_t i = 0; i < results->run_count; i++) {
		size_t count = run__notes(&results->runs[i])->count;

		notes += count;
		with += count > 0;
	}
	if (notes) {
		snprintf(text, sizeof(text), "%zu note%s on %zu run%s: --rows", notes,
			 notes == 1 ? "" : "s", with, with == 1 ? "" : "s");
		print_sentence(stream, screen, text);
	}
	print_checks(stream, screen, results);
	print_invalid_runs(stream, screen, results, REASONS_SHOWN);
}
