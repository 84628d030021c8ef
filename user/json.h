/* SPDX-License-Identifier: GPL-2.0 */
/* The results as one document, schema "harness.ledger/1". */
#ifndef HARNESS_JSON_H
#define HARNESS_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "results.h"

/* A new object; takes over `environment`. Keys are added, not renamed. */
json_t *json__document(const struct results *results, json_t *environment);

/* 0 or -EIO. */
int json__print(FILE *stream, const json_t *document);

#endif
