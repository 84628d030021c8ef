// SPDX-License-Identifier: GPL-2.0
#include "tracer/libbpf_log.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define LOG_BEGINS "-- BEGIN PROG LOAD LOG --"
#define LOG_ENDS   "-- END PROG LOAD LOG --"

static struct {
	bool verbose;
	char program[64];
	char why[192];
	bool verified; /* `why` ends with the verifier's line */
} heard;

/*
 * Whether a line of the verifier's log is its reason: the log ends with statistics, after the
 * reason.
 */
static bool is_reason(const char *line, size_t length)
{
	static const char *const others[] = {"processed ", "verification time", "stack depth",
					     "max_states"};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strncmp(line, others[i], strlen(others[i])))
			return false;
	return length;
}

/* The last line between `text` and `end` that is a reason. */
static void take_verdict(const char *text, const char *end)
{
	const char *reason = NULL;
	size_t length = 0, line;

	for (; text < end; text += line + 1) {
		line = strcspn(text, "\n");
		if (text + line > end)
			break;
		if (is_reason(text, line)) {
			reason = text;
			length = line;
		}
	}
	if (!reason)
		return;
	text__append(heard.why, sizeof(heard.why), ": %.*s", (int)length, reason);
	heard.verified = true;
}

void libbpf_log__take(const char *message)
{
	const char *begins = strstr(message, LOG_BEGINS), *ends;
	char name[sizeof(heard.program)];
	const char *text;

	if (sscanf(message, "libbpf: prog '%63[^']'", name) != 1)
		return;
	if (!heard.program[0]) {
		strcpy(heard.program, name);
		text = message + strlen("libbpf: ");
		snprintf(heard.why, sizeof(heard.why), "%.*s", (int)strcspn(text, "\n"), text);
	}
	if (!begins || heard.verified || strcmp(name, heard.program))
		return;
	begins += strlen(LOG_BEGINS) + 1;
	ends = strstr(begins, LOG_ENDS);
	take_verdict(begins, ends ? ends : begins + strlen(begins));
}

static int listen(enum libbpf_print_level level, const char *format, va_list args)
{
	char *message;

	if (vasprintf(&message, format, args) < 0)
		return 0;
	if (heard.verbose)
		fputs(message, stderr);
	if (level == LIBBPF_WARN)
		libbpf_log__take(message);
	free(message);
	return 0;
}

void libbpf_log__listen(bool verbose)
{
	heard.verbose = verbose;
	libbpf_set_print(listen);
}

void libbpf_log__forget(void)
{
	heard.program[0] = heard.why[0] = '\0';
	heard.verified = false;
}

const char *libbpf_log__program(void)
{
	return heard.program;
}

const char *libbpf_log__why(void)
{
	return heard.why;
}
