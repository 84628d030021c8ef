// SPDX-License-Identifier: GPL-2.0
/*
 * sendfile() from a file in memory: packets refer to the file's pages. sendfile_corked first sends
 * a small header with MSG_MORE, as web servers do.
 *
 * No completion says when the kernel is finished with a page. So a page that was sent is never
 * written again: a verified message is written to new pages.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "traffic/send.h"

#define HEADER_BYTES 256 /* about the header of an HTTP answer; or an eighth of a small message */

struct file {
	int fd;
	char *message; /* the file's content, after the header */
	size_t header_bytes;
};

/* Writes bytes to the file at their place in the message; before them is a hole. */
static int file__write(struct sender *sender, uint64_t position)
{
	struct file *file = sender->state;
	size_t at = file->header_bytes;

	pattern__write(file->message, sender->message_bytes, sender->stream_seed, position);
	while (at < sender->message_bytes) {
		ssize_t written = TEMP_FAILURE_RETRY(
			pwrite(file->fd, file->message + at, sender->message_bytes - at, at));

		if (written < 0)
			return failure__set(sender->failure, -errno,
					    "cannot write %zu bytes to a file in memory: %m",
					    sender->message_bytes);
		at += written;
	}
	return 0;
}

static int file__open(struct sender *sender, size_t header_bytes)
{
	struct file *file = calloc(1, sizeof(*file));

	sender->state = file;
	if (file) {
		*file = (struct file){
			.fd = memfd_create("harness-message", MFD_CLOEXEC),
			.message = malloc(sender->message_bytes),
			.header_bytes = header_bytes,
		};
		if (file->fd < 0)
			return failure__set(sender->failure, -errno, "memfd_create: %m");
	}
	if (!file || !file->message)
		return failure__set(sender->failure, -ENOMEM, "cannot allocate %zu bytes",
				    sender->message_bytes);
	return send__cork_for_fault(sender) ?: file__write(sender, 0);
}

static int sendfile__open(struct sender *sender)
{
	return file__open(sender, 0);
}

static int corked__open(struct sender *sender)
{
	return file__open(sender, MIN(HEADER_BYTES, sender->message_bytes / FIELDS));
}

/* Gets new pages: packets on their way may refer to the old ones. */
static int file__renew(struct sender *sender)
{
	struct file *file = sender->state;

	if (sender->fault != FAULT_EARLY_REUSE && ftruncate(file->fd, 0))
		return failure__set(sender->failure, -errno, "ftruncate: %m");
	return file__write(sender, send__position(sender));
}

static int sendfile__send(struct sender *sender)
{
	struct file *file = sender->state;
	off_t at = file->header_bytes;
	int err = sender->verify ? file__renew(sender) : 0;

	if (!err && file->header_bytes)
		err = send__flags(sender, file->message, file->header_bytes, MSG_MORE);
	while (!err && (size_t)at < sender->message_bytes) {
		ssize_t sent = sendfile(sender->fd, file->fd, &at, sender->message_bytes - at);

		sender->counts.calls++;
		if (sent > 0)
			sender->counts.payload_bytes += sent;
		else if (!sent || errno != EINTR)
			err = failure__set(sender->failure, sent ? -errno : -EIO, "sendfile: %s",
					   sent ? strerror(errno) : "the file has ended");
	}
	if (!err)
		sender->counts.messages++;
	return err;
}

static void sendfile__close(struct sender *sender)
{
	struct file *file = sender->state;

	if (!file)
		return;
	if (file->fd >= 0)
		close(file->fd);
	free(file->message);
	free(file);
	sender->state = NULL;
}

const struct send_method sender_sendfile = {
	.name = "sendfile",
	.summary = "sendfile() from a file in memory",
	.open = sendfile__open,
	.send = sendfile__send,
	.close = sendfile__close,
};

const struct send_method sender_sendfile_corked = {
	.name = "sendfile_corked",
	.summary = "a header by send(MSG_MORE), the rest by sendfile()",
	.open = corked__open,
	.send = sendfile__send,
	.close = sendfile__close,
};
