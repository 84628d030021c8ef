// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "base/text.h"
#include "ledger/copy_times.h"
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
	/* a path's end says more than its start */
	if (*name == '/' && length > NAME_SHOWN)
		snprintf(text, size, "...%s", name + length - (NAME_SHOWN - 3));
	else
		snprintf(text, size, "%.*s", NAME_SHOWN, name);
}

static void print_invalid(FILE *stream, const struct report *report, const char *text)
{
	int at = screen__print(stream, &report->screen, COLOUR_RED, "INVALID");

	at += fprintf(stream, ": ");
	screen__wrap(stream, &report->screen, at, 2, text);
}

static void note_unknown_sites(const struct report *report, struct ledger *ledger)
{
	char why[WHY];

	for (int site = 0; site < SITE_COUNT; site++) {
		if (site == SITE_USER_MEMCPY ||
		    report->known->evidence[site] != EVIDENCE_UNAVAILABLE)
			continue;
		probes__why(report->probes, report->probe_count, site, why, sizeof(why));
		ledger__note(ledger, REMARK_SITE_UNAVAILABLE,
			     VALUES(WORD("site", sites[site].name), WORD("why", why)));
	}
}

static void note_unknown(const struct report *report, struct ledger *ledger)
{
	note_unknown_sites(report, ledger);
	for (int site = 0; site < SITE_COUNT && report->known->time; site++)
		if (report__shows(report, site) && !report->known->timed[site] &&
		    site__is_copy(site))
			ledger__note(ledger, REMARK_TIME_UNAVAILABLE,
				     VALUES(WORD("site", sites[site].name)));
	if (report->count && !report->known->sequences)
		ledger__note(ledger, REMARK_SENDS_UNCOMPARED, NO_VALUES);
	if (!report->known->received)
		ledger__note(ledger, REMARK_RECEIVES_UNKNOWN, NO_VALUES);
	if (report->without_row)
		ledger__note(ledger, REMARK_WITHOUT_A_ROW,
			     VALUES(WHOLE("bytes", report->without_row)));
}

int watch_remarks__collect(const struct report *report, struct account *all)
{
	int err = 0;

	*all = (struct account){.seconds = report->seconds};
	for (size_t i = 0; i < report->count && !err; i++)
		err = account__take_in(all, report->accounts[i]);
	account__judge(all, report->known);
	note_unknown(report, &all->ledger);
	return err;
}

/* Prints a row's reasons. print_losses() prints missed events once, for all rows. */
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

static int print_notes(FILE *stream, const struct report *report)
{
	struct account all;
	char sentence[SENTENCE_MAX];
	int err = watch_remarks__collect(report, &all);

	for (size_t i = 0; i < all.ledger.notes.count; i++) {
		words__sentence(&all.ledger, &all.ledger.notes.remark[i], sentence,
				sizeof(sentence));
		screen__wrap(stream, &report->screen, 0, 2, sentence);
	}
	account__reset(&all);
	return err;
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

/* Prints a reason that is about no row. */
static void print_loss(FILE *stream, const struct report *report, enum remark_code code,
		       const struct value *values)
{
	char sentence[SENTENCE_MAX] = "", text[SENTENCE];
	struct remarks remarks = {};

	if (!remarks__add(&remarks, code, values))
		words__sentence(NULL, &remarks.remark[0], sentence, sizeof(sentence));
	remarks__free(&remarks);
	snprintf(text, sizeof(text), "%s [%s]", sentence, remark__name(code));
	print_invalid(stream, report, text);
}

static void print_losses(FILE *stream, const struct report *report)
{
	if (report->lost)
		print_loss(stream, report, REMARK_LOST_EVENTS,
			   VALUES(WHOLE("events", report->lost)));
	for (size_t i = 0; i < report->probe_count; i++) {
		const struct probe_status *probe = &report->probes[i];

		if (probe__missed(probe) && report__is_touched(report, probe))
			print_loss(stream, report, REMARK_MISSED_EVENTS,
				   VALUES(WORD("probe", probe->program),
					  WORD("function", probe->function),
					  WHOLE("events", probe->missed)));
	}
}

int watch_remarks__print(FILE *stream, const struct report *report)
{
	int err = print_notes(stream, report);

	print_invalid_rows(stream, report);
	print_losses(stream, report);
	return err;
}
