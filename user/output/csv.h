/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The runs as rows for spreadsheets. A row is made from the run's JSON alone, so that both agree
 * and a lost row can be written again.
 */
#ifndef HARNESS_CSV_H
#define HARNESS_CSV_H

#include <jansson.h>

/* One line with its end; the caller frees it. NULL without memory. What is unknown is empty. */
char *csv__header(void);
char *csv__row(const json_t *run);

#endif
