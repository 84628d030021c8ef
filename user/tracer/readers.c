// SPDX-License-Identifier: GPL-2.0
#include "tracer/readers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct reader *readers__find(const struct readers *readers, enum cause_kind kind,
				    const char *function)
{
	for (size_t i = 0; i < readers->count; i++)
		if (readers->reader[i].kind == kind &&
		    !strcmp(readers->reader[i].function, function))
			return &readers->reader[i];
	return NULL;
}

int readers__add(struct readers *readers, enum cause_kind kind, const char *function,
		 const struct counter *counter)
{
	struct reader *reader = readers__find(readers, kind, function);

	if (!reader) {
		reader = reallocarray(readers->reader, readers->count + 1, sizeof(*reader));
		if (!reader)
			return -ENOMEM;
		readers->reader = reader;
		reader += readers->count++;
		*reader = (struct reader){.kind = kind};
		snprintf(reader->function, sizeof(reader->function), "%s", function);
	}
	reader->bytes += counter->bytes;
	reader->calls += counter->calls;
	return 0;
}

int readers__merge(struct readers *readers, const struct readers *other)
{
	int err = 0;

	for (size_t i = 0; i < other->count && !err; i++) {
		const struct reader *reader = &other->reader[i];
		struct counter counter = {.bytes = reader->bytes, .calls = reader->calls};

		err = readers__add(readers, reader->kind, reader->function, &counter);
	}
	return err;
}

static int bigger_first(const void *a, const void *b)
{
	const struct reader *left = a, *right = b;

	return left->bytes < right->bytes ? 1 : left->bytes > right->bytes ? -1 : 0;
}

void readers__sort(struct readers *readers)
{
	if (readers->count)
		qsort(readers->reader, readers->count, sizeof(*readers->reader), bigger_first);
}

void readers__free(struct readers *readers)
{
	free(readers->reader);
	*readers = (struct readers){};
}
