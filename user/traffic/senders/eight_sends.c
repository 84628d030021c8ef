// SPDX-License-Identifier: GPL-2.0
/* One system call per field: as many copies as one_copy, eight times the calls. */
#include "traffic/send.h"

static int eight_sends__send(struct sender *sender)
{
	struct message *message = sender->state;
	int err;

	if (sender->verify)
		message__write(message, sender->stream_seed, send__position(sender));
	for (int i = 0; i < FIELDS; i++) {
		err = send__all(sender, message->field[i].iov_base, message->field[i].iov_len);
		if (err)
			return err;
	}
	sender->counts.messages++;
	return 0;
}

const struct send_method sender_eight_sends = {
	.name = "eight_sends",
	.summary = "send() once for each of the eight fields",
	.open = send__open,
	.send = eight_sends__send,
	.close = send__close,
};
