// SPDX-License-Identifier: GPL-2.0
/*
 * splice() moves the payload's pages into a pipe, and from there to /dev/null: nothing is copied.
 * With --verify the pipe is read instead, which copies once more.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/param.h>
#include <unistd.h>

#include "traffic/pipe.h"
#include "traffic/receive.h"

struct spliced {
	struct pipe pipe;
	int sink;
	char *read; /* with verify */
};

static int spliced__open(struct receiver *receiver)
{
	struct spliced *state = calloc(1, sizeof(*state));
	int err;

	receiver->state = state;
	if (!state)
		return failure__set(receiver->failure, -ENOMEM, "cannot allocate a pipe");
	err = pipe__open(&state->pipe, receiver->failure);
	if (err)
		return err;
	state->sink = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (state->sink < 0)
		return failure__set(receiver->failure, -errno, "/dev/null: %m");
	state->read = malloc(BUFFER_BYTES_MIN);
	if (!state->read)
		return failure__set(receiver->failure, -ENOMEM, "cannot allocate %u bytes",
				    BUFFER_BYTES_MIN);
	return 0;
}

/* Empties the pipe. */
static int spliced__empty(struct receiver *receiver)
{
	struct spliced *state = receiver->state;
	size_t piece = MIN(state->pipe.bytes, BUFFER_BYTES_MIN);

	while (state->pipe.bytes) {
		ssize_t moved = receiver->verify ? read(state->pipe.out, state->read, piece)
						 : splice(state->pipe.out, NULL, state->sink, NULL,
							  state->pipe.bytes, 0);

		if (moved < 0 && errno == EINTR)
			continue;
		if (moved <= 0)
			return failure__set(receiver->failure, moved ? -errno : -EIO,
					    "cannot empty a pipe: %m");
		moved = receive__take(receiver, state->read, moved);
		if (moved < 0)
			return moved;
		state->pipe.bytes -= moved;
	}
	return 0;
}

static ssize_t spliced__take(struct receiver *receiver, size_t bytes)
{
	struct spliced *state = receiver->state;
	ssize_t length;

	bytes = MIN(bytes, INT_MAX);
	do {
		length = splice(receiver->fd, NULL, state->pipe.in, NULL, bytes, 0);
		receiver->counts.calls++;
	} while (length < 0 && errno == EINTR);
	if (length < 0)
		return failure__set(receiver->failure, -errno, "splice from the socket: %m");
	state->pipe.bytes = length;
	return spliced__empty(receiver) ?: length;
}

static void spliced__close(struct receiver *receiver)
{
	struct spliced *state = receiver->state;

	if (!state)
		return;
	pipe__close(&state->pipe);
	if (state->sink > 0)
		close(state->sink);
	free(state->read);
	free(state);
	receiver->state = NULL;
}

static uint64_t spliced__memory(size_t message_bytes)
{
	(void)message_bytes;
	return BUFFER_BYTES_MIN;
}

const struct receive_method receiver_splice = {
	.name = "splice",
	.summary = "splice() into a pipe and on to /dev/null",
	.needs = "a pipe; the receiver passes the bytes on and does not look at them",
	.open = spliced__open,
	.take = spliced__take,
	.close = spliced__close,
	.memory = spliced__memory,
};
