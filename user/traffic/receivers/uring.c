// SPDX-License-Identifier: GPL-2.0
/*
 * One multishot receive of io_uring: the kernel takes a provided buffer for each piece that arrives
 * and copies the payload to it, without a further request. A buffer is returned to the kernel when
 * its bytes were taken. The request ends when no buffer is left (-ENOBUFS); then another follows.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic/receive.h"
#include "traffic/ring.h"

#define BUFFERS	     8 /* a power of two */
#define BUFFER_BYTES (64u << 10)
#define GROUP	     0

struct uring {
	struct ring ring;
	struct io_uring_buf_ring *provided; /* buffers that the kernel may take */
	char *memory;
	bool active;		/* the multishot receive has not ended */
	bool ended;		/* the stream has */
	unsigned short current; /* the buffer with bytes that are not taken */
	size_t at, left;	/* these bytes */
};

static void uring__provide(struct uring *state, unsigned short buffer)
{
	io_uring_buf_ring_add(state->provided, state->memory + (size_t)buffer * BUFFER_BYTES,
			      BUFFER_BYTES, buffer, io_uring_buf_ring_mask(BUFFERS), 0);
	io_uring_buf_ring_advance(state->provided, 1);
}

static int uring__register(struct ring *ring, struct io_uring_buf_ring *provided,
			   struct failure *failure)
{
	struct io_uring_buf_reg registration = {
		.ring_addr = (uintptr_t)provided, .ring_entries = BUFFERS, .bgid = GROUP};
	int err = io_uring_register_buf_ring(&ring->uring, &registration, 0);

	if (err == -EINVAL)
		return failure__set(failure, -EOPNOTSUPP,
				    "this kernel lacks io_uring's IORING_REGISTER_PBUF_RING (Linux "
				    "5.19)");
	errno = -err;
	return err ? failure__set(failure, err, "IORING_REGISTER_PBUF_RING: %m") : 0;
}

static void uring__prepare(struct io_uring_sqe *request, int fd)
{
	io_uring_prep_recv_multishot(request, fd, NULL, 0, 0);
	request->flags |= IOSQE_BUFFER_SELECT;
	request->buf_group = GROUP;
}

static int uring__open(struct receiver *receiver)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct uring *state = calloc(1, sizeof(*state));
	int err;

	receiver->state = state;
	if (state) {
		state->memory = aligned_alloc(page, BUFFERS * BUFFER_BYTES);
		state->provided =
			aligned_alloc(page, roundup(BUFFERS * sizeof(struct io_uring_buf), page));
	}
	if (!state || !state->memory || !state->provided)
		return failure__set(receiver->failure, -ENOMEM, "cannot allocate %u bytes",
				    BUFFERS * BUFFER_BYTES);
	io_uring_buf_ring_init(state->provided);
	err = ring__open(&state->ring, 1, 4 * BUFFERS, 0, receiver->failure)
		      ?: uring__register(&state->ring, state->provided, receiver->failure);
	for (unsigned short i = 0; i < BUFFERS && !err; i++)
		uring__provide(state, i);
	return err;
}

/* Takes what the oldest completion reports. */
static int uring__take_completion(struct receiver *receiver, const struct io_uring_cqe *completion)
{
	struct uring *state = receiver->state;

	state->active = completion->flags & IORING_CQE_F_MORE;
	if (completion->res > 0) {
		state->current = completion->flags >> IORING_CQE_BUFFER_SHIFT;
		state->at = 0;
		state->left = completion->res;
	} else if (!completion->res) {
		state->ended = true;
	} else if (completion->res != -ENOBUFS && completion->res != -ECANCELED &&
		   completion->res != -EINTR && completion->res != -EAGAIN) {
		errno = -completion->res;
		return failure__set(receiver->failure, completion->res, "io_uring receive: %m");
	}
	return 0;
}

/* Waits for a completion; makes the request if there is none. */
static int uring__wait(struct receiver *receiver)
{
	struct uring *state = receiver->state;
	uint64_t calls = state->ring.calls;
	bool request = !state->active;
	int err;

	if (request)
		uring__prepare(ring__request(&state->ring), receiver->fd);
	state->active = true;
	err = ring__submit(&state->ring, request, 1, receiver->failure);
	receiver->counts.calls += state->ring.calls - calls;
	return err;
}

static ssize_t uring__take(struct receiver *receiver, size_t bytes)
{
	struct uring *state = receiver->state;
	struct io_uring_cqe completion;
	ssize_t taken;
	int err = 0;

	while (!state->left && !state->ended && !err) {
		if (ring__take(&state->ring, &completion))
			err = uring__take_completion(receiver, &completion);
		else
			err = uring__wait(receiver);
	}
	if (err || !state->left)
		return err;
	bytes = MIN(bytes, state->left);
	taken = receive__take(
		receiver, state->memory + (size_t)state->current * BUFFER_BYTES + state->at, bytes);
	state->at += bytes;
	state->left -= bytes;
	if (!state->left)
		uring__provide(state, state->current);
	return taken;
}

static void uring__close(struct receiver *receiver)
{
	struct uring *state = receiver->state;

	if (!state)
		return;
	/* a request that is still active must not write to memory that is freed */
	if (state->ring.open)
		io_uring_unregister_buf_ring(&state->ring.uring, GROUP);
	ring__close(&state->ring);
	free(state->provided);
	free(state->memory);
	free(state);
	receiver->state = NULL;
}

static uint64_t uring__memory(size_t message_bytes)
{
	(void)message_bytes;
	return BUFFERS * BUFFER_BYTES;
}

static int uring__check(struct failure *failure)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct io_uring_buf_ring *provided = aligned_alloc(page, page);
	struct ring ring = {};
	int err;

	if (!provided)
		return failure__set(failure, -ENOMEM, "cannot allocate %zu bytes", page);
	err = ring__open(&ring, 1, 2, 0, failure) ?: uring__register(&ring, provided, failure);
	ring__close(&ring);
	free(provided);
	return err
		       ?: ring__try(uring__prepare, "io_uring's IORING_RECV_MULTISHOT (Linux 6.0)",
				    failure);
}

const struct receive_method receiver_uring = {
	.name = "uring",
	.summary = "io_uring's multishot receive into provided buffers",
	.needs = "io_uring with IORING_RECV_MULTISHOT (Linux 6.0; sysctl "
		 "kernel.io_uring_disabled)",
	.check = uring__check,
	.open = uring__open,
	.take = uring__take,
	.close = uring__close,
	.memory = uring__memory,
};
