// SPDX-License-Identifier: GPL-2.0
/* Rulings for CI: TAP (testanything.org), and XML for JUnit's readers. */
#include "watch/ruling.h"

/* In TAP "#" begins a directive and a newline another test; YAML needs its quotes doubled. */
static void print_quoted(FILE *stream, const char *text)
{
	fputc('\'', stream);
	for (; *text; text++)
		fprintf(stream, *text == '\'' ? "''" : "%c",
			(unsigned char)*text < ' ' ? ' ' : *text);
	fputs("'\n", stream);
}

void rulings__print_tap(const struct rulings *rulings, FILE *stream)
{
	fprintf(stream, "TAP version 13\n1..%zu\n", rulings->count);
	for (size_t i = 0; i < rulings->count; i++) {
		const struct ruling *ruling = &rulings->each[i];

		fprintf(stream, "%sok %zu - %s", ruling->outcome == RULING_UNMET ? "not " : "",
			i + 1, ruling->expected);
		fprintf(stream, ruling->outcome == RULING_SKIPPED ? " # SKIP %s\n" : "\n",
			ruling->cause);
		if (ruling->outcome != RULING_UNMET)
			continue;
		fputs("  ---\n  found: ", stream);
		print_quoted(stream, ruling->found);
		fputs("  cause: ", stream);
		print_quoted(stream, ruling->cause);
		fputs("  ...\n", stream);
	}
}

/* XML 1.0 allows no other control characters. */
static void print_escaped(FILE *stream, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '<':
			fputs("&lt;", stream);
			break;
		case '>':
			fputs("&gt;", stream);
			break;
		case '&':
			fputs("&amp;", stream);
			break;
		case '"':
			fputs("&quot;", stream);
			break;
		default:
			fputc((unsigned char)*text < ' ' ? ' ' : *text, stream);
		}
}

static void print_case(FILE *stream, const struct ruling *ruling)
{
	fputs("    <testcase classname=\"harness.watch\" name=\"", stream);
	print_escaped(stream, ruling->expected);
	if (ruling->outcome == RULING_MET) {
		fputs("\"/>\n", stream);
		return;
	}
	fprintf(stream, "\">\n      <%s message=\"",
		ruling->outcome == RULING_SKIPPED ? "skipped" : "failure");
	if (ruling->outcome == RULING_UNMET)
		fprintf(stream, "it is %s%s", ruling->found, *ruling->cause ? ": " : "");
	print_escaped(stream, ruling->cause);
	fputs("\"/>\n    </testcase>\n", stream);
}

void rulings__print_junit(const struct rulings *rulings, FILE *stream)
{
	size_t skipped = 0;

	for (size_t i = 0; i < rulings->count; i++)
		skipped += rulings->each[i].outcome == RULING_SKIPPED;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", stream);
	fprintf(stream,
		"  <testsuite name=\"harness watch\" tests=\"%zu\" failures=\"%zu\" "
		"errors=\"0\" skipped=\"%zu\">\n",
		rulings->count, rulings__unmet(rulings), skipped);
	for (size_t i = 0; i < rulings->count; i++)
		print_case(stream, &rulings->each[i]);
	fputs("  </testsuite>\n</testsuites>\n", stream);
}
