// SPDX-License-Identifier: GPL-2.0
/* What a grid shows for each setting: how many times as fast its fastest transport was. */
#include <string.h>

#include "base/text.h"
#include "run/combinations_parts.h"
#include "run/comparison.h"

#define SENTENCE 512

/*
 * All pairs of transports of each setting are the family: any of them might be compared, because
 * the fastest one is found in the same runs.
 */
static size_t printer__pairs(const struct printer *printer)
{
	const struct options *options = printer->options;
	size_t count = options->transport_count;

	return options->sizes.count * options->threads.count * count * (count - 1) / 2;
}

/* The confidence of each comparison. With too few repeats for the family, each has its own 95%. */
static double printer__confidence(const struct printer *printer)
{
	double family = statistics__family(printer__pairs(printer));

	return printer->fewest < statistics__fewest(family) ? CONFIDENCE : family;
}

/* The transport with the highest median throughput; NULL: no transport has a throughput. */
static const char *setting__fastest(const struct printer *printer, struct setting setting)
{
	const char *fastest = NULL;
	double most = 0;

	for (size_t i = 0; i < printer->options->transport_count; i++) {
		const char *name = printer->options->transport[i]->name;
		double median = estimate__number(row__find(printer, name, setting),
						 "throughput_gbps", "median");

		if (median > most) {
			most = median;
			fastest = name;
		}
	}
	return fastest;
}

static void print_comparisons(void *context, const struct printer *printer, struct setting setting)
{
	const double *confidence = context;
	struct comparison comparison = {.transport = setting__fastest(printer, setting),
					.message_bytes = setting.message_bytes,
					.threads = setting.threads,
					.name_threads = printer->options->threads.count > 1};
	char text[SENTENCE];

	for (size_t i = 0; comparison.transport && i < printer->options->transport_count; i++) {
		struct estimate ratio;

		comparison.with = printer->options->transport[i]->name;
		if (!strcmp(comparison.with, comparison.transport))
			continue;
		ratio = comparison__ratio(&comparison, printer->runs, *confidence);
		if (!ratio.count)
			continue;
		comparison__describe(&comparison, &ratio, text, sizeof(text));
		screen__wrap(printer->stream, printer->screen, 0, 2, text);
	}
}

void conclusions__print(const struct printer *printer)
{
	double confidence = printer__confidence(printer);

	printer__walk(printer, &confidence, print_comparisons);
}

void conclusions__append_confidence(const struct printer *printer, char *text, size_t size)
{
	size_t pairs = printer__pairs(printer);

	if (!pairs || printer->fewest < statistics__fewest(CONFIDENCE))
		return;
	if (pairs == 1)
		text__append(text, size, "; in brackets the 95%% interval");
	else if (printer__confidence(printer) > CONFIDENCE)
		text__append(text, size,
			     "; in brackets intervals that are right with 95%% for all %zu pairs "
			     "of transports together",
			     pairs);
	else
		text__append(text, size,
			     "; in brackets 95%% intervals, each by itself: to be right for all "
			     "%zu pairs of transports together takes %zu repeats",
			     pairs, statistics__fewest(statistics__family(pairs)));
	text__append(text, size, "; undecided: it holds 1");
}
