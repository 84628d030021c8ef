// SPDX-License-Identifier: GPL-2.0
/* Copies the fields into one buffer and sends that, as most programs do. */
#include <errno.h>
#include <stdlib.h>

#include "traffic/send.h"

struct two_copy {
	struct message message;
	char *packed;
};

static int two_copy__open(struct sender *sender)
{
	struct two_copy *state = calloc(1, sizeof(*state));
	int err;

	sender->state = state;
	err = state ? message__allocate(&state->message, sender->message_bytes, 0) : -ENOMEM;
	if (!err) {
		state->packed = malloc(sender->message_bytes);
		err = state->packed ? 0 : -ENOMEM;
	}
	if (err)
		return failure__set(sender->failure, err,
				    "cannot allocate a message of %zu bytes and room to pack it",
				    sender->message_bytes);
	message__write(&state->message, sender->stream_seed, 0);
	return 0;
}

static int two_copy__send(struct sender *sender)
{
	struct two_copy *state = sender->state;
	char *to = state->packed;
	int err;

	if (sender->verify)
		message__write(&state->message, sender->stream_seed, send__position(sender));
	for (int i = 0; i < FIELDS; i++) {
		const struct iovec *field = &state->message.field[i];

		harness_user_copy(to, field->iov_base, field->iov_len);
		to += field->iov_len;
	}
	sender->counts.copies += FIELDS;
	sender->counts.copied_bytes += to - state->packed;

	err = send__all(sender, state->packed, sender->message_bytes);
	if (!err)
		sender->counts.messages++;
	return err;
}

static void two_copy__close(struct sender *sender)
{
	struct two_copy *state = sender->state;

	if (!state)
		return;
	message__free(&state->message);
	free(state->packed);
	free(state);
	sender->state = NULL;
}

const struct send_method sender_two_copy = {
	.name = "two_copy",
	.summary = "packs the eight fields into one buffer, then send()",
	.open = two_copy__open,
	.send = two_copy__send,
	.close = two_copy__close,
};
