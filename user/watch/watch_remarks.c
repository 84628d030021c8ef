// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "base/text.h"
#include "watch/watch_accounts.h"
#include "watch/watch_remarks.h"

#define NAME	      160
#define NAME_SHOWN    40
#define WHY	      512
#define SENTENCE      1536
#define INVALID_SHOWN 8

void report__name(const struct account *account, char *text, size_t size)
{
	const char *name = account->command ?: "";
	size_t length = strlen(name);

	account__name(account, text, size);
	if (*text)
		return;
	/* the end of a path tells more than its beginning */
	if (*name == '/' && length > NAME_SHOWN)
		snprintf(text, size, "...%s", name + length - (NAME_SHOWN - 3));
	else
		snprintf(text, size, "%.*s", NAME_SHOWN, name);
}

bool site__is_copy(enum site site)
{
	return sites[site].cpu_copy || site == SITE_TAP_COPY;
}

static void print_sentence(FILE *stream, const struct report *report, const char *text)
{
	screen__wrap(stream, &report->screen, 0, 2, text);
}

static void print_invalid(FILE *stream, const struct report *report, const char *text)
{
	int at = screen__print(stream, &report->screen, COLOUR_RED, "INVALID");

	at += fprintf(stream, ": ");
	screen__wrap(stream, &report->screen, at, 2, text);
}

static void print_unknown_sites(FILE *stream, const struct report *report)
{
	char why[WHY], text[SENTENCE];

	for (int site = 0; site < SITE_COUNT; site++) {
		if (site == SITE_USER_MEMCPY ||
		    report->known->evidence[site] != EVIDENCE_UNAVAILABLE)
			continue;
		probes__why(report->probes, report->probe_count, site, why, sizeof(why));
		snprintf(text, sizeof(text), "n/a: %s: %s", sites[site].name, why);
		print_sentence(stream, report, text);
	}
}

static void print_unknown_times(FILE *stream, const struct report *report)
{
	char text[SENTENCE];

	for (int site = 0; site < SITE_COUNT && report->known->time; site++) {
		if (!report__shows(report, site) || report->known->timed[site] ||
		    !site__is_copy(site))
			continue;
		snprintf(text, sizeof(text),
			 "n/a: time of %s: nothing attaches to both ends of this copy here",
			 sites[site].name);
		print_sentence(stream, report, text);
	}
}

static void print_unknown(FILE *stream, const struct report *report)
{
	print_unknown_sites(stream, report);
	print_unknown_times(stream, report);
	if (report->count && !report->known->sequences)
		print_sentence(stream, report,
			       "send residual: 0 by construction here, as one probe gives both "
			       "what was sent and what became of it");
	if (!report->known->received)
		print_sentence(stream, report,
			       "n/a: received bytes and receive_copy: nothing tells where a "
			       "receive ends");
}

/* Missed events are of all rows alike: print_losses() names them once. */
static void print_reasons(FILE *stream, const struct report *report, const struct ledger *ledger,
			  const char *name)
{
	char text[SENTENCE], sentence[SENTENCE_MAX];

	for (size_t i = 0; i < ledger->reasons.count; i++) {
		const struct remark *reason = &ledger->reasons.remark[i];

		if (reason->code == REMARK_MISSED_EVENTS)
			continue;
		words__sentence(ledger, reason, sentence, sizeof(sentence));
		snprintf(text, sizeof(text), "%s%s%s [%s]", name, *name ? ": " : "", sentence,
			 remark__name(reason->code));
		print_invalid(stream, report, text);
	}
}

/* Of all rows together: a remark is made once, however many rows it is about. */
static void print_notes(FILE *stream, const struct report *report)
{
	struct account all = {.seconds = report->seconds};
	char sentence[SENTENCE_MAX];

	for (size_t i = 0; i < report->count; i++)
		account__take_in(&all, report->accounts[i]);
	account__judge(&all, report->known);
	for (size_t i = 0; i < all.ledger.notes.count; i++) {
		words__sentence(&all.ledger, &all.ledger.notes.remark[i], sentence,
				sizeof(sentence));
		print_sentence(stream, report, sentence);
	}
	account__reset(&all);
}

static void print_invalid_rows(FILE *stream, const struct report *report)
{
	size_t shown = 0, left_out = 0;
	char name[NAME], text[SENTENCE];

	for (size_t i = 0; i < report->count; i++) {
		const struct account *account = report->accounts[i];

		if (account->ledger.valid)
			continue;
		if (shown == INVALID_SHOWN) {
			left_out++;
			continue;
		}
		shown++;
		name[0] = '\0';
		if (report->options->by != BY_NOTHING)
			report__name(account, name, sizeof(name));
		print_reasons(stream, report, &account->ledger, name);
	}
	if (left_out) {
		snprintf(text, sizeof(text), "%zu more rows", left_out);
		print_invalid(stream, report, text);
	}
}

static void print_losses(FILE *stream, const struct report *report)
{
	char number[TEXT_NUMBER], text[SENTENCE];

	if (report->lost) {
		snprintf(text, sizeof(text),
			 "%s events were lost: a map was full (--map-entries) or memory unreadable "
			 "[%s]",
			 text__grouped(number, report->lost), remark__name(REMARK_LOST_EVENTS));
		print_invalid(stream, report, text);
	}
	if (report->shared) {
		snprintf(text, sizeof(text),
			 "%s bytes are of processes or connections without a row of their own "
			 "(--rows)",
			 text__grouped(number, report->shared));
		print_sentence(stream, report, text);
	}
	for (size_t i = 0; i < report->probe_count && report__is_touched(report); i++) {
		if (!probe__missed(&report->probes[i]))
			continue;
		snprintf(text, sizeof(text), "the kernel skipped probe %s %llu times [%s]",
			 report->probes[i].program, report->probes[i].missed,
			 remark__name(REMARK_MISSED_EVENTS));
		print_invalid(stream, report, text);
	}
}

void watch_remarks__print(FILE *stream, const struct report *report)
{
	print_unknown(stream, report);
	print_notes(stream, report);
	print_invalid_rows(stream, report);
	print_losses(stream, report);
}
