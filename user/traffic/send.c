// SPDX-License-Identifier: GPL-2.0
#include "traffic/send.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>

uint64_t send__position(const struct sender *sender)
{
	return sender->counts.messages * sender->message_bytes;
}

int send__open(struct sender *sender)
{
	struct message *message = calloc(1, sizeof(*message));
	int err;

	sender->state = message;
	err = message ? message__allocate(message, sender->message_bytes, 0) : -ENOMEM;
	if (err)
		return failure__set(sender->failure, err, "cannot allocate a message of %zu bytes",
				    sender->message_bytes);
	message__write(message, sender->stream_seed, 0);
	return 0;
}

void send__close(struct sender *sender)
{
	struct message *message = sender->state;

	if (!message)
		return;
	message__free(message);
	free(message);
	sender->state = NULL;
}

int send__flags(struct sender *sender, const void *from, size_t bytes, int flags)
{
	const char *at = from, *end = at + bytes;

	while (at < end) {
		ssize_t sent = send(sender->fd, at, end - at, flags | MSG_NOSIGNAL);

		sender->counts.calls++;
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return failure__set(sender->failure, -errno, "send of %zu bytes: %m",
					    (size_t)(end - at));
		sender->counts.payload_bytes += sent;
		at += sent;
	}
	return 0;
}

int send__all(struct sender *sender, const void *from, size_t bytes)
{
	return send__flags(sender, from, bytes, 0);
}

int send__cork_for_fault(struct sender *sender)
{
	if (sender->fault == FAULT_EARLY_REUSE &&
	    setsockopt(sender->fd, SOL_TCP, TCP_CORK, &(int){1}, sizeof(int)))
		return failure__set(sender->failure, -errno, "setsockopt(TCP_CORK): %m");
	return 0;
}

void header__advance(struct msghdr *header, size_t bytes)
{
	while (bytes) {
		struct iovec *piece = header->msg_iov;

		if (bytes < piece->iov_len) {
			piece->iov_base = (char *)piece->iov_base + bytes;
			piece->iov_len -= bytes;
			return;
		}
		bytes -= piece->iov_len;
		header->msg_iov++;
		header->msg_iovlen--;
	}
}
