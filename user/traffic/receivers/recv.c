// SPDX-License-Identifier: GPL-2.0
/* recv() into one buffer: what most programs do, and one copy. */
#include <errno.h>
#include <stdlib.h>
#include <sys/param.h>
#include <sys/socket.h>

#include "traffic/receive.h"

static int recv__open(struct receiver *receiver)
{
	uint64_t bytes = receive__buffer_bytes(receiver->message_bytes);

	receiver->state = malloc(bytes);
	if (!receiver->state)
		return failure__set(receiver->failure, -ENOMEM, "cannot allocate %zu bytes",
				    (size_t)bytes);
	return 0;
}

static ssize_t recv__take(struct receiver *receiver, size_t bytes)
{
	ssize_t length;

	bytes = MIN(bytes, receive__buffer_bytes(receiver->message_bytes));
	do {
		length = recv(receiver->fd, receiver->state, bytes, 0);
		receiver->counts.calls++;
	} while (length < 0 && errno == EINTR);
	if (length < 0)
		return failure__set(receiver->failure, -errno, "recv: %m");
	return receive__take(receiver, receiver->state, length);
}

static void recv__close(struct receiver *receiver)
{
	free(receiver->state);
	receiver->state = NULL;
}

const struct receive_method receiver_recv = {
	.name = "recv",
	.summary = "recv() into a buffer",
	.open = recv__open,
	.take = recv__take,
	.close = recv__close,
	.memory = receive__buffer_bytes,
};
