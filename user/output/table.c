// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "ledger/words.h"
#include "output/table.h"
#include "base/text.h"

#define CELL	    64
#define WHY	    512
#define LINE	    (COLUMNS_MAX * CELL)
#define HEAD_LINES  3
#define COLUMNS_MAX (SITE_COUNT + 17)
#define UNKNOWN	    "n/a" /* never 0 */

struct column {
	const char *head[HEAD_LINES];
	void (*cell)(const struct column *column, const struct run_ledger *ledger, char text[CELL]);
	enum site site;
	enum side side;
	size_t offset; /* in struct latency */
	bool left;
};

/* What differs between the runs and so needs a column. */
struct varied {
	bool size, threads, repeat;
};

static struct varied results__varied(const struct results *results)
{
	const struct run_ledger *first = results->runs;
	struct varied varied = {};

	for (size_t i = 1; i < results->run_count; i++) {
		varied.size |= first[i].message_bytes != first->message_bytes;
		varied.threads |= first[i].threads != first->threads;
		varied.repeat |= first[i].repeat != first->repeat;
	}
	return varied;
}

static void cell__transport(const struct column *column, const struct run_ledger *ledger,
			    char *text)
{
	(void)column;
	snprintf(text, CELL, "%s", ledger->transport);
}

static void cell__size(const struct column *column, const struct run_ledger *ledger, char *text)
{
	(void)column;
	text__size(text, ledger->message_bytes);
}

static void cell__threads(const struct column *column, const struct run_ledger *ledger, char *text)
{
	(void)column;
	snprintf(text, CELL, "%u", ledger->threads);
}

static void cell__repeat(const struct column *column, const struct run_ledger *ledger, char *text)
{
	(void)column;
	snprintf(text, CELL, "%u", ledger->repeat);
}

static void cell__site(const struct column *column, const struct run_ledger *ledger, char *text)
{
	const struct site_value *value = &ledger->ledger.site[column->site];

	if (value->evidence == EVIDENCE_UNAVAILABLE)
		snprintf(text, CELL, UNKNOWN);
	else
		text__grouped(text, value->bytes);
}

static void cell__copies(const struct column *column, const struct run_ledger *ledger, char *text)
{
	bool bound = ledger->ledger.copies_evidence == EVIDENCE_UPPER_BOUND;

	(void)column;
	if (ledger->ledger.copies_per_byte.known)
		snprintf(text, CELL, "%s%.3f", bound ? "<=" : "",
			 ledger->ledger.copies_per_byte.value);
	else
		snprintf(text, CELL, UNKNOWN);
}

static void cell__residual(const struct column *column, const struct run_ledger *ledger, char *text)
{
	(void)column;
	text[0] = '\0';
	for (int side = 0; side < SIDE_COUNT; side++) {
		const struct maybe *residual = &ledger->ledger.residual[side];

		text__append(text, CELL, "%s", side ? "/" : "");
		if (residual->known)
			text__append(text, CELL, "%.0f", residual->value);
		else
			text__append(text, CELL, UNKNOWN);
	}
}

static void cell__switches(const struct column *column, const struct run_ledger *ledger, char *text)
{
	const struct switches *switches = &ledger->ledger.switches[column->side];
	char voluntary[TEXT_NUMBER], involuntary[TEXT_NUMBER];

	if (switches->known)
		snprintf(text, CELL, "%s/%s", text__grouped(voluntary, switches->voluntary),
			 text__grouped(involuntary, switches->involuntary));
	else
		snprintf(text, CELL, UNKNOWN);
}

static void cell__cpu(const struct column *column, const struct run_ledger *ledger, char *text)
{
	const struct run_result *result = &ledger->result;

	(void)column;
	if (result->seconds > 0)
		snprintf(text, CELL, "%.0f/%.0f",
			 100 * result->cpu_seconds[SENDER] / result->seconds,
			 100 * result->cpu_seconds[RECEIVER] / result->seconds);
	else
		snprintf(text, CELL, UNKNOWN);
}

static void cell__throughput(const struct column *column, const struct run_ledger *ledger,
			     char *text)
{
	(void)column;
	if (ledger->result.seconds > 0)
		snprintf(text, CELL, "%.2f", ledger->throughput_gbps);
	else
		snprintf(text, CELL, UNKNOWN);
}

static void cell__plain_throughput(const struct column *column, const struct run_ledger *ledger,
				   char *text)
{
	(void)column;
	if (ledger->plain_gbps.known)
		snprintf(text, CELL, "%.2f", ledger->plain_gbps.value);
	else
		snprintf(text, CELL, UNKNOWN);
}

static void cell__latency(const struct column *column, const struct run_ledger *ledger, char *text)
{
	const struct latency *latency = &ledger->result.latency;
	uint64_t ns;

	memcpy(&ns, (const char *)latency + column->offset, sizeof(ns));
	if (latency->count)
		snprintf(text, CELL, "%.1f", 1e-3 * ns);
	else
		snprintf(text, CELL, UNKNOWN);
}

static bool any_plain(const struct results *results)
{
	for (size_t i = 0; i < results->run_count; i++)
		if (results->runs[i].plain_gbps.known)
			return true;
	return false;
}

static bool any_unavailable(const struct results *results, enum site site)
{
	for (size_t i = 0; i < results->run_count; i++)
		if (results->runs[i].ledger.site[site].evidence == EVIDENCE_UNAVAILABLE)
			return true;
	return false;
}

static bool any_available(const struct results *results, enum site site)
{
	for (size_t i = 0; i < results->run_count; i++)
		if (results->runs[i].ledger.site[site].evidence != EVIDENCE_UNAVAILABLE)
			return true;
	return false;
}

static bool any_bytes(const struct results *results, enum site site)
{
	for (size_t i = 0; i < results->run_count; i++)
		if (results->runs[i].ledger.site[site].evidence != EVIDENCE_UNAVAILABLE &&
		    results->runs[i].ledger.site[site].bytes)
			return true;
	return false;
}

/*
 * The sites that every reader looks for have a column always. Of the others, one that is 0 in every
 * run, or unavailable in every run, is named under the table instead.
 */
static bool site__shown(const struct results *results, enum site site)
{
	switch (site) {
	case SITE_USER_MEMCPY:
	case SITE_SEND_COPY:
	case SITE_SEND_PIN:
	case SITE_DEFERRED_COPY:
	case SITE_RECEIVE_COPY:
		return true;
	default:
		return any_bytes(results, site) ||
		       (any_available(results, site) && any_unavailable(results, site));
	}
}

/* How the numbers of a column are known, where that is not by counting each at the copy. */
static const char *site__evidence(const struct results *results, enum site site)
{
	enum evidence weakest = EVIDENCE_EXACT;

	for (size_t i = 0; i < results->run_count; i++) {
		enum evidence evidence = results->runs[i].ledger.site[site].evidence;

		if (evidence != EVIDENCE_UNAVAILABLE && evidence > weakest)
			weakest = evidence;
	}
	return weakest == EVIDENCE_EXACT ? "" : evidence__name(weakest);
}

static const struct column transport_column = {
	.head = {"transport", "", ""}, .cell = cell__transport, .left = true};
static const struct column size_column = {.head = {"size", "bytes", ""}, .cell = cell__size};
static const struct column threads_column = {.head = {"threads", "", ""}, .cell = cell__threads};
static const struct column repeat_column = {.head = {"repeat", "", ""}, .cell = cell__repeat};
static const struct column copies_column = {.head = {"copies", "/byte", ""}, .cell = cell__copies};
static const struct column residual_column = {.head = {"residual", "send/", "recv"},
					      .cell = cell__residual};
static const struct column cpu_column = {.head = {"CPU %", "send/", "recv"}, .cell = cell__cpu};
static const struct column throughput_column = {.head = {"Gbit/s", "", ""},
						.cell = cell__throughput};
static const struct column plain_column = {.head = {"Gbit/s", "without", "probes"},
					   .cell = cell__plain_throughput};

static const struct column latency_columns[] = {
	{.head = {"latency", "p50", "us"},
	 .cell = cell__latency,
	 .offset = offsetof(struct latency, p50)},
	{.head = {"latency", "p90", "us"},
	 .cell = cell__latency,
	 .offset = offsetof(struct latency, p90)},
	{.head = {"latency", "p99", "us"},
	 .cell = cell__latency,
	 .offset = offsetof(struct latency, p99)},
	{.head = {"latency", "p99.9", "us"},
	 .cell = cell__latency,
	 .offset = offsetof(struct latency, p999)},
	{.head = {"latency", "max", "us"},
	 .cell = cell__latency,
	 .offset = offsetof(struct latency, max)},
};
#define LATENCY_COLUMNS (sizeof(latency_columns) / sizeof(latency_columns[0]))

static size_t columns__choose(const struct results *results, struct column *columns)
{
	struct varied varied = results__varied(results);
	unsigned int traced = results->runs[0].traced;
	struct column *next = columns;

	*next++ = transport_column;
	if (varied.size)
		*next++ = size_column;
	if (varied.threads)
		*next++ = threads_column;
	if (varied.repeat)
		*next++ = repeat_column;
	for (int site = 0; site < SITE_COUNT; site++)
		if (site == SITE_USER_MEMCPY ||
		    ((traced & TRACE_COPIES) && site__shown(results, site)))
			*next++ = (struct column){
				.head = {sites[site].name, "bytes", site__evidence(results, site)},
				.cell = cell__site,
				.site = site};
	if (traced & TRACE_COPIES) {
		*next++ = copies_column;
		*next++ = residual_column;
	}
	for (int side = 0; side < SIDE_COUNT && (traced & TRACE_SCHED); side++)
		*next++ = (struct column){.head = {"switches", side_names[side], "vol/invol"},
					  .cell = cell__switches,
					  .side = side};
	*next++ = cpu_column;
	*next++ = throughput_column;
	if (any_plain(results))
		*next++ = plain_column;
	for (size_t i = 0; i < LATENCY_COLUMNS && results->runs[0].mode == RUN_RR; i++)
		*next++ = latency_columns[i];
	return next - columns;
}

static int column__width(const struct column *column, const struct results *results)
{
	size_t width = 0;
	char text[CELL];

	for (int line = 0; line < HEAD_LINES; line++)
		if (strlen(column->head[line]) > width)
			width = strlen(column->head[line]);
	for (size_t i = 0; i < results->run_count; i++) {
		column->cell(column, &results->runs[i], text);
		if (strlen(text) > width)
			width = strlen(text);
	}
	return width;
}

static void line__add(char *line, const struct column *column, int width, const char *text)
{
	text__append(line, LINE, "%s%*s", column->left ? "" : "  ", column->left ? -width : width,
		     text);
}

/* Prints a line without the blanks at its end, and starts the next. */
static void line__print(FILE *stream, char *line)
{
	size_t length = strlen(line);

	while (length && line[length - 1] == ' ')
		length--;
	fprintf(stream, "%.*s\n", (int)length, line);
	line[0] = '\0';
}

static void print_grid(FILE *stream, const struct results *results)
{
	struct column columns[COLUMNS_MAX];
	size_t count = columns__choose(results, columns), total = 0;
	char text[CELL], line[LINE] = "";
	int width[COLUMNS_MAX];

	for (size_t c = 0; c < count; c++) {
		width[c] = column__width(&columns[c], results);
		total += width[c] + (columns[c].left ? 0 : 2);
	}
	for (int head = 0; head < HEAD_LINES; head++) {
		for (size_t c = 0; c < count; c++)
			line__add(line, &columns[c], width[c], columns[c].head[head]);
		line__print(stream, line);
	}
	while (total--)
		fputc('-', stream);
	fputc('\n', stream);
	for (size_t run = 0; run < results->run_count; run++) {
		for (size_t c = 0; c < count; c++) {
			columns[c].cell(&columns[c], &results->runs[run], text);
			line__add(line, &columns[c], width[c], text);
		}
		line__print(stream, line);
	}
}

/* What the runs have in common. */
static void print_title(FILE *stream, const struct results *results)
{
	struct varied varied = results__varied(results);
	const struct run_ledger *run = &results->runs[0];
	char size[TEXT_NUMBER];

	fprintf(stream, "path %s", run->path);
	if (!varied.size)
		fprintf(stream, ", messages of %s bytes", text__size(size, run->message_bytes));
	if (!varied.threads)
		fprintf(stream, ", %u thread%s a side", run->threads, run->threads == 1 ? "" : "s");
	fprintf(stream, "%s", run->mode == RUN_RR ? ", each one asked for" : "");
	fprintf(stream, "%s\n\n", run->verify ? ", every byte verified" : "");
}

static void print_zero_sites(FILE *stream, const struct results *results)
{
	const char *separator = "0 in every row: ";

	for (int site = 0; site < SITE_COUNT; site++) {
		if (site__shown(results, site) || !any_available(results, site))
			continue;
		fprintf(stream, "%s%s", separator, sites[site].name);
		separator = ", ";
	}
	if (separator[0] == ',')
		fputc('\n', stream);
}

static bool same_why(const struct results *results, enum site a, enum site b)
{
	char why_a[WHY], why_b[WHY];

	probes__why(results->probes, results->probe_count, a, why_a, sizeof(why_a));
	probes__why(results->probes, results->probe_count, b, why_b, sizeof(why_b));
	return !strcmp(why_a, why_b);
}

/* A line for each reason, with all the sites that it takes away. */
static void print_unavailable_sites(FILE *stream, const struct results *results)
{
	bool said[SITE_COUNT] = {};
	char why[WHY];

	for (int site = 0; site < SITE_COUNT; site++) {
		if (said[site] || !any_unavailable(results, site))
			continue;
		fprintf(stream, UNKNOWN ": %s", sites[site].name);
		for (int other = site + 1; other < SITE_COUNT; other++) {
			if (!any_unavailable(results, other) || !same_why(results, site, other))
				continue;
			fprintf(stream, ", %s", sites[other].name);
			said[other] = true;
		}
		probes__why(results->probes, results->probe_count, site, why, sizeof(why));
		fprintf(stream, ": %s\n", why);
	}
}

static void print_not_counted(FILE *stream, const struct results *results)
{
	unsigned int traced = results->runs[0].traced;
	char why[WHY];

	if (traced & TRACE_COPIES) {
		print_zero_sites(stream, results);
		print_unavailable_sites(stream, results);
	} else {
		fputs("copies were not traced; --trace copies counts them\n", stream);
	}
	if ((traced & TRACE_SCHED) && !results->runs[0].ledger.switches[SENDER].known) {
		probes__why_no_switches(results->probes, results->probe_count, why, sizeof(why));
		fprintf(stream, UNKNOWN ": context switches: %s\n", why);
	}
}

/* " [64K, 4 threads, repeat 2]": which run is meant, by what differs between them. */
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

static bool notes__have(const struct run_ledger *run, const char *sentence)
{
	char other[SENTENCE_MAX];

	for (size_t i = 0; i < run->ledger.notes.count; i++) {
		words__sentence(&run->ledger, &run->ledger.notes.remark[i], other, sizeof(other));
		if (!strcmp(other, sentence))
			return true;
	}
	return false;
}

/* A sentence that several runs share is printed once, with how many share it. */
static void print_note(FILE *stream, const struct results *results, size_t first, const char *note)
{
	size_t sharing = 0, alike = 0;
	const char *transport = results->runs[first].transport;
	char label[CELL] = "";
	bool mixed = false;

	for (size_t i = 0; i < results->run_count; i++) {
		const struct run_ledger *run = &results->runs[i];
		bool shares = notes__have(run, note);

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
	fprintf(stream, "%s%s%s%s\n", mixed ? "" : transport, mixed ? "" : ": ", note, label);
}

static void print_notes(FILE *stream, const struct results *results)
{
	char sentence[SENTENCE_MAX];

	for (size_t i = 0; i < results->run_count; i++) {
		const struct ledger *ledger = &results->runs[i].ledger;

		for (size_t n = 0; n < ledger->notes.count; n++) {
			words__sentence(ledger, &ledger->notes.remark[n], sentence,
					sizeof(sentence));
			print_note(stream, results, i, sentence);
		}
	}
}

/* The code lets scripts tell reasons apart. */
static void print_invalid(FILE *stream, const struct results *results)
{
	char label[CELL], sentence[SENTENCE_MAX];

	for (size_t i = 0; i < results->run_count; i++) {
		const struct run_ledger *run = &results->runs[i];
		const struct remarks *reasons = &run->ledger.reasons;

		run__label(run, results__varied(results), label, sizeof(label));
		for (size_t r = 0; r < reasons->count; r++) {
			words__sentence(&run->ledger, &reasons->remark[r], sentence,
					sizeof(sentence));
			fprintf(stream, "INVALID: %s%s: %s [%s]\n", run->transport, label, sentence,
				remark__name(reasons->remark[r].code));
		}
	}
}

static void print_checks(FILE *stream, const struct results *results)
{
	for (size_t i = 0; i < results->check_count; i++) {
		const struct memcpy_check *check = &results->checks[i];

		if (check->error)
			fprintf(stream, "%s: user_memcpy is unproved: %s%s\n", check->transport,
				check->error == -ECANCELED ? "" : "no uprobe: ",
				memcpy_check__why_not(check));
		else if (!memcpy_check__equal(check))
			fprintf(stream,
				"INVALID: %s: user_memcpy: it reports %llu bytes in %llu calls, a "
				"uprobe counted %llu in %llu\n",
				check->transport, check->self_reported.bytes,
				check->self_reported.calls, check->uprobe.bytes,
				check->uprobe.calls);
	}
}

int table__print(FILE *stream, const struct results *results)
{
	if (!results->run_count)
		return 0;
	print_title(stream, results);
	print_grid(stream, results);
	fputc('\n', stream);
	print_not_counted(stream, results);
	print_notes(stream, results);
	print_checks(stream, results);
	print_invalid(stream, results);
	return fflush(stream) || ferror(stream) ? -EIO : 0;
}
