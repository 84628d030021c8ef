// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "base/statistics.h"
#include "base/text.h"
#include "output/json.h"
#include "output/remarks.h"
#include "output/sheet.h"
#include "run/advice.h"
#include "run/combinations.h"
#include "run/combinations_parts.h"
#include "run/summary.h"

#define SENTENCE 512

bool combinations__several(const struct options *options)
{
	return options->sizes.count > 1 || options->threads.count > 1 || options->repeat_max > 1;
}

static const json_t *estimate__of(const json_t *row, const char *quantity)
{
	return json_object_get(json__at(row, "quantities"), quantity);
}

double estimate__number(const json_t *row, const char *quantity, const char *key)
{
	return json_number_value(json__at(estimate__of(row, quantity), key));
}

static bool estimate__has(const json_t *row, const char *quantity, const char *key)
{
	return json_is_number(json__at(estimate__of(row, quantity), key));
}

const json_t *row__find(const struct printer *printer, const char *transport,
			struct setting setting)
{
	json_t *row;
	size_t i;

	json_array_foreach (printer->rows, i, row)
		if (json__is_of(row, transport, setting.message_bytes, setting.threads))
			return row;
	return NULL;
}

/* Finds what the table and its conclusions depend on. */
static void printer__read_rows(struct printer *printer)
{
	double first = -1, count;
	json_t *row;
	size_t i;

	json_array_foreach (printer->rows, i, row) {
		count = estimate__number(row, "throughput_gbps", "count");
		printer->counts_differ |= first >= 0 && count != first;
		first = count;
		if (!printer->fewest || count < printer->fewest)
			printer->fewest = count;
		printer->intervals |= estimate__has(row, "throughput_gbps", "low");
		printer->invalid |= json_integer_value(json__at(row, "invalid")) > 0;
	}
}

static void add_column(struct sheet *sheet, const char *head)
{
	sheet__add_column(sheet, (struct sheet_column){.head = head, .colour = COLOUR_BOLD});
}

static void add_columns(struct sheet *sheet, const struct printer *printer)
{
	const struct options *options = printer->options;

	sheet__add_column(sheet, (struct sheet_column){
					 .head = "transport", .left = true, .colour = COLOUR_BOLD});
	if (options->sizes.count > 1)
		add_column(sheet, "size\nbytes");
	if (options->threads.count > 1)
		add_column(sheet, "threads");
	if (printer->counts_differ)
		add_column(sheet, "runs");
	if (printer->invalid)
		add_column(sheet, "invalid\nruns");
	add_column(sheet, "Gbit/s");
	if (printer->intervals)
		add_column(sheet, "95%\ninterval");
	if (options->traced & TRACE_COPIES)
		add_column(sheet, "copies\n/byte");
	if (options->traced & TRACE_TIME)
		add_column(sheet, "copy ns\n/byte");
	add_column(sheet, "CPU ns\n/byte");
	add_column(sheet, "switches\n/message");
	if (options->mode == RUN_RR) {
		add_column(sheet, "p50\nus");
		add_column(sheet, "p99\nus");
	}
}

static void add_median(struct sheet *sheet, const json_t *row, const char *quantity, double scale,
		       int decimals)
{
	if (estimate__has(row, quantity, "median"))
		sheet__add_text(sheet, COLOUR_NONE, "%.*f", decimals,
				estimate__number(row, quantity, "median") * scale);
	else
		sheet__add_unknown(sheet);
}

static void add_interval(struct sheet *sheet, const json_t *row)
{
	if (estimate__has(row, "throughput_gbps", "low"))
		sheet__add_text(sheet, COLOUR_NONE, "%.2f to %.2f",
				estimate__number(row, "throughput_gbps", "low"),
				estimate__number(row, "throughput_gbps", "high"));
	else
		sheet__add_unknown(sheet);
}

static void add_measured(struct sheet *sheet, const struct printer *printer, const json_t *row)
{
	const struct options *options = printer->options;
	json_int_t invalid = json_integer_value(json__at(row, "invalid"));

	if (printer->counts_differ)
		sheet__add_text(sheet, COLOUR_NONE, "%.0f",
				estimate__number(row, "throughput_gbps", "count"));
	if (printer->invalid)
		sheet__add_text(sheet, invalid ? COLOUR_RED : COLOUR_NONE, "%" JSON_INTEGER_FORMAT,
				invalid);
	add_median(sheet, row, "throughput_gbps", 1, 2);
	if (printer->intervals)
		add_interval(sheet, row);
	if (options->traced & TRACE_COPIES)
		add_median(sheet, row, "copies_per_byte", 1, 3);
	if (options->traced & TRACE_TIME)
		add_median(sheet, row, "copy_ns_per_byte", 1, 3);
	add_median(sheet, row, "cpu_seconds_per_gib", NS_PER_S_PER_GIB, 3);
	add_median(sheet, row, "switches_per_message", 1, 3);
	if (options->mode == RUN_RR) {
		add_median(sheet, row, "latency_p50_us", 1, 1);
		add_median(sheet, row, "latency_p99_us", 1, 1);
	}
}

/* A combination that was not run has a row without numbers. */
static void add_row(struct sheet *sheet, const struct printer *printer, const char *transport,
		    struct setting setting)
{
	const struct options *options = printer->options;
	const json_t *row = row__find(printer, transport, setting);
	char size[TEXT_NUMBER];

	sheet__add_row(sheet);
	sheet__add_text(sheet, COLOUR_NONE, "%s", transport);
	if (options->sizes.count > 1)
		sheet__add_text(sheet, COLOUR_NONE, "%s", text__size(size, setting.message_bytes));
	if (options->threads.count > 1)
		sheet__add_text(sheet, COLOUR_NONE, "%u", setting.threads);
	if (row)
		add_measured(sheet, printer, row);
	else
		sheet__add_text(sheet, COLOUR_FAINT, "not run");
}

void printer__walk(const struct printer *printer, void *context,
		   void (*each)(void *context, const struct printer *printer,
				struct setting setting))
{
	const struct options *options = printer->options;

	for (size_t t = 0; t < options->threads.count; t++)
		for (size_t s = 0; s < options->sizes.count; s++)
			each(context, printer,
			     (struct setting){options->sizes.value[s], options->threads.value[t]});
}

static void add_setting(void *context, const struct printer *printer, struct setting setting)
{
	const struct options *options = printer->options;
	struct sheet *sheet = context;

	if (options->transport_count > 1)
		sheet__add_rule(sheet);
	for (size_t i = 0; i < options->transport_count; i++)
		add_row(sheet, printer, options->transport[i]->name, setting);
}

static int print_rows(const struct printer *printer)
{
	struct sheet *sheet = sheet__new();
	int err;

	add_columns(sheet, printer);
	printer__walk(printer, sheet, add_setting);
	err = sheet__print(sheet, printer->stream, printer->screen);
	sheet__free(sheet);
	fputc('\n', printer->stream);
	return err;
}

static void print_how(const struct printer *printer)
{
	char text[SENTENCE];

	snprintf(text, sizeof(text), "medians of the valid runs%s",
		 printer->options->baseline_runs
			 ? ", of those without probes where there is a choice"
			 : "");
	if (printer->intervals)
		conclusions__append_confidence(printer, text, sizeof(text));
	else
		text__append(text, sizeof(text), "; an interval takes %zu repeats (--repeat %zu)",
			     statistics__fewest(CONFIDENCE), statistics__fewest(CONFIDENCE));
	text__append(text, sizeof(text), "; every single run: --rows");
	screen__wrap(printer->stream, printer->screen, 0, 2, text);
}

static void print_title(const struct printer *printer)
{
	const struct options *options = printer->options;
	char text[SENTENCE], size[TEXT_NUMBER];

	snprintf(text, sizeof(text), "path %s", options->path.name);
	if (options->sizes.count == 1)
		text__append(text, sizeof(text), ", messages of %s bytes",
			     text__size(size, options->sizes.value[0]));
	if (options->threads.count == 1)
		text__append(text, sizeof(text), ", %u thread%s a side",
			     (unsigned int)options->threads.value[0],
			     options->threads.value[0] == 1 ? "" : "s");
	text__append(text, sizeof(text), "%s%s",
		     options->mode == RUN_RR ? ", each one asked for" : "",
		     options->verify ? ", every byte verified" : "");
	text__append(text, sizeof(text), ", %zu runs", json_array_size(printer->runs));
	screen__wrap(printer->stream, printer->screen, 0, 2, text);
	fputc('\n', printer->stream);
}

static int printer__print(struct printer *printer, const struct view *view,
			  const struct results *results)
{
	bool answers = results->run_count && results->runs[0].traced & TRACE_COPIES;
	int err;

	print_title(printer);
	if (!printer->options->advise)
		answer__print(printer->stream, printer->screen, results, &view->asked);
	if (answers && !printer->options->advise)
		fputc('\n', printer->stream);
	printer__read_rows(printer);
	err = print_rows(printer);
	if (printer->options->advise) {
		advice__print(printer->stream, printer->screen, printer->options, printer->runs);
	} else {
		conclusions__print(printer);
		print_how(printer);
	}
	if (results->run_count)
		remarks__print_not_counted(printer->stream, printer->screen, results);
	remarks__print_brief(printer->stream, printer->screen, results);
	table__print_next(printer->stream, view, results);
	return err;
}

int combinations__print(FILE *stream, const struct view *view, const struct options *options,
			const json_t *runs, const struct results *results)
{
	json_t *summary = json_array_size(runs) ? summary__json(runs) : NULL;
	struct printer printer = {
		.stream = stream,
		.screen = &view->screen,
		.options = options,
		.runs = runs,
		.rows = json__at(summary, "rows"),
	};
	int err = summary ? printer__print(&printer, view, results) : 0;

	json_decref(summary);
	return err ?: fflush(stream) || ferror(stream) ? -EIO : 0;
}
