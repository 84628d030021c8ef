// SPDX-License-Identifier: GPL-2.0
#include "tracer/symbols.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/*
 * Reads "ffffffff81000000 T name\n" or "... t name\t[module]\n". The kernel returns at most a page
 * per read.
 */
static char *read_text(FILE *file)
{
	size_t room = 8 << 20, length = 0, got;
	char *text = malloc(room + 1), *more;

	while (text && (got = fread(text + length, 1, room - length, file))) {
		length += got;
		if (length < room)
			continue;
		room *= 2;
		more = realloc(text, room + 1);
		if (!more)
			free(text);
		text = more;
	}
	if (text)
		text[length] = '\0';
	return text;
}

/* Splits one line into a symbol. false: it is not a line of kallsyms. */
static bool cut_line(char *line, struct symbol *symbol)
{
	char *end, *name, *module;

	symbol->address = strtoull(line, &end, 16);
	if (end == line || end[0] != ' ' || !end[1] || end[2] != ' ')
		return false;
	name = end + 3;
	symbol->name = name;
	symbol->function = strchr("tTwW", end[1]);
	name += strcspn(name, " \t");
	module = strchr(name, '[');
	symbol->module = NULL;
	if (module) {
		symbol->module = module + 1;
		module[strcspn(module, "]")] = '\0';
	}
	*name = '\0';
	return true;
}

static int add_lines(struct symbols *symbols)
{
	size_t room = 0;
	char *line, *rest = symbols->text;

	while ((line = strsep(&rest, "\n"))) {
		if (symbols->count == room) {
			room = room ? 2 * room : 1 << 17;
			struct symbol *more = reallocarray(symbols->symbol, room, sizeof(*more));

			if (!more)
				return -ENOMEM;
			symbols->symbol = more;
		}
		symbols->count += cut_line(line, &symbols->symbol[symbols->count]);
	}
	return symbols->count ? 0 : -ENODATA;
}

struct symbols symbols__read(FILE *file)
{
	struct symbols symbols = {.text = read_text(file)};

	symbols.err = !symbols.text ? -ENOMEM : ferror(file) ? -EIO : add_lines(&symbols);
	if (symbols.err)
		symbols.count = 0;
	return symbols;
}

void symbols__free(struct symbols *symbols)
{
	free(symbols->symbol);
	free(symbols->text);
	*symbols = (struct symbols){};
}

static struct symbols of_kernel;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static struct symbols read_kernel(void)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	struct symbols symbols = {};

	if (!file)
		return (struct symbols){.err = -errno};
	symbols = symbols__read(file);
	fclose(file);
	return symbols;
}

static void keep_kernel(void)
{
	of_kernel = read_kernel();
}

const struct symbols *symbols__kernel(void)
{
	pthread_once(&once, keep_kernel);
	return &of_kernel;
}

static void *read_aside(void *unused)
{
	(void)unused;
	symbols__kernel();
	return NULL;
}

void symbols__start(void)
{
	pthread_t thread;

	/* without a thread the first caller of symbols__kernel() reads */
	if (!pthread_create(&thread, NULL, read_aside, NULL))
		pthread_detach(thread);
}

uint64_t symbols__address(const struct symbols *symbols, const char *name)
{
	for (size_t i = 0; i < symbols->count; i++)
		if (!strcmp(symbols->symbol[i].name, name))
			return symbols->symbol[i].address;
	return 0;
}

int symbols__ranges(const struct symbols *symbols, struct symbol_range *ranges, size_t count)
{
	bool hidden = true;

	for (size_t i = 0; i < count; i++)
		ranges[i].start = ranges[i].end = 0;
	for (size_t at = 0; at < symbols->count; at++) {
		const struct symbol *symbol = &symbols->symbol[at];

		if (!symbol->function || !symbol->address)
			continue;
		hidden = false;
		for (size_t i = 0; i < count; i++) {
			if (ranges[i].start && !ranges[i].end && symbol->address > ranges[i].start)
				ranges[i].end = symbol->address;
			if (!ranges[i].start && !strcmp(symbol->name, ranges[i].name))
				ranges[i].start = symbol->address;
		}
	}
	return symbols->err ?: hidden ? -EPERM : 0;
}

static void plain_name(char *to, const char *symbol)
{
	static const char *const suffixes[] = {".constprop.", ".isra.", ".part.", ".cold",
					       ".llvm."};
	size_t length = strlen(symbol);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		const char *at = strstr(symbol, suffixes[i]);

		if (at && (size_t)(at - symbol) < length)
			length = at - symbol;
	}
	snprintf(to, SYMBOL_NAME, "%.*s", (int)length, symbol);
}

/* Sets the name, and returns the module's; NULL: not in a module. */
static const char *symbols__name(const struct symbols *symbols, uint64_t address,
				 char name[SYMBOL_NAME])
{
	const struct symbol *nearest = NULL;

	/* modules' symbols follow the kernel's, in no order */
	for (size_t i = 0; i < symbols->count; i++) {
		const struct symbol *symbol = &symbols->symbol[i];

		if (symbol->function && symbol->address <= address &&
		    (!nearest || symbol->address > nearest->address))
			nearest = symbol;
	}
	if (!nearest || !nearest->address) {
		snprintf(name, SYMBOL_NAME, "0x%" PRIx64, address);
		return NULL;
	}
	plain_name(name, nearest->name);
	return nearest->module;
}

void symbols__place_now(uint64_t address, char place[SYMBOL_PLACE])
{
	const struct symbols *kept = symbols__kernel();
	char name[SYMBOL_NAME];
	const char *module;
	uint64_t last = 0; /* a function of the kernel itself, not of a module */

	for (size_t i = 0; i < kept->count; i++)
		if (kept->symbol[i].function && !kept->symbol[i].module &&
		    kept->symbol[i].address > last)
			last = kept->symbol[i].address;
	if (address < last) {
		symbols__name(kept, address, name);
		snprintf(place, SYMBOL_PLACE, "%s", name);
		return;
	}
	struct symbols now = read_kernel();

	module = symbols__name(&now, address, name);
	snprintf(place, SYMBOL_PLACE, "%s%s%.40s%s", name, module ? " [" : "", module ?: "",
		 module ? "]" : "");
	symbols__free(&now);
}

void symbols__name_now(uint64_t address, char name[SYMBOL_NAME])
{
	char place[SYMBOL_PLACE];

	symbols__place_now(address, place);
	snprintf(name, SYMBOL_NAME, "%.*s", (int)strcspn(place, " "), place);
}
