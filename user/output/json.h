/* SPDX-License-Identifier: GPL-2.0 */
/* The results as one document, schema "harness.ledger/1". */
#ifndef HARNESS_JSON_H
#define HARNESS_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "output/results.h"

/* Enough digits for a measurement: 13.4, not 13.4000000000000004. */
#define JSON_DIGITS 12

/* A new object; takes over `environment`. Keys are added, not renamed. */
json_t *json__document(const struct results *results, json_t *environment);

/* One of the document's runs, and its array of probes; new. */
json_t *json__run(const struct run_ledger *ledger);
json_t *json__probes(const struct probe_status *probes, size_t count);

/* Parts of any document; new. A number that is not known is null, never 0. */
json_t *json__whole(bool known, int64_t number);
json_t *json__real(bool known, double number);
/* {"user": bytes, "file": ..., "socket": ...}: whose pages deferred_copy copied. */
/* The readers of one kind: function, bytes and calls of each. */
json_t *json__readers(const struct readers *readers, enum cause_kind kind);
json_t *json__deferred_pages(const struct ledger *ledger);
json_t *json__sites(const struct site_value values[SITE_COUNT], const struct causes *causes);
/* Adds what the copies of each site took in `seconds` to json__sites(). */
void json__add_times(json_t *sites_object, const struct ledger *ledger, double seconds);
json_t *json__switches(const struct switches *switches);

/*
 * An array with the code, the sentence (text) and the values of each remark. `ledger`: the ledger
 * that they are about, or NULL.
 */
json_t *json__remarks(const struct ledger *ledger, const struct remarks *remarks);

/*
 * Adds "reasons" and "notes", arrays of remarks, and "why_invalid", the sentences of the reasons.
 */
void json__add_remarks(json_t *json, const struct ledger *ledger);

/* The value under "a.b.c", borrowed; NULL if there is none. */
const json_t *json__at(const json_t *json, const char *path);

/* Whether probes counted in the run; whether any of the runs is without probes. */
bool json__is_traced(const json_t *run);
bool json__any_untraced(const json_t *runs);

#define NS_PER_S_PER_GIB (1e9 / (1 << 30)) /* cpu_seconds_per_gib as nanoseconds a byte */

/* Whether the run is of this combination. */
bool json__is_of(const json_t *run, const char *transport, size_t message_bytes,
		 unsigned int threads);

/* 0, or a negative errno. */
int json__print(FILE *stream, const json_t *document);

/* The table of sites (bpf/sites.h), for programs that read the other parts. */
json_t *json__site_table(void);

/* null: nothing was checked, because copies were not traced. */
json_t *json__memcpy_checks(const struct results *results);

/* null: --prove was not asked for. */
json_t *json__proofs(const struct results *results);

#endif
