// SPDX-License-Identifier: GPL-2.0
#include "run/advice.h"

#include <string.h>

#include "base/text.h"
#include "output/json.h"
#include "run/comparison.h"

#define SENTENCE    1024
#define SAME_COPIES 0.005 /* per byte: a header, or a packet that was sent again */

/* The quantities by which runs are compared. */
static const struct quantity {
	const char *code, *words, *unit;
	enum compared by;
	double scale;
	bool most; /* more is better */
} quantities[] = {
	{"least_cpu", "least CPU time", "ns a byte", COMPARED_CPU, NS_PER_S_PER_GIB, false},
	{"fastest", "fastest", "Gbit/s", COMPARED_THROUGHPUT, 1, true},
};

#define QUANTITIES (sizeof(quantities) / sizeof(*quantities))

/*
 * All pairs of transports, by each quantity, are the family: any of them might be compared, because
 * the best one is found in the same runs.
 */
static double family_confidence(const struct options *options)
{
	size_t count = options->transport_count;

	return statistics__family(QUANTITIES * count * (count - 1) / 2);
}

static struct comparison comparison_of(const struct options *options, enum compared by)
{
	return (struct comparison){
		.by = by,
		.message_bytes = options->sizes.value[0],
		.threads = options->threads.value[0],
	};
}

static json_t *json__estimate(const struct estimate *estimate, double scale)
{
	return json_pack("{s:f, s:o, s:o}", "median", estimate->median * scale, "low",
			 json__real(estimate->bounded, estimate->low * scale), "high",
			 json__real(estimate->bounded, estimate->high * scale));
}

/* The best transport; NULL: none has a valid run. */
static const char *best_by(const struct options *options, const json_t *runs,
			   const struct quantity *quantity, struct estimate *best)
{
	struct comparison comparison = comparison_of(options, quantity->by);
	const char *name = NULL;

	for (size_t i = 0; i < options->transport_count; i++) {
		struct estimate each;

		comparison.transport = options->transport[i]->name;
		each = comparison__value(&comparison, runs);
		if (!each.count || (name && (each.median > best->median) != quantity->most))
			continue;
		name = comparison.transport;
		*best = each;
	}
	return name;
}

/* The rivals of the best: those that may be as good, and the nearest of the others. */
static void add_rivals(json_t *json, const struct options *options, const json_t *runs,
		       const struct quantity *quantity, const char *best)
{
	struct comparison comparison = comparison_of(options, quantity->by);
	double confidence = family_confidence(options);
	json_t *undecided = json_array(), *next = json_null();
	double nearest = 0;

	for (size_t i = 0; i < options->transport_count; i++) {
		const char *rival = options->transport[i]->name;
		struct estimate ratio;

		if (!strcmp(rival, best))
			continue;
		/* the ratio that shows how much better the best is */
		comparison.transport = quantity->most ? best : rival;
		comparison.with = quantity->most ? rival : best;
		ratio = comparison__ratio(&comparison, runs, confidence);
		if (!ratio.count)
			continue;
		if (!ratio.bounded || ratio.low <= 1) {
			json_array_append_new(undecided, json_string(rival));
		} else if (!nearest || ratio.median < nearest) {
			nearest = ratio.median;
			json_decref(next);
			next = json_pack("{s:s, s:o}", "transport", rival, "times",
					 json__estimate(&ratio, 1));
		}
	}
	json_object_set_new(json, "undecided", undecided);
	json_object_set_new(json, "next", next);
}

static json_t *json__best(const struct options *options, const json_t *runs,
			  const struct quantity *quantity)
{
	struct estimate best = {};
	const char *name = best_by(options, runs, quantity, &best);
	json_t *json;

	if (!name)
		return json_null();
	json = json_pack("{s:s, s:s, s:o}", "transport", name, "unit", quantity->unit, "value",
			 json__estimate(&best, quantity->scale));
	add_rivals(json, options, runs, quantity, name);
	return json;
}

/* A count, not an estimate: it does not vary from repeat to repeat. */
static json_t *json__fewest_copies(const struct options *options, const json_t *runs)
{
	struct comparison comparison = comparison_of(options, COMPARED_COPIES);
	struct estimate copies[LIST_MAX];
	json_t *names = json_array();
	double fewest = -1;

	for (size_t i = 0; i < options->transport_count; i++) {
		comparison.transport = options->transport[i]->name;
		copies[i] = comparison__value(&comparison, runs);
		if (copies[i].count && (fewest < 0 || copies[i].median < fewest))
			fewest = copies[i].median;
	}
	for (size_t i = 0; i < options->transport_count; i++)
		if (copies[i].count && copies[i].median <= fewest + SAME_COPIES)
			json_array_append_new(names, json_string(options->transport[i]->name));
	if (fewest < 0) {
		json_decref(names);
		return json_null();
	}
	return json_pack("{s:o, s:f}", "transports", names, "copies_per_byte", fewest);
}

json_t *advice__json(const struct options *options, const json_t *runs)
{
	json_t *json = json_object();

	json_object_set_new(json, "fewest_copies", json__fewest_copies(options, runs));
	for (size_t i = 0; i < QUANTITIES; i++)
		json_object_set_new(json, quantities[i].code,
				    json__best(options, runs, &quantities[i]));
	return json;
}

/* "a, b, c" */
static void append_names(char *text, size_t size, const json_t *names)
{
	json_t *name;
	size_t i;

	json_array_foreach (names, i, name)
		text__append(text, size, "%s%s", i ? ", " : "", json_string_value(name));
}

/* "1.48 (1.31 to 1.66)" */
static void append_estimate(char *text, size_t size, const json_t *estimate)
{
	text__append(text, size, "%.2f", json_number_value(json__at(estimate, "median")));
	if (json_is_number(json__at(estimate, "low")))
		text__append(text, size, " (%.2f to %.2f)",
			     json_number_value(json__at(estimate, "low")),
			     json_number_value(json__at(estimate, "high")));
}

static void describe_copies(const json_t *fewest, char *text, size_t size)
{
	snprintf(text, size, "fewest copies: ");
	append_names(text, size, json__at(fewest, "transports"));
	text__append(text, size, "; %.3f of each byte",
		     json_number_value(json__at(fewest, "copies_per_byte")));
}

static void describe_best(const struct quantity *quantity, const json_t *best, char *text,
			  size_t size)
{
	const json_t *undecided = json__at(best, "undecided"), *next = json__at(best, "next");
	char times[TEXT_NUMBER * 4] = "";

	snprintf(text, size, "%s: %s, ", quantity->words,
		 json_string_value(json__at(best, "transport")));
	append_estimate(text, size, json__at(best, "value"));
	text__append(text, size, " %s", quantity->unit);
	if (json_is_object(next)) {
		const char *rival = json_string_value(json__at(next, "transport"));

		append_estimate(times, sizeof(times), json__at(next, "times"));
		text__append(text, size,
			     quantity->most ? "; %s times as much as %s"
					    : "; %2$s takes %1$s times as much",
			     times, rival);
	}
	if (json_array_size(undecided)) {
		text__append(text, size, "; undecided against ");
		append_names(text, size, undecided);
	}
}

static void print_need(FILE *stream, const struct screen *screen, const char *sign,
		       const char *name, const char *needs)
{
	char text[SENTENCE];

	snprintf(text, sizeof(text), "%s%s needs %s", sign, name, needs);
	screen__wrap(stream, screen, 0, 2, text);
}

/* Prints each method once, even if several transports use it. */
static void print_needs(FILE *stream, const struct screen *screen, const struct options *options)
{
	for (size_t i = 0; senders[i]; i++)
		for (size_t t = 0; t < options->transport_count && senders[i]->needs; t++)
			if (options->transport[t]->sender == senders[i]) {
				print_need(stream, screen, "", senders[i]->name, senders[i]->needs);
				break;
			}
	for (size_t i = 0; receivers[i]; i++)
		for (size_t t = 0; t < options->transport_count && receivers[i]->needs; t++)
			if (options->transport[t]->receiver == receivers[i]) {
				print_need(stream, screen, "+", receivers[i]->name,
					   receivers[i]->needs);
				break;
			}
}

void advice__print(FILE *stream, const struct screen *screen, const struct options *options,
		   const json_t *runs)
{
	json_t *json = advice__json(options, runs);
	char text[SENTENCE];

	if (!json_is_null(json__at(json, "fewest_copies"))) {
		describe_copies(json__at(json, "fewest_copies"), text, sizeof(text));
		screen__wrap(stream, screen, 0, 2, text);
	}
	for (size_t i = 0; i < QUANTITIES; i++) {
		const json_t *best = json__at(json, quantities[i].code);

		if (json_is_null(best))
			continue;
		describe_best(&quantities[i], best, text, sizeof(text));
		screen__wrap(stream, screen, 0, 2, text);
	}
	fputc('\n', stream);
	print_needs(stream, screen, options);
	fputc('\n', stream);
	screen__wrap(
		stream, screen, 0, 2,
		"medians of the valid runs without probes, in brackets 95% intervals; those of "
		"ratios are right with 95% for all pairs of transports together; undecided: it "
		"holds 1");
	json_decref(json);
}
