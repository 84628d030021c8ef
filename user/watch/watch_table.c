// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "watch/watch.h"

#define CELL	    160
#define HEAD_LINES  2
#define COLUMNS_MAX (SITE_COUNT + 8)
#define UNKNOWN	    "n/a" /* never 0 */
#define WHY	    512

struct column {
	const char *head[HEAD_LINES];
	void (*cell)(const struct column *column, const struct account *account, char text[CELL]);
	enum site site;
	enum side side;
	bool left;
	unsigned int spare; /* where there is no room, those of the highest number go; 0 stays */
	bool brief;	    /* numbers of three digits */
	size_t width;
};

static const char *number(const struct column *column, char text[static TEXT_NUMBER],
			  uint64_t value)
{
	return column->brief ? text__brief(text, value) : text__grouped(text, value);
}

static void cell__name(const struct column *column, const struct account *account, char *text)
{
	(void)column;
	account__name(account, text, CELL);
	if (!*text)
		snprintf(text, CELL, "%.40s", account->command ?: "(no row of its own)");
}

static void cell__total(const struct column *column, const struct account *account, char *text)
{
	bool sender = column->side == SENDER;
	char digits[TEXT_NUMBER];

	if (sender ? account->sent_known : account->received_known)
		snprintf(text, CELL, "%s",
			 number(column, digits, sender ? account->sent : account->received));
	else
		snprintf(text, CELL, UNKNOWN);
}

static void cell__site(const struct column *column, const struct account *account, char *text)
{
	const struct site_value *value = &account->ledger.site[column->site];
	char digits[TEXT_NUMBER];

	snprintf(text, CELL, "%s",
		 value->evidence == EVIDENCE_UNAVAILABLE ? UNKNOWN
							 : number(column, digits, value->bytes));
}

static void cell__copies(const struct column *column, const struct account *account, char *text)
{
	const struct maybe *copies[] = {&account->ledger.copies[SENDER],
					&account->ledger.copies[RECEIVER]};

	(void)column;
	text[0] = '\0';
	for (int side = 0; side < SIDE_COUNT; side++) {
		if (side)
			text__append(text, CELL, "/");
		if (copies[side]->known)
			text__append(text, CELL, "%.3f", copies[side]->value);
		else
			text__append(text, CELL, "-");
	}
}

static void cell__residual(const struct column *column, const struct account *account, char *text)
{
	(void)column;
	text[0] = '\0';
	for (int side = 0; side < SIDE_COUNT; side++) {
		const struct maybe *residual = &account->ledger.residual[side];

		text__append(text, CELL, "%s", side ? "/" : "");
		if (residual->known)
			text__append(text, CELL, "%.0f", residual->value);
		else
			text__append(text, CELL, UNKNOWN);
	}
}

static void cell__switches(const struct column *column, const struct account *account, char *text)
{
	const struct switches *switches = &account->ledger.switches[SENDER];
	char voluntary[TEXT_NUMBER], involuntary[TEXT_NUMBER];

	if (account->row.kind == ROW_SOCKET)
		snprintf(text, CELL, "-"); /* a thread's, not a connection's */
	else if (switches->known)
		snprintf(text, CELL, "%s/%s", number(column, voluntary, switches->voluntary),
			 number(column, involuntary, switches->involuntary));
	else
		snprintf(text, CELL, UNKNOWN);
}

static void cell__retransmits(const struct column *column, const struct account *account,
			      char *text)
{
	char digits[TEXT_NUMBER];

	snprintf(text, CELL, "%s",
		 number(column, digits, account->tally.extra[EXTRA_RETRANSMIT].calls));
}

static bool any_retransmits(const struct report *report)
{
	for (size_t i = 0; i < report->count && report->known->retransmits; i++)
		if (report->accounts[i]->tally.extra[EXTRA_RETRANSMIT].calls)
			return true;
	return false;
}

static void cell__time(const struct column *column, const struct account *account, char *text)
{
	const struct maybe *time = &account->time_ns[column->site];
	char digits[TEXT_NUMBER];

	snprintf(text, CELL, "%s", time->known ? number(column, digits, time->value) : UNKNOWN);
}

static void cell__copying(const struct column *column, const struct account *account, char *text)
{
	const struct maybe *time = &account->copying_ns;
	char digits[TEXT_NUMBER];

	(void)column;
	snprintf(text, CELL, "%s", time->known ? number(column, digits, time->value) : UNKNOWN);
}

/* Of one processor. */
static void cell__share(const struct column *column, const struct account *account, char *text)
{
	const struct maybe *time = &account->copying_ns;

	(void)column;
	if (time->known && account->seconds > 0)
		snprintf(text, CELL, "%.1f", time->value / account->seconds / 1e7);
	else
		snprintf(text, CELL, UNKNOWN);
}

static bool any_bytes(const struct report *report, enum site site)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->accounts[i]->ledger.site[site].bytes)
			return true;
	return false;
}

/* The plain copies are always there, the rest when there is something in it. */
static bool site__shown(const struct report *report, enum site site)
{
	if (site == SITE_USER_MEMCPY)
		return false;
	return site == SITE_SEND_COPY || site == SITE_RECEIVE_COPY || any_bytes(report, site);
}

/* "send", "copy" above one another. */
static void column__halve_head(struct column *column)
{
	static char upper[SITE_COUNT][16];
	const char *name = column->head[0], *cut = strchr(name, '_');

	if (!cut || strcmp(name, sites[column->site].name))
		return;
	snprintf(upper[column->site], sizeof(upper[0]), "%.*s", (int)(cut - name), name);
	column->head[0] = upper[column->site];
	column->head[1] = cut + 1;
}

static size_t columns__choose(const struct report *report, struct column *columns)
{
	struct column *next = columns;

	*next++ = (struct column){.head = {"process", ""}, .cell = cell__name, .left = true};
	for (int side = 0; side < SIDE_COUNT; side++) {
		*next++ = (struct column){.head = {side == SENDER ? "sent" : "received", "bytes"},
					  .cell = cell__total,
					  .side = side};
		for (int site = 0; site < SITE_COUNT; site++)
			if (sites[site].side == (enum side)side && site__shown(report, site))
				*next++ = (struct column){.head = {sites[site].name, "bytes"},
							  .cell = cell__site,
							  .spare = sites[site].cpu_copy ? 1 : 2,
							  .site = site};
	}
	*next++ = (struct column){.head = {"copies/byte", "send/recv"}, .cell = cell__copies};
	*next++ = (struct column){
		.head = {"residual", "send/recv"}, .cell = cell__residual, .spare = 3};
	if (any_retransmits(report))
		*next++ = (struct column){
			.head = {"retrans.", "segments"}, .cell = cell__retransmits, .spare = 4};
	*next++ = (struct column){
		.head = {"switches", "vol/invol"}, .cell = cell__switches, .spare = 5};
	return next - columns;
}

/* The copies, whatever is in them. */
static size_t columns__choose_time(const struct report *report, struct column *columns)
{
	struct column *next = columns;

	*next++ = (struct column){.head = {"process", ""}, .cell = cell__name, .left = true};
	for (int site = 0; site < SITE_COUNT; site++)
		if (site__shown(report, site) && (sites[site].cpu_copy || site == SITE_TAP_COPY))
			*next++ = (struct column){.head = {sites[site].name, "ns"},
						  .cell = cell__time,
						  .spare = 1,
						  .site = site};
	*next++ = (struct column){.head = {"all copies", "ns"}, .cell = cell__copying};
	*next++ = (struct column){.head = {"of one", "CPU %"}, .cell = cell__share};
	return next - columns;
}

static size_t report__rows(const struct report *report)
{
	return report->lines && report->lines < report->count ? report->lines : report->count;
}

static void column__measure(struct column *column, const struct report *report)
{
	char text[CELL];

	column->width = 0;
	for (int line = 0; line < HEAD_LINES; line++)
		if (strlen(column->head[line]) > column->width)
			column->width = strlen(column->head[line]);
	for (size_t i = 0; i < report__rows(report); i++) {
		column->cell(column, report->accounts[i], text);
		if (strlen(text) > column->width)
			column->width = strlen(text);
	}
}

static size_t columns__measure(struct column *columns, size_t count, const struct report *report)
{
	size_t total = 0;

	for (size_t c = 0; c < count; c++) {
		column__measure(&columns[c], report);
		total += columns[c].width + (columns[c].left ? 0 : 2);
	}
	return total;
}

/* Takes out the last of those that can best be spared. Its name, or NULL: none can. */
static const char *columns__spare(struct column *columns, size_t *count)
{
	const char *name;
	size_t worst = 0;

	for (size_t c = 1; c < *count; c++)
		if (columns[c].spare && columns[c].spare >= columns[worst].spare)
			worst = c;
	if (!worst)
		return NULL;
	name = columns[worst].cell == cell__site || columns[worst].cell == cell__time
		       ? sites[columns[worst].site].name
		       : columns[worst].head[0];
	memmove(columns + worst, columns + worst + 1, (--*count - worst) * sizeof(*columns));
	return name;
}

/* Makes them fit a terminal; names what is left out. */
static size_t columns__fit(struct column *columns, size_t count, const struct report *report,
			   char *left_out, size_t size)
{
	const char *name;

	if (!report->width || columns__measure(columns, count, report) <= report->width)
		return count;
	for (size_t c = 0; c < count; c++) {
		columns[c].brief = true;
		column__halve_head(&columns[c]);
	}
	while (columns__measure(columns, count, report) > report->width) {
		name = columns__spare(columns, &count);
		if (!name)
			break;
		text__append(left_out, size, "%s%s", *left_out ? ", " : "", name);
	}
	return count;
}

static void print_cell(FILE *stream, const struct column *column, const char *text)
{
	fprintf(stream, "%s%*s", column->left ? "" : "  ",
		(int)(column->left ? -column->width : column->width), text);
}

static void print_grid(FILE *stream, const struct report *report, struct column *columns,
		       size_t count)
{
	char text[CELL], left_out[WHY] = "";
	size_t total;

	count = columns__fit(columns, count, report, left_out, sizeof(left_out));
	total = columns__measure(columns, count, report);
	for (int line = 0; line < HEAD_LINES; line++) {
		for (size_t c = 0; c < count; c++)
			print_cell(stream, &columns[c], columns[c].head[line]);
		fputc('\n', stream);
	}
	while (total--)
		fputc('-', stream);
	fputc('\n', stream);
	for (size_t i = 0; i < report__rows(report); i++) {
		for (size_t c = 0; c < count; c++) {
			columns[c].cell(&columns[c], report->accounts[i], text);
			print_cell(stream, &columns[c], text);
		}
		fputc('\n', stream);
	}
	if (report__rows(report) < report->count)
		fprintf(stream, "and %zu more\n", report->count - report__rows(report));
	if (*left_out)
		fprintf(stream, "no room for: %s\n", left_out);
}

static void print_unavailable(FILE *stream, const struct report *report)
{
	char why[WHY];

	for (int site = 0; site < SITE_COUNT; site++) {
		if (site == SITE_USER_MEMCPY ||
		    report->known->evidence[site] != EVIDENCE_UNAVAILABLE)
			continue;
		probes__why(report->probes, report->probe_count, site, why, sizeof(why));
		fprintf(stream, UNKNOWN ": %s: %s\n", sites[site].name, why);
	}
	for (int site = 0; site < SITE_COUNT && report->known->time; site++)
		if (site__shown(report, site) && !report->known->timed[site] &&
		    (sites[site].cpu_copy || site == SITE_TAP_COPY))
			fprintf(stream,
				UNKNOWN
				": time of %s: nothing attaches to both ends of this copy "
				"here\n",
				sites[site].name);
	if (report->count && !report->lines)
		fprintf(stream,
			"send residual: 0 by construction here, as one probe gives both what "
			"was sent and what became of it\n");
	if (!report->known->received)
		fprintf(stream, UNKNOWN
			": received bytes and receive_copy: nothing tells where a "
			"receive ends\n");
}

/* Missed events are of all rows alike: print_losses() names them once. */
static void print_reasons(FILE *stream, const struct ledger *ledger, const char *name)
{
	char sentence[SENTENCE_MAX];

	for (size_t i = 0; i < ledger->reasons.count; i++) {
		const struct remark *reason = &ledger->reasons.remark[i];

		if (reason->code == REMARK_MISSED_EVENTS)
			continue;
		words__sentence(ledger, reason, sentence, sizeof(sentence));
		fprintf(stream, "INVALID: %s%s%s [%s]\n", name, *name ? ": " : "", sentence,
			remark__name(reason->code));
	}
}

static void print_sentences(FILE *stream, const struct account *account, bool several,
			    bool reasons_only)
{
	const struct ledger *ledger = &account->ledger;
	char name[CELL] = "", sentence[SENTENCE_MAX];

	if (several)
		account__name(account, name, sizeof(name));
	for (size_t i = 0; i < ledger->notes.count && !reasons_only; i++) {
		words__sentence(ledger, &ledger->notes.remark[i], sentence, sizeof(sentence));
		fprintf(stream, "%s%s%s\n", name, *name ? ": " : "", sentence);
	}
	print_reasons(stream, ledger, name);
}

static void print_losses(FILE *stream, const struct report *report)
{
	char number[TEXT_NUMBER];

	if (report->lost)
		fprintf(stream,
			"INVALID: %s events were lost: a map was full (--map-entries) or memory "
			"unreadable [%s]\n",
			text__grouped(number, report->lost), remark__name(REMARK_LOST_EVENTS));
	if (report->shared)
		fprintf(stream,
			"%s bytes are of processes or connections without a row of their own "
			"(--rows)\n",
			text__grouped(number, report->shared));
	for (size_t i = 0; i < report->probe_count && report__is_touched(report); i++)
		if (probe__missed(&report->probes[i]))
			fprintf(stream, "INVALID: the kernel skipped probe %s %llu times [%s]\n",
				report->probes[i].program, report->probes[i].missed,
				remark__name(REMARK_MISSED_EVENTS));
}

int watch_table__print(FILE *stream, const struct report *report)
{
	const struct watch_options *options = report->options;
	struct column columns[COLUMNS_MAX];

	fprintf(stream, "%s%.2f s%s\n\n", report->lines ? "all processes, bytes in " : "",
		report->seconds, report->lines && !report->last ? "; Ctrl-C ends" : "");
	if (report->count)
		print_grid(stream, report, columns, columns__choose(report, columns));
	else
		fputs("nothing was sent or received over TCP\n", stream);
	fputc('\n', stream);
	if (report->count && options->time) {
		print_grid(stream, report, columns, columns__choose_time(report, columns));
		fputc('\n', stream);
	}
	print_unavailable(stream, report);
	for (size_t i = 0; i < report__rows(report); i++)
		print_sentences(stream, report->accounts[i], options->by != BY_NOTHING,
				report->lines);
	print_losses(stream, report);
	return ferror(stream) ? -EIO : 0;
}
