// SPDX-License-Identifier: GPL-2.0
/*
 * runs.jsonl of --resume: each line is a row, or none is taken. What is taken is written again,
 * read again and summarized.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "output/csv.h"
#include "run/archive_lines.h"
#include "run/summary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t lines_of(const char *text, size_t length)
{
	size_t lines = length && text[length - 1] != '\n';

	for (size_t i = 0; i < length; i++)
		lines += text[i] == '\n';
	return lines;
}

static void check_row(const json_t *run)
{
	char *row = csv__row(run), *text = json_dumps(run, JSON_COMPACT);
	json_t *again = text ? archive_lines__parse(text, strlen(text), "again") : NULL;

	if (!row || !json_is_string(json_object_get(run, "transport")) ||
	    !json_equal(json_array_get(again, 0), run))
		abort();
	json_decref(again);
	free(text);
	free(row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	json_t *runs = archive_lines__parse(text, size, "runs.jsonl"), *run, *summary;
	size_t i;

	if (!runs)
		return 0;
	if (json_array_size(runs) != lines_of(text, size))
		abort();
	json_array_foreach (runs, i, run)
		check_row(run);
	summary = summary__json(runs);
	free(summary__csv(summary));
	json_decref(summary);
	json_decref(runs);
	return 0;
}
