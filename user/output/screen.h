/* SPDX-License-Identifier: GPL-2.0 */
/* The screen that a stream writes to: its width, and whether it shows colours. */
#ifndef HARNESS_SCREEN_H
#define HARNESS_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct screen {
	unsigned int width; /* columns; 0: as wide as the text */
	bool colour;
};

enum colour {
	COLOUR_NONE,
	COLOUR_BOLD,
	COLOUR_FAINT,
	COLOUR_RED,
};

/*
 * The width is the terminal's, else COLUMNS, else 80. Colours need a terminal that is not "dumb";
 * NO_COLOR (no-color.org) turns them off.
 */
struct screen screen__of(FILE *stream);

/* The escape sequence that starts a colour; NULL for COLOUR_NONE. */
const char *colour__start(enum colour colour);

/* Prints text in a colour, where the screen shows colours. Returns the number of columns used. */
int screen__print(FILE *stream, const struct screen *screen, enum colour colour, const char *text);

/*
 * Prints words that begin in column `at`; further lines are indented by `indent`. Ends the line. A
 * word that is wider than the screen keeps a line of its own.
 */
void screen__wrap(FILE *stream, const struct screen *screen, int at, int indent, const char *text);

#endif
