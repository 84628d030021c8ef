// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/csv.h"
#include "output/json.h"
#include "tracer/sites.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct column {
	const char *name;
	const char *path; /* in the JSON of a run */
	const char *plus; /* another one to add; the sum is unknown if one of them is */
};

#define COLUMN(title, from)                                                                        \
	{                                                                                          \
		.name = (title), .path = (from)                                                    \
	}
#define SUM(title, from, other)                                                                    \
	{                                                                                          \
		.name = (title), .path = (from), .plus = (other)                                   \
	}
#define SITE_COLUMNS(id, name, ...)                                                                \
	COLUMN(name, "sites." name ".bytes"), COLUMN(name "_evidence", "sites." name ".evidence"),

/* The order is part of the format: the first ten columns are those of the reports. */
static const struct column columns[] = {
	COLUMN("implementation", "transport"),
	COLUMN("message_size", "message_bytes"),
	COLUMN("threads", "threads"),
	COLUMN("throughput_gbps", "throughput_gbps"),
	COLUMN("avg_latency_us", "latency_us.mean"),
	SUM("cycles", "counters.sender.cycles", "counters.receiver.cycles"),
	SUM("instructions", "counters.sender.instructions", "counters.receiver.instructions"),
	SUM("context_switches", "kernel_switches.sender.total", "kernel_switches.receiver.total"),
	SUM("cache_references", "counters.sender.cache_references",
	    "counters.receiver.cache_references"),
	SUM("cache_misses", "counters.sender.cache_misses", "counters.receiver.cache_misses"),
	COLUMN("path", "path"),
	COLUMN("mode", "mode"),
	COLUMN("seconds", "seconds"),
	COLUMN("repeat", "repeat"),
	COLUMN("sequence", "sequence"),
	COLUMN("traced", "traced"),
	COLUMN("messages", "messages"),
	COLUMN("payload_bytes", "payload_bytes"),
	COLUMN("copies_per_byte", "copies_per_byte"),
	COLUMN("copies_per_byte_evidence", "copies_per_byte_evidence"),
	COLUMN("residual_send", "residual.send"),
	COLUMN("residual_receive", "residual.receive"),
	SITES(SITE_COLUMNS) COLUMN("retransmitted_bytes", "retransmits.bytes"),
	COLUMN("sender_voluntary_switches", "context_switches.sender.voluntary"),
	COLUMN("sender_involuntary_switches", "context_switches.sender.involuntary"),
	COLUMN("receiver_voluntary_switches", "context_switches.receiver.voluntary"),
	COLUMN("receiver_involuntary_switches", "context_switches.receiver.involuntary"),
	COLUMN("latency_p50_us", "latency_us.p50"),
	COLUMN("latency_p90_us", "latency_us.p90"),
	COLUMN("latency_p99_us", "latency_us.p99"),
	COLUMN("latency_p999_us", "latency_us.p999"),
	COLUMN("latency_max_us", "latency_us.max"),
	COLUMN("requests", "requests.count"),
	COLUMN("sender_cpu_seconds", "cpu_seconds.sender"),
	COLUMN("receiver_cpu_seconds", "cpu_seconds.receiver"),
	COLUMN("cpu_seconds_per_gib", "derived.cpu_seconds_per_gib"),
	COLUMN("cycles_per_byte", "derived.cycles_per_byte"),
	COLUMN("instructions_per_byte", "derived.instructions_per_byte"),
	COLUMN("cache_misses_per_kib", "derived.cache_misses_per_kib"),
	COLUMN("l1d_load_misses_per_kib", "derived.l1d_load_misses_per_kib"),
	COLUMN("llc_load_misses_per_kib", "derived.llc_load_misses_per_kib"),
	COLUMN("dtlb_load_misses_per_kib", "derived.dtlb_load_misses_per_kib"),
	COLUMN("branch_misses_per_kib", "derived.branch_misses_per_kib"),
	COLUMN("sender_task_clock_ns", "counters.sender.task_clock_ns"),
	COLUMN("receiver_task_clock_ns", "counters.receiver.task_clock_ns"),
	COLUMN("sender_page_faults", "counters.sender.page_faults"),
	COLUMN("receiver_page_faults", "counters.receiver.page_faults"),
	COLUMN("sender_migrations", "counters.sender.migrations"),
	COLUMN("receiver_migrations", "counters.receiver.migrations"),
	COLUMN("sender_cpu", "cpus.sender"),
	COLUMN("receiver_cpu", "cpus.receiver"),
	COLUMN("copy_ns_per_byte", "derived.copy_ns_per_byte"),
	COLUMN("valid", "valid"),
	COLUMN("why_invalid", "why_invalid"),
	COLUMN("reason_codes", "reasons"),
};

/* A cell with a comma, quote or line end is quoted; each quote in it is doubled (RFC 4180). */
static void cell__text(FILE *row, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, row);
		return;
	}
	fputc('"', row);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', row);
		fputc(*text, row);
	}
	fputc('"', row);
}

/* Words as "copies+sched", sentences with "; " between them, remarks as their codes. */
static void cell__strings(FILE *row, const json_t *array)
{
	char *text = NULL;
	size_t size, i;
	FILE *cell = open_memstream(&text, &size);
	json_t *item;

	if (!cell)
		return;
	json_array_foreach (array, i, item) {
		const char *word = json_string_value(
			json_is_object(item) ? json_object_get(item, "code") : item);

		fprintf(cell, "%s%s", !i ? "" : strchr(word, ' ') ? "; " : "+", word);
	}
	fclose(cell);
	cell__text(row, text);
	free(text);
}

static void cell__print(FILE *row, const json_t *value)
{
	if (json_is_integer(value))
		fprintf(row, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		fprintf(row, "%.*g", JSON_DIGITS, json_real_value(value));
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "true" : "false", row);
	else if (json_is_string(value))
		cell__text(row, json_string_value(value));
	else if (json_is_array(value))
		cell__strings(row, value);
}

static void cell__sum(FILE *row, const json_t *a, const json_t *b)
{
	if (json_is_integer(a) && json_is_integer(b))
		fprintf(row, "%" JSON_INTEGER_FORMAT,
			json_integer_value(a) + json_integer_value(b));
}

char *csv__header(void)
{
	char *text = NULL;
	size_t size;
	FILE *row = open_memstream(&text, &size);

	if (!row)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		fprintf(row, "%s%s", i ? "," : "", columns[i].name);
	fputc('\n', row);
	return fclose(row) ? NULL : text;
}

char *csv__row(const json_t *run)
{
	char *text = NULL;
	size_t size;
	FILE *row = open_memstream(&text, &size);

	if (!row)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		const json_t *value = json__at(run, columns[i].path);

		if (i)
			fputc(',', row);
		if (columns[i].plus)
			cell__sum(row, value, json__at(run, columns[i].plus));
		else
			cell__print(row, value);
	}
	fputc('\n', row);
	return fclose(row) ? NULL : text;
}
