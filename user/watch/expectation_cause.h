/* SPDX-License-Identifier: GPL-2.0 */
/* Why a number of a row has its value. */
#ifndef HARNESS_EXPECTATION_CAUSE_H
#define HARNESS_EXPECTATION_CAUSE_H

#include <jansson.h>
#include <stddef.h>

/*
 * Of a site: its causes. Of copies per byte: the bytes of each site that copied. Of any other
 * number, or where these are not known: the row's reasons. "" when the row has none.
 */
void expectation_cause__find(const json_t *row, const char *name, char *text, size_t size);

#endif
