// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "output/answer.h"
#include "output/run_values.h"

#define SENTENCE    1024
#define CAUSES	    3	   /* most causes that are named */
#define SAME	    0.0005 /* copies per byte that differ by less are printed as one number */
#define CAUSE_WORDS 128

/* Where the copy of a site is made; NULL: the site's name shows it. */
static const char *const places[SITE_COUNT] = {
	[SITE_USER_MEMCPY] = "by its own memcpy", [SITE_SEND_COPY] = "at send",
	[SITE_DEFERRED_COPY] = "after pinning",	  [SITE_TRANSMIT_COPY] = "on the way to the device",
	[SITE_RECEIVE_COPY] = "at receive",
};

/* All traced runs of one transport together. */
struct sums {
	size_t runs, invalid;
	size_t counted; /* runs whose copies per byte are known */
	double least, most;
	bool bound;
	uint64_t payload; /* of these runs */
	uint64_t bytes[SITE_COUNT];
	bool unknown[SITE_COUNT]; /* in at least one run */
	bool asked_zerocopy;
};

static void sums__add(struct sums *sums, const struct run_ledger *run)
{
	const struct maybe *copies = run__copies_per_byte(run);

	sums->runs++;
	sums->invalid += !run->ledger.valid;
	sums->asked_zerocopy |= run->result.sent.completions_expected > 0;
	for (int site = 0; site < SITE_COUNT; site++)
		sums->unknown[site] |= !run__knows(run, site);
	if (!copies->known)
		return;
	if (!sums->counted || copies->value < sums->least)
		sums->least = copies->value;
	if (!sums->counted || copies->value > sums->most)
		sums->most = copies->value;
	sums->counted++;
	sums->bound |= run__copies_are_bound(run);
	sums->payload += run->result.received_bytes;
	for (int site = 0; site < SITE_COUNT; site++)
		sums->bytes[site] += run__bytes(run, site);
}

/* "2", "2.003" */
static const char *copies__text(char text[static TEXT_NUMBER], double copies)
{
	size_t length;

	snprintf(text, TEXT_NUMBER, "%.3f", copies);
	length = strlen(text);
	while (text[length - 1] == '0')
		text[--length] = '\0';
	if (text[length - 1] == '.')
		text[--length] = '\0';
	return text;
}

static void add_copies(char *text, const struct sums *sums)
{
	char least[TEXT_NUMBER], most[TEXT_NUMBER];
	bool range = sums->most - sums->least > SAME;
	bool one = !range && fabs(sums->most - 1) <= SAME;

	copies__text(least, sums->least);
	copies__text(most, sums->most);
	text__append(text, SENTENCE, "%s%s%s%s cop%s per byte", sums->bound ? "at most " : "",
		     range ? least : "", range ? " to " : "", most, one ? "y" : "ies");
}

static void add_places(char *text, const struct sums *sums)
{
	const char *separator = ": ";
	char share[TEXT_NUMBER];

	for (int site = 0; site < SITE_COUNT; site++) {
		double copies = sums->payload ? (double)sums->bytes[site] / sums->payload : 0;

		if (!sites[site].cpu_copy || !sums->bytes[site])
			continue;
		text__append(text, SENTENCE, "%s%s %s", separator,
			     copies < SAME ? "<0.001" : copies__text(share, copies),
			     places[site] ?: sites[site].name);
		separator = ", ";
	}
}

/* "local delivery on lo, a packet tap on lo", each once, of all runs of the transport. */
static void causes__describe(const struct results *results, const char *transport, char *text,
			     size_t size)
{
	char seen[CAUSES][CAUSE_WORDS] = {}, words[CAUSE_WORDS];
	size_t count, named = 0;

	text[0] = '\0';
	for (size_t i = 0; i < results->run_count; i++) {
		const struct cause *causes = run__causes(&results->runs[i], &count);

		if (strcmp(results->runs[i].transport, transport))
			continue;
		for (size_t c = 0; c < count && named < CAUSES; c++) {
			size_t known = 0;

			if (causes[c].site != SITE_DEFERRED_COPY)
				continue;
			snprintf(words, sizeof(words), "%s%s%s", causes[c].cause,
				 causes[c].device[0] ? " on " : "", causes[c].device);
			while (known < named && strcmp(seen[known], words))
				known++;
			if (known < named)
				continue;
			text__append(text, size, "%s%s", named ? ", " : "", words);
			strcpy(seen[named++], words);
		}
	}
}

static void add_surprises(char *text, const struct sums *sums, const struct results *results,
			  const char *transport)
{
	uint64_t pinned = sums->bytes[SITE_SEND_PIN], copied = sums->bytes[SITE_DEFERRED_COPY];
	uint64_t at_send = sums->bytes[SITE_SEND_COPY];
	char causes[SENTENCE], percent[TEXT_NUMBER];

	if (pinned && !sums->unknown[SITE_DEFERRED_COPY]) {
		causes__describe(results, transport, causes, sizeof(causes));
		if (!copied)
			text__append(text, SENTENCE, "; no pinned byte was copied");
		else
			text__append(text, SENTENCE, "; %s%s copied%s%s",
				     copied >= pinned ? "every pinned byte was"
						      : text__percent(percent, copied, pinned),
				     copied >= pinned ? "" : " of the pinned bytes were",
				     *causes ? ", by " : "", causes);
	}
	if (sums->asked_zerocopy && at_send)
		text__append(text, SENTENCE, "; %s of the bytes were copied despite MSG_ZEROCOPY",
			     text__percent(percent, at_send, at_send + pinned));
}

static void add_unknown(char *text, const struct sums *sums)
{
	const char *separator = ": no number for ";

	text__append(text, SENTENCE, "copies per byte is not known");
	for (int site = 0; site < SITE_COUNT; site++) {
		if (!sites[site].cpu_copy || !sums->unknown[site])
			continue;
		text__append(text, SENTENCE, "%s%s", separator, sites[site].name);
		separator = ", ";
	}
}

static void print_sentence(FILE *stream, const struct screen *screen, const char *transport,
			   const char *words)
{
	int at = screen__print(stream, screen, COLOUR_BOLD, transport);

	at += fprintf(stream, ": ");
	screen__wrap(stream, screen, at, 4, words);
}

static void print_transport(FILE *stream, const struct screen *screen,
			    const struct results *results, const char *transport)
{
	struct sums sums = {};
	char text[SENTENCE] = "";

	for (size_t i = 0; i < results->run_count; i++)
		if (!strcmp(results->runs[i].transport, transport) &&
		    results->runs[i].traced & TRACE_COPIES)
			sums__add(&sums, &results->runs[i]);
	if (!sums.runs)
		return;
	if (sums.counted) {
		add_copies(text, &sums);
		add_places(text, &sums);
		add_surprises(text, &sums, results, transport);
	} else {
		add_unknown(text, &sums);
	}
	if (sums.invalid && sums.runs == 1)
		text__append(text, SENTENCE, " (INVALID, see below)");
	else if (sums.invalid)
		text__append(text, SENTENCE, " (%zu of %zu runs are INVALID, see below)",
			     sums.invalid, sums.runs);
	print_sentence(stream, screen, transport, text);
}

/* Whether a run before this one is of the same transport. */
static bool results__had(const struct results *results, size_t before, const char *transport)
{
	for (size_t i = 0; i < before; i++)
		if (!strcmp(results->runs[i].transport, transport))
			return true;
	return false;
}

void answer__print(FILE *stream, const struct screen *screen, const struct results *results,
		   const struct asked *asked)
{
	for (size_t i = 0; i < results->run_count; i++)
		if (!results__had(results, i, results->runs[i].transport))
			print_transport(stream, screen, results, results->runs[i].transport);
	for (size_t i = 0; i < asked->count; i++)
		if (!results__had(results, results->run_count, asked->transport[i]->name))
			print_sentence(stream, screen, asked->transport[i]->name, "not run");
}
