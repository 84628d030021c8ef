/* SPDX-License-Identifier: GPL-2.0 */
/* Sentences below a table of runs: sites that are 0 or unknown in all runs, notes, reasons. */
#ifndef HARNESS_REMARKS_H
#define HARNESS_REMARKS_H

#include "output/results.h"
#include "output/screen.h"

/* Sites without a row of their own, and unknown numbers with the reason. */
void remarks__print_not_counted(FILE *stream, const struct screen *screen,
				const struct results *results);
/* The notes of the runs, each once; checks of the program's own counts; reasons of invalid runs. */
void remarks__print(FILE *stream, const struct screen *screen, const struct results *results);
/* The same for many runs: the number of notes instead of the notes, and the first reasons. */
void remarks__print_brief(FILE *stream, const struct screen *screen, const struct results *results);

#endif
