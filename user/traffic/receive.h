/* SPDX-License-Identifier: GPL-2.0 */
/* For all receivers: checks and counts what a call took. */
#ifndef HARNESS_RECEIVE_H
#define HARNESS_RECEIVE_H

#include <stddef.h>
#include <sys/types.h>

#include "traffic/transport.h"

#define BUFFER_BYTES_MIN (64u << 10) /* of each receiving thread */

/* Bytes of a buffer that holds any message, which most receivers allocate. */
uint64_t receive__buffer_bytes(size_t message_bytes);

/*
 * Takes the next bytes of the stream: checks them if the receiver verifies, and counts them.
 * Returns `bytes`, or -EBADMSG with receiver->failure set.
 */
ssize_t receive__take(struct receiver *receiver, const void *from, size_t bytes);

#endif
