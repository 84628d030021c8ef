/* SPDX-License-Identifier: GPL-2.0 */
/* Explains the value of a number in a row. */
#ifndef HARNESS_EXPECTATION_CAUSE_H
#define HARNESS_EXPECTATION_CAUSE_H

#include <jansson.h>
#include <stddef.h>

/*
 * Sets `text` to the causes of a site, or to the bytes of each site in copies per byte. For other
 * numbers, or if these are not known: the row's reasons. "": the row has none.
 */
void expectation_cause__find(const json_t *row, const char *name, char *text, size_t size);

#endif
