// SPDX-License-Identifier: GPL-2.0
#include "watch/baseline.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "ledger/ledger.h"
#include "output/json.h"
#include "output/json_input.h"
#include "watch/expectation_cause.h"

static const char *const payload_names[SIDE_COUNT] = {"sent_bytes", "received_bytes"};

/* Whether a JSON row has numbers or null in each place that is judged. */
static bool is_row(const json_t *row)
{
	static const char *const payloads[] = {"sent_bytes", "received_bytes", "payload_bytes"};
	const json_t *sites_of_row = json_object_get(row, "sites");
	bool right = json_is_object(sites_of_row);

	for (size_t i = 0; i < sizeof(payloads) / sizeof(*payloads) && right; i++) {
		const json_t *bytes = json_object_get(row, payloads[i]);

		right = !bytes || json_input__is_count(bytes);
	}
	for (int site = 0; site < SITE_COUNT && right; site++) {
		const json_t *value = json_object_get(sites_of_row, sites[site].name);

		right = !value || json_input__is_count(json_object_get(value, "bytes"));
	}
	return right;
}

static int bad(const char *path, const char *what)
{
	fprintf(stderr, "harness: watch: --baseline %s: %s\n", path, what);
	return -EINVAL;
}

int baseline__parse(struct baseline *baseline, const char *text, size_t length, const char *path)
{
	char what[512];
	json_t *runs;

	snprintf(what, sizeof(what), "watch: --baseline %s", path);
	baseline->document = json_input__object(text, length, what, 1);
	if (!baseline->document)
		return -EINVAL;
	runs = json_object_get(baseline->document, "runs");
	baseline->row = json_array_get(runs, 0);
	if (json_array_size(runs) != 1 || !json_object_get(baseline->row, "sites")) {
		snprintf(what, sizeof(what),
			 "want the --json of a watch or run with one row; it has %zu",
			 json_array_size(runs));
		return bad(path, what);
	}
	if (!is_row(baseline->row))
		return bad(path, "bytes of its row are neither a number nor null");
	return 0;
}

int baseline__read(struct baseline *baseline, const char *path, double tolerance)
{
	struct input input;
	int err = input__open(path, &input);

	*baseline = (struct baseline){.tolerance = tolerance};
	if (err)
		return bad(path, input__strerror(err));
	err = baseline__parse(baseline, input.text, input.length, path);
	input__free(&input);
	return err;
}

/* The payload of a side. A run has one number: what was sent was received. */
static struct maybe payload(const json_t *row, enum side side)
{
	const json_t *bytes = json_object_get(row, payload_names[side]);
	double value;

	bytes = bytes ?: json_object_get(row, "payload_bytes");
	value = json_number_value(bytes);
	return (struct maybe){.known = value > 0, .value = value};
}

/* The site's bytes per byte of payload. */
static struct maybe site_ratio(const json_t *row, enum site site)
{
	const json_t *value = json_object_get(json_object_get(row, "sites"), sites[site].name);
	const json_t *bytes = json_object_get(value, "bytes");
	struct maybe whole = payload(row, sites[site].side);

	if (!whole.known || !json_is_number(bytes))
		return (struct maybe){};
	return (struct maybe){.known = true, .value = json_number_value(bytes) / whole.value};
}

/* Compares the kernel's copies only: a run counts the program's own, a watch does not. */
static bool is_compared(enum site site)
{
	return site != SITE_USER_MEMCPY && (sites[site].cpu_copy || site == SITE_TAP_COPY);
}

static struct maybe copies(const json_t *row, enum side side)
{
	struct maybe sum = {.known = true};

	for (int site = 0; site < SITE_COUNT; site++) {
		struct maybe ratio = {};

		if (sites[site].side != side || !sites[site].cpu_copy || !is_compared(site))
			continue;
		ratio = site_ratio(row, site);
		sum.known = sum.known && ratio.known;
		sum.value += ratio.value;
	}
	return sum;
}

static void compare(const struct baseline *baseline, const json_t *row, const char *name,
		    const char *cause_name, struct maybe before, struct maybe now,
		    struct rulings *rulings)
{
	double most = before.value + baseline->tolerance / 100;
	struct ruling ruling = {.outcome = RULING_UNMET};

	if (before.known)
		snprintf(ruling.expected, sizeof(ruling.expected),
			 "%s <= %.6g (baseline %.6g, tolerance %.6g%%)", name, most, before.value,
			 baseline->tolerance);
	else
		snprintf(ruling.expected, sizeof(ruling.expected), "%s no worse than before", name);
	if (now.known)
		snprintf(ruling.found, sizeof(ruling.found), "%.6g", now.value);
	else
		snprintf(ruling.found, sizeof(ruling.found), "not known");
	if (!before.known) {
		ruling.outcome = RULING_SKIPPED;
		snprintf(ruling.cause, sizeof(ruling.cause), "the baseline does not know it");
	} else if (now.known && now.value <= most) {
		ruling.outcome = RULING_MET;
	} else {
		expectation_cause__find(row, cause_name, ruling.cause, sizeof(ruling.cause));
	}
	rulings__add(rulings, &ruling);
}

void baseline__judge(const struct baseline *baseline, const json_t *row, struct rulings *rulings)
{
	static const char *const names[SIDE_COUNT] = {"copies_per_byte.send",
						      "copies_per_byte.receive"};
	char name[64];

	for (int side = 0; side < SIDE_COUNT; side++)
		compare(baseline, row, names[side], names[side], copies(baseline->row, side),
			copies(row, side), rulings);
	for (int site = 0; site < SITE_COUNT; site++) {
		if (!is_compared(site))
			continue;
		snprintf(name, sizeof(name), "%s / %s", sites[site].name,
			 payload_names[sites[site].side]);
		compare(baseline, row, name, sites[site].name, site_ratio(baseline->row, site),
			site_ratio(row, site), rulings);
	}
}

void baseline__free(struct baseline *baseline)
{
	json_decref(baseline->document);
	*baseline = (struct baseline){};
}
