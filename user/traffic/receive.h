/* SPDX-License-Identifier: GPL-2.0 */
/* What receivers share: check and count what a call took. */
#ifndef HARNESS_RECEIVE_H
#define HARNESS_RECEIVE_H

#include <stddef.h>
#include <sys/types.h>

#include "traffic/transport.h"

#define BUFFER_BYTES_MIN (64u << 10) /* of each receiving thread */

/* Of a buffer that takes any message whole: what most receivers allocate. */
uint64_t receive__buffer_bytes(size_t message_bytes);

/*
 * The next bytes of the stream: checked, if the receiver verifies, and counted. Returns `bytes`, or
 * -EBADMSG with receiver->failure set.
 */
ssize_t receive__take(struct receiver *receiver, const void *from, size_t bytes);

#endif
