/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A message of eight heap-allocated fields, and the pattern that --verify fills it with.
 *
 * The pattern depends only on a seed and the position in the stream, so the receiver can check any
 * piece without knowing where messages begin.
 */
#ifndef HARNESS_MESSAGE_H
#define HARNESS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "traffic/transport.h"

struct message {
	struct iovec field[FIELDS];
};

/*
 * Allocates eight fields of bytes / 8; the last has the remainder too. `alignment`: 0 for
 * malloc()'s, or a power of two at which each field starts and which it fills up. 0, or -ENOMEM
 * with nothing allocated.
 */
int message__allocate(struct message *message, size_t bytes, size_t alignment);
void message__free(struct message *message);

/* Fills the message with the stream's pattern from `position` on. */
void message__write(struct message *message, uint64_t seed, uint64_t position);

void pattern__write(void *to, size_t bytes, uint64_t seed, uint64_t position);
/* Bytes before the first wrong one; `bytes` if all are right. */
size_t pattern__check(const void *from, size_t bytes, uint64_t seed, uint64_t position);
unsigned char pattern__byte(uint64_t seed, uint64_t position);

#endif
