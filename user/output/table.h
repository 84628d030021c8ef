/* SPDX-License-Identifier: GPL-2.0 */
/* The results as one table for people, with sentences under it. */
#ifndef HARNESS_TABLE_H
#define HARNESS_TABLE_H

#include <stdio.h>

#include "output/results.h"

/* 0, or -EIO when the stream would not take it. */
int table__print(FILE *stream, const struct results *results);

#endif
