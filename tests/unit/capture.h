/* SPDX-License-Identifier: GPL-2.0 */
/* What a person types, as words, and what a function says to it. */
#ifndef HARNESS_TEST_CAPTURE_H
#define HARNESS_TEST_CAPTURE_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 128

struct words {
	int argc;
	char *argv[WORDS_MAX + 1];
	char text[1024]; /* what argv points into */
};

/* Splits at blanks; the program's name comes first. */
static inline void words__split(struct words *words, const char *program, const char *line)
{
	char *rest = words->text, *word;

	memset(words, 0, sizeof(*words));
	words->argv[words->argc++] = (char *)program;
	snprintf(words->text, sizeof(words->text), "%s", line);
	while ((word = strsep(&rest, " ")))
		if (*word && words->argc < WORDS_MAX)
			words->argv[words->argc++] = word;
}

/* Between these, what goes to `stream` (stdout or stderr) is kept. */
struct capture {
	FILE *stream, *file;
	int saved;
};

static inline struct capture capture__begin(FILE *stream)
{
	struct capture capture = {stream, tmpfile(), dup(fileno(stream))};

	fflush(stream);
	dup2(fileno(capture.file), fileno(stream));
	return capture;
}

static inline void capture__end(struct capture *capture, char *printed, size_t size)
{
	size_t length;

	fflush(capture->stream);
	dup2(capture->saved, fileno(capture->stream));
	close(capture->saved);
	rewind(capture->file);
	length = fread(printed, 1, size - 1, capture->file);
	printed[length] = '\0';
	fclose(capture->file);
}

#endif
