// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <unistd.h>

#include "traffic/control.h"
#include "output/progress.h"

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
	/* so that other messages start at the left margin */
	fputc('\r', progress->stream);
	fflush(progress->stream);
	va_end(args);
}

void progress__start(struct progress *progress, size_t done)
{
	progress->start_ns = control__now();
	progress->done = done;
}

const char *progress__left(const struct progress *progress, size_t done, size_t total,
			   char text[static TEXT_NUMBER])
{
	double elapsed = 1e-9 * (control__now() - progress->start_ns), left;

	text[0] = '\0';
	if (done > progress->done)
		left = elapsed / (done - progress->done) * (total - done);
	else if (progress->run_s > 0)
		left = progress->run_s * (total - done);
	else
		return text;
	if (left < 90)
		snprintf(text, TEXT_NUMBER, ", %.0f s left", left);
	else if (left < 90 * 60)
		snprintf(text, TEXT_NUMBER, ", %.0f min left", left / 60);
	else
		snprintf(text, TEXT_NUMBER, ", %.1f h left", left / 3600);
	return text;
}

void progress__clear(const struct progress *progress)
{
	if (!progress->stream)
		return;
	fputs(CLEAR_LINE, progress->stream);
	fflush(progress->stream);
}
