// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <unistd.h>

#include "progress.h"

#define CLEAR_LINE "\r\033[K"

void progress__open(struct progress *progress, FILE *stream)
{
	progress->stream = isatty(fileno(stream)) ? stream : NULL;
}

void progress__show(const struct progress *progress, const char *format, ...)
{
	va_list args;

	if (!progress->stream)
		return;
	va_start(args, format);
	fputs(CLEAR_LINE, progress->stream);
	vfprintf(progress->stream, format, args);
	/* a message from elsewhere then starts at the left margin */
	fputc('\r', progress->stream);
	fflush(progress->stream);
	va_end(args);
}

void progress__clear(const struct progress *progress)
{
	if (!progress->stream)
		return;
	fputs(CLEAR_LINE, progress->stream);
	fflush(progress->stream);
}
