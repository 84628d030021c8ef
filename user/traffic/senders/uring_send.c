// SPDX-License-Identifier: GPL-2.0
/* IORING_OP_SEND for each field: eight sends, one system call. */
#include <errno.h>
#include <stdlib.h>

#include "traffic/linked.h"
#include "traffic/send.h"

struct uring_send {
	struct linked linked;
	struct message message;
};

static void uring_send__prepare(struct sender *sender, struct io_uring_sqe *request, int field,
				const struct iovec *piece)
{
	(void)field;
	io_uring_prep_send(request, sender->fd, piece->iov_base, piece->iov_len, 0);
}

static int uring_send__open(struct sender *sender)
{
	struct uring_send *state = calloc(1, sizeof(*state));

	sender->state = state;
	if (!state || message__allocate(&state->message, sender->message_bytes, 0))
		return failure__set(sender->failure, -ENOMEM,
				    "cannot allocate a message of %zu bytes",
				    sender->message_bytes);
	message__write(&state->message, sender->stream_seed, 0);
	state->linked.prepare = uring_send__prepare;
	return ring__open(&state->linked.ring, FIELDS, 2 * FIELDS, 0, sender->failure);
}

static int uring_send__send(struct sender *sender)
{
	struct uring_send *state = sender->state;
	int err;

	if (sender->verify)
		message__write(&state->message, sender->stream_seed, send__position(sender));
	err = linked__send(sender, &state->linked, &state->message);
	if (!err)
		sender->counts.messages++;
	return err;
}

static void uring_send__close(struct sender *sender)
{
	struct uring_send *state = sender->state;

	if (!state)
		return;
	ring__close(&state->linked.ring);
	message__free(&state->message);
	free(state);
	sender->state = NULL;
}

static void uring_send__prepare_try(struct io_uring_sqe *request, int fd)
{
	io_uring_prep_send(request, fd, "", 1, MSG_NOSIGNAL);
}

static int uring_send__check(struct failure *failure)
{
	return ring__try(uring_send__prepare_try, "IORING_OP_SEND (Linux 5.6)", failure);
}

const struct send_method sender_uring_send = {
	.name = "uring_send",
	.summary = "IORING_OP_SEND once a field, linked, by one io_uring_enter()",
	.needs = "io_uring (Linux 5.6; sysctl kernel.io_uring_disabled)",
	.check = uring_send__check,
	.inside_ring = true,
	.open = uring_send__open,
	.send = uring_send__send,
	.close = uring_send__close,
};
