// SPDX-License-Identifier: GPL-2.0
#include "tracer/split.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

bool split__is_piece(const char *symbol, const char *function)
{
	static const char *const suffixes[] = {".part.", ".constprop.", ".isra.", ".llvm."};
	size_t length = strlen(function);

	if (strncmp(symbol, function, length))
		return false;
	/* suffixes may follow each other (foo.isra.0.part.0), with .cold for a part of any */
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
		if (!strncmp(symbol + length, suffixes[i], strlen(suffixes[i])))
			return !strstr(symbol + length, ".cold");
	return false;
}

static void split__count(struct split *split, const char *symbol)
{
	if (*symbol != *split->function) /* fast: hardly any of 200,000 symbols match */
		return;
	if (!strcmp(symbol, split->function)) {
		split->plain++;
	} else if (split__is_piece(symbol, split->function)) {
		if (split->pieces < SPLIT_PIECES_MAX)
			snprintf(split->piece[split->pieces], SYMBOL_NAME, "%.*s", SYMBOL_NAME - 1,
				 symbol);
		split->pieces++;
	}
}

int split__find(const struct symbols *symbols, struct split *splits, size_t count)
{
	for (size_t i = 0; i < count; i++)
		splits[i] = (struct split){.function = splits[i].function};
	for (size_t at = 0; at < symbols->count; at++) {
		const struct symbol *symbol = &symbols->symbol[at];

		/* a module's function of the same name is another function */
		if (!symbol->function || symbol->module)
			continue;
		for (size_t i = 0; i < count; i++)
			split__count(&splits[i], symbol->name);
	}
	return symbols->err;
}

bool split__incomplete(const struct split *split)
{
	return split->pieces || split->plain > 1;
}

void split__describe(const struct split *split, char *text, size_t size)
{
	text[0] = '\0';
	if (split->pieces) {
		text__append(text, size, "the compiler split it:");
		for (size_t i = 0; i < split->pieces && i < SPLIT_PIECES_MAX; i++)
			text__append(text, size, "%s %s", i ? "," : "", split->piece[i]);
		if (!split->plain)
			text__append(text, size, ", and no plain %s is left", split->function);
	} else if (split->plain > 1) {
		text__append(text, size, "%u functions of the kernel have that name", split->plain);
	}
}
