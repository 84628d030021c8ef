// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "output/screen.h"

#define WIDTH_DEFAULT 80
#define WIDTH_MIN     20 /* a smaller width is probably a mistake */
#define WIDTH_MAX     10000
#define COLOUR_END    "\033[0m"

static unsigned int screen__width(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	unsigned long width;

	if (isatty(fd) && !ioctl(fd, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	width = columns ? strtoul(columns, NULL, 10) : 0;
	return width >= WIDTH_MIN && width <= WIDTH_MAX ? width : WIDTH_DEFAULT;
}

static bool screen__colour(int fd)
{
	const char *off = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(fd) && !(off && *off) && terminal && strcmp(terminal, "dumb");
}

struct screen screen__of(FILE *stream)
{
	int fd = fileno(stream);

	return (struct screen){.width = screen__width(fd), .colour = screen__colour(fd)};
}

const char *colour__start(enum colour colour)
{
	static const char *const sequences[] = {
		[COLOUR_BOLD] = "\033[1m",
		[COLOUR_FAINT] = "\033[2m",
		[COLOUR_RED] = "\033[31m",
	};

	return sequences[colour];
}

int screen__print(FILE *stream, const struct screen *screen, enum colour colour, const char *text)
{
	const char *start = screen->colour ? colour__start(colour) : NULL;

	fprintf(stream, "%s%s%s", start ?: "", text, start ? COLOUR_END : "");
	return strlen(text);
}

void screen__wrap(FILE *stream, const struct screen *screen, int at, int indent, const char *text)
{
	int column = at, width = screen->width;
	bool first = true;

	while (*text) {
		int length = strcspn(text, " ");

		if (width && column > indent && column + !first + length > width) {
			fprintf(stream, "\n%*s", indent, "");
			column = indent;
		} else if (!first) {
			fputc(' ', stream);
			column++;
		}
		fprintf(stream, "%.*s", length, text);
		column += length;
		first = false;
		text += length;
		text += strspn(text, " ");
	}
	fputc('\n', stream);
}
