// SPDX-License-Identifier: GPL-2.0
#include "traffic/message.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#define WORD sizeof(uint64_t)

int message__allocate(struct message *message, size_t bytes, size_t alignment)
{
	memset(message, 0, sizeof(*message));
	for (int i = 0; i < FIELDS; i++) {
		size_t length = bytes / FIELDS + (i == FIELDS - 1 ? bytes % FIELDS : 0);
		struct iovec *field = &message->field[i];

		if (alignment)
			field->iov_base = aligned_alloc(alignment, roundup(length, alignment));
		else
			field->iov_base = malloc(length);
		if (!field->iov_base) {
			message__free(message);
			return -ENOMEM;
		}
		field->iov_len = length;
	}
	return 0;
}

void message__free(struct message *message)
{
	for (int i = 0; i < FIELDS; i++)
		free(message->field[i].iov_base);
	memset(message, 0, sizeof(*message));
}

void message__write(struct message *message, uint64_t seed, uint64_t position)
{
	for (int i = 0; i < FIELDS; i++) {
		pattern__write(message->field[i].iov_base, message->field[i].iov_len, seed,
			       position);
		position += message->field[i].iov_len;
	}
}

/* Word number `index` of splitmix64's sequence for `seed`. */
static uint64_t pattern__word(uint64_t seed, uint64_t index)
{
	uint64_t word = seed + (index + 1) * 0x9e3779b97f4a7c15;

	word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9;
	word = (word ^ word >> 27) * 0x94d049bb133111eb;
	return htole64(word ^ word >> 31);
}

void pattern__write(void *to, size_t bytes, uint64_t seed, uint64_t position)
{
	char *at = to;

	while (bytes) {
		uint64_t word = pattern__word(seed, position / WORD);
		size_t skip = position % WORD, length = MIN(WORD - skip, bytes);

		/*
		 * A constant length compiles to one store; only the ends of a field have another
		 * length.
		 */
		if (length == WORD)
			memcpy(at, &word, WORD);
		else
			memcpy(at, (char *)&word + skip, length);
		at += length;
		position += length;
		bytes -= length;
	}
}

size_t pattern__check(const void *from, size_t bytes, uint64_t seed, uint64_t position)
{
	const char *at = from, *end = at + bytes;

	while (at < end) {
		uint64_t word = pattern__word(seed, position / WORD);
		size_t skip = position % WORD, length = MIN(WORD - skip, (size_t)(end - at));

		if (length == WORD ? memcmp(at, &word, WORD)
				   : memcmp(at, (char *)&word + skip, length))
			break;
		at += length;
		position += length;
	}
	for (; at < end && (unsigned char)*at == pattern__byte(seed, position); position++)
		at++;
	return at - (const char *)from;
}

unsigned char pattern__byte(uint64_t seed, uint64_t position)
{
	uint64_t word = pattern__word(seed, position / WORD);

	return ((unsigned char *)&word)[position % WORD];
}
