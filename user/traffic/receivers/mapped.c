// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_ZEROCOPY_RECEIVE maps the payload's pages into this process. It maps only whole pages that
 * are aligned in the packet and belong to no file (tcp_zerocopy_receive, can_map_frag); recv()
 * copies the rest.
 */
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic/receive.h"

#define WINDOW_BYTES (1u << 20) /* most bytes mapped at once */

struct mapped {
	void *window; /* mapping of the socket */
	char *buffer; /* for what cannot be mapped */
};

static int mapped__open(struct receiver *receiver)
{
	struct mapped *state = calloc(1, sizeof(*state));

	receiver->state = state;
	if (state)
		state->buffer = malloc(BUFFER_BYTES_MIN);
	if (!state || !state->buffer)
		return failure__set(receiver->failure, -ENOMEM, "cannot allocate %u bytes",
				    BUFFER_BYTES_MIN);
	state->window = mmap(NULL, WINDOW_BYTES, PROT_READ, MAP_SHARED, receiver->fd, 0);
	if (state->window == MAP_FAILED) {
		state->window = NULL;
		return failure__set(receiver->failure, -errno, "mmap of a TCP socket: %m");
	}
	return 0;
}

static ssize_t mapped__copy(struct receiver *receiver, size_t bytes)
{
	struct mapped *state = receiver->state;
	ssize_t length = TEMP_FAILURE_RETRY(
		recv(receiver->fd, state->buffer, MIN(bytes, BUFFER_BYTES_MIN), 0));

	receiver->counts.calls++;
	if (length < 0)
		return failure__set(receiver->failure, -errno, "recv: %m");
	return receive__take(receiver, state->buffer, length);
}

/* TCP_ZEROCOPY_RECEIVE replaces the earlier mapping. It never waits, so poll() does. */
static ssize_t mapped__take(struct receiver *receiver, size_t bytes)
{
	struct pollfd socket = {.fd = receiver->fd, .events = POLLIN};
	struct mapped *state = receiver->state;

	for (;;) {
		struct tcp_zerocopy_receive wanted = {
			.address = (uintptr_t)state->window,
			.length = MIN(bytes, WINDOW_BYTES),
		};
		socklen_t size = sizeof(wanted);
		int err;

		if (TEMP_FAILURE_RETRY(poll(&socket, 1, -1)) < 0)
			return failure__set(receiver->failure, -errno, "poll: %m");
		err = getsockopt(receiver->fd, IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, &wanted, &size);
		receiver->counts.calls++;
		if (err && errno == EIO)
			return 0; /* the end of the stream */
		if (err)
			return failure__set(receiver->failure, -errno, "TCP_ZEROCOPY_RECEIVE: %m");
		if (wanted.length)
			return receive__take(receiver, state->window, wanted.length);
		if (wanted.recv_skip_hint)
			return mapped__copy(receiver, MIN(bytes, wanted.recv_skip_hint));
	}
}

static void mapped__close(struct receiver *receiver)
{
	struct mapped *state = receiver->state;

	if (!state)
		return;
	if (state->window)
		munmap(state->window, WINDOW_BYTES);
	free(state->buffer);
	free(state);
	receiver->state = NULL;
}

static uint64_t mapped__memory(size_t message_bytes)
{
	(void)message_bytes;
	return BUFFER_BYTES_MIN;
}

const struct receive_method receiver_mapped = {
	.name = "mapped",
	.summary = "TCP_ZEROCOPY_RECEIVE, and recv() of what cannot be mapped",
	.needs = "TCP_ZEROCOPY_RECEIVE (Linux 4.18); packets whose payload fills whole "
		 "aligned pages, none of a file",
	.open = mapped__open,
	.take = mapped__take,
	.close = mapped__close,
	.memory = mapped__memory,
};
