/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A message of eight heap-allocated fields, and the pattern that --verify fills it with.
 *
 * The pattern is a function of a seed and the position in the stream alone, so that the receiver
 * can check any piece of it without knowing where messages begin.
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
 * Eight fields of bytes / 8, the last with the remainder. alignment is 0 for whatever malloc()
 * gives, or a power of two that each field starts at and fills up to. 0 or -ENOMEM with nothing
 * allocated.
 */
int message__allocate(struct message *message, size_t bytes, size_t alignment);
void message__free(struct message *message);

/* Fills the message with the stream from `position` on. */
void message__write(struct message *message, uint64_t seed, uint64_t position);

void pattern__write(void *to, size_t bytes, uint64_t seed, uint64_t position);
/* Bytes before the first wrong one; `bytes` when all are right. */
size_t pattern__check(const void *from, size_t bytes, uint64_t seed, uint64_t position);
unsigned char pattern__byte(uint64_t seed, uint64_t position);

#endif
