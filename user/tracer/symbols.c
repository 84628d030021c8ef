// SPDX-License-Identifier: GPL-2.0
#include "tracer/symbols.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A page a read is the most that seq_file gives; stdio by itself takes a kilobyte, and a fifth
 * longer. The buffer is the caller's until the file is closed. */
#define PAGE_BYTES 4096
static FILE *open_symbols(char buffer[PAGE_BYTES])
{
	FILE *file = fopen("/proc/kallsyms", "re");

	if (file)
		setvbuf(file, buffer, _IOFBF, PAGE_BYTES);
	return file;
}

/* The next symbol of kallsyms whose kind is one of these letters. false at the end. */
static bool next_symbol(FILE *file, const char *kinds, char **line, size_t *room, uint64_t *address,
			const char **name)
{
	char *end;

	while (getline(line, room, file) > 0) {
		*address = strtoull(*line, &end, 16);
		if (end == *line || end[0] != ' ' || !strchr(kinds, end[1]) || end[2] != ' ')
			continue;
		*name = end + 3;
		end[3 + strcspn(end + 3, "\t\n")] = '\0';
		return true;
	}
	return false;
}

static bool next_function(FILE *file, char **line, size_t *room, uint64_t *address,
			  const char **name)
{
	return next_symbol(file, "tTwW", line, room, address, name);
}

uint64_t symbol__address(const char *name)
{
	char buffer[PAGE_BYTES];
	FILE *file = open_symbols(buffer);
	uint64_t address, found = 0;
	char *line = NULL;
	size_t room = 0;
	const char *symbol;

	if (!file)
		return 0;
	while (!found && next_symbol(file, "tTwWdDbBrRvV", &line, &room, &address, &symbol))
		if (!strcmp(symbol, name))
			found = address;
	free(line);
	fclose(file);
	return found;
}

static int find_ranges(struct symbol_range *ranges, size_t count)
{
	char buffer[PAGE_BYTES];
	FILE *file = open_symbols(buffer);
	size_t room = 0, left = count;
	bool hidden = true;
	uint64_t address;
	char *line = NULL;
	const char *name;

	if (!file)
		return -errno;
	for (size_t i = 0; i < count; i++)
		ranges[i].start = ranges[i].end = 0;
	while (left && next_function(file, &line, &room, &address, &name)) {
		if (!address)
			continue;
		hidden = false;
		for (size_t i = 0; i < count; i++) {
			if (ranges[i].start && !ranges[i].end && address > ranges[i].start) {
				ranges[i].end = address;
				left--;
			}
			if (!ranges[i].start && !strcmp(name, ranges[i].name))
				ranges[i].start = address;
		}
	}
	free(line);
	fclose(file);
	return hidden ? -EPERM : 0;
}

static void *read_ranges(void *context)
{
	struct symbols_reader *reader = context;

	reader->err = find_ranges(reader->ranges, reader->count);
	return NULL;
}

void symbols__start(struct symbols_reader *reader, struct symbol_range *ranges, size_t count)
{
	*reader = (struct symbols_reader){.ranges = ranges, .count = count};
	reader->reads = !pthread_create(&reader->thread, NULL, read_ranges, reader);
	if (!reader->reads)
		read_ranges(reader); /* no thread could be started: read now */
}

int symbols__finish(struct symbols_reader *reader)
{
	if (reader->reads)
		pthread_join(reader->thread, NULL);
	reader->reads = false;
	return reader->ranges ? reader->err : -EINVAL;
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

int symbols__names(const uint64_t *addresses, size_t count, char (*names)[SYMBOL_NAME])
{
	char buffer[PAGE_BYTES];
	FILE *file = open_symbols(buffer);
	uint64_t address, *nearest;
	char *line = NULL;
	size_t room = 0;
	const char *name;

	for (size_t i = 0; i < count; i++)
		snprintf(names[i], SYMBOL_NAME, "0x%" PRIx64, addresses[i]);
	nearest = calloc(count ?: 1, sizeof(*nearest));
	if (!file || !nearest) {
		int err = file ? -ENOMEM : -errno;

		if (file)
			fclose(file);
		free(nearest);
		return err;
	}
	/* modules come after the kernel and in no order: keep the nearest start below each address
	 */
	while (next_function(file, &line, &room, &address, &name)) {
		for (size_t i = 0; i < count; i++) {
			if (address <= addresses[i] && address > nearest[i]) {
				nearest[i] = address;
				plain_name(names[i], name);
			}
		}
	}
	free(nearest);
	free(line);
	fclose(file);
	return 0;
}
