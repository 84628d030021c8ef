// SPDX-License-Identifier: GPL-2.0
/*
 * vmsplice() puts the message's pages into a pipe, and splice() moves them to the socket: packets
 * refer to user memory, without MSG_ZEROCOPY, also to a receiver on the same host.
 *
 * No completion says when the kernel is finished with a page. So a page that was sent is never
 * written again: a verified message is written to new pages.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <unistd.h>

#include "traffic/pipe.h"
#include "traffic/send.h"

struct splicer {
	struct message message;
	struct pipe pipe;
};

static int splice__open(struct sender *sender)
{
	struct splicer *state = calloc(1, sizeof(*state));
	int err = -ENOMEM;

	sender->state = state;
	if (state) {
		err = pipe__open(&state->pipe, sender->failure);
		if (err)
			return err;
		/* each field has pages of its own, so that they can be given up */
		err = message__allocate(&state->message, sender->message_bytes,
					sysconf(_SC_PAGESIZE));
	}
	if (err)
		return failure__set(sender->failure, err, "cannot allocate a message of %zu bytes",
				    sender->message_bytes);
	message__write(&state->message, sender->stream_seed, 0);
	return send__cork_for_fault(sender);
}

/* Gets new pages: packets on their way may refer to the old ones. */
static int splice__renew(struct sender *sender)
{
	struct splicer *state = sender->state;
	size_t page = sysconf(_SC_PAGESIZE);

	for (int i = 0; i < FIELDS && sender->fault != FAULT_EARLY_REUSE; i++) {
		const struct iovec *field = &state->message.field[i];

		if (madvise(field->iov_base, roundup(field->iov_len, page), MADV_DONTNEED))
			return failure__set(sender->failure, -errno, "madvise: %m");
	}
	message__write(&state->message, sender->stream_seed, send__position(sender));
	return 0;
}

/* Fills the pipe with the rest of the message. */
static int splice__fill(struct sender *sender, struct msghdr *left)
{
	struct splicer *state = sender->state;

	while (left->msg_iovlen) {
		ssize_t taken = vmsplice(state->pipe.in, left->msg_iov, left->msg_iovlen,
					 SPLICE_F_NONBLOCK);

		if (taken < 0 && errno == EAGAIN)
			return 0; /* full */
		if (taken < 0 && errno != EINTR)
			return failure__set(sender->failure, -errno, "vmsplice: %m");
		if (taken > 0) {
			state->pipe.bytes += taken;
			header__advance(left, taken);
		}
	}
	return 0;
}

static int splice__send(struct sender *sender)
{
	struct splicer *state = sender->state;
	struct message rest;
	struct msghdr left = {.msg_iov = rest.field, .msg_iovlen = FIELDS};
	int err = sender->verify ? splice__renew(sender) : 0;

	rest = state->message;
	while (!err && (left.msg_iovlen || state->pipe.bytes)) {
		ssize_t sent;

		err = splice__fill(sender, &left);
		if (err)
			return err;
		sent = splice(state->pipe.out, NULL, sender->fd, NULL, state->pipe.bytes,
			      left.msg_iovlen ? SPLICE_F_MORE : 0);
		sender->counts.calls++;
		if (sent > 0) {
			state->pipe.bytes -= sent;
			sender->counts.payload_bytes += sent;
		} else if (!sent || errno != EINTR) {
			err = failure__set(sender->failure, sent ? -errno : -EIO,
					   "splice to the socket: %m");
		}
	}
	if (!err)
		sender->counts.messages++;
	return err;
}

static void splice__close(struct sender *sender)
{
	struct splicer *state = sender->state;

	if (!state)
		return;
	pipe__close(&state->pipe);
	message__free(&state->message);
	free(state);
	sender->state = NULL;
}

/* Each field has pages of its own. */
static uint64_t splice__memory(size_t message_bytes)
{
	return message_bytes + (uint64_t)FIELDS * sysconf(_SC_PAGESIZE);
}

const struct send_method sender_splice = {
	.name = "splice",
	.summary = "vmsplice() into a pipe, then splice() to the socket",
	.needs = "a pipe; no completion tells when memory may be written again",
	.open = splice__open,
	.send = splice__send,
	.close = splice__close,
	.memory = splice__memory,
};
