// SPDX-License-Identifier: GPL-2.0
/* writev(): one_copy by the system call of programs that also write files. */
#include <errno.h>

#include "traffic/send.h"

static int writev__send(struct sender *sender)
{
	struct message *message = sender->state, rest;
	struct msghdr left = {.msg_iov = rest.field, .msg_iovlen = FIELDS};

	if (sender->verify)
		message__write(message, sender->stream_seed, send__position(sender));
	rest = *message;
	while (left.msg_iovlen) {
		ssize_t sent = writev(sender->fd, left.msg_iov, (int)left.msg_iovlen);

		sender->counts.calls++;
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return failure__set(sender->failure, -errno, "writev: %m");
		sender->counts.payload_bytes += sent;
		header__advance(&left, sent);
	}
	sender->counts.messages++;
	return 0;
}

const struct send_method sender_writev = {
	.name = "writev",
	.summary = "writev() with eight iovec entries",
	.open = send__open,
	.send = writev__send,
	.close = send__close,
};
