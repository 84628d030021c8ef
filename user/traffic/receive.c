// SPDX-License-Identifier: GPL-2.0
#include "traffic/receive.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/param.h>

#include "traffic/message.h"

uint64_t receive__buffer_bytes(size_t message_bytes)
{
	return MAX(message_bytes, BUFFER_BYTES_MIN);
}

ssize_t receive__take(struct receiver *receiver, const void *from, size_t bytes)
{
	uint64_t position = receiver->counts.payload_bytes;
	size_t right = bytes;

	receiver->counts.payload_bytes += bytes;
	if (receiver->verify)
		right = pattern__check(from, bytes, receiver->stream_seed, position);
	if (right == bytes)
		return bytes;
	position += right;
	return failure__set(receiver->failure, -EBADMSG,
			    "wrong byte at stream position %" PRIu64 " (message %" PRIu64
			    "): expected 0x%02x, found 0x%02x",
			    position, position / receiver->message_bytes,
			    pattern__byte(receiver->stream_seed, position),
			    ((const unsigned char *)from)[right]);
}
