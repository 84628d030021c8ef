// SPDX-License-Identifier: GPL-2.0
/* The kernel gathers the fields: the copy into socket buffers is the only one in the sender. */
#include <errno.h>

#include "traffic/send.h"

static int one_copy__send(struct sender *sender)
{
	struct message *message = sender->state, rest;
	struct msghdr header = {.msg_iov = rest.field, .msg_iovlen = FIELDS};

	if (sender->verify)
		message__write(message, sender->stream_seed, send__position(sender));
	rest = *message;
	while (header.msg_iovlen) {
		ssize_t sent = sendmsg(sender->fd, &header, MSG_NOSIGNAL);

		sender->counts.calls++;
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return failure__set(sender->failure, -errno, "sendmsg: %m");
		sender->counts.payload_bytes += sent;
		header__advance(&header, sent);
	}
	sender->counts.messages++;
	return 0;
}

const struct send_method sender_one_copy = {
	.name = "one_copy",
	.summary = "sendmsg() with eight iovec entries",
	.open = send__open,
	.send = one_copy__send,
	.close = send__close,
};
