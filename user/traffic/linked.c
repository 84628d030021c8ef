// SPDX-License-Identifier: GPL-2.0
#include "traffic/linked.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

struct linked_request linked__request_of(const struct io_uring_cqe *completion)
{
	return (struct linked_request){
		.message = completion->user_data / (2 * FIELDS),
		.field = completion->user_data % FIELDS,
		.chained = completion->user_data / FIELDS % 2 == 0,
	};
}

unsigned int linked__reap(struct sender *sender, struct linked *linked)
{
	struct io_uring_cqe completion;
	unsigned int count = 0;

	for (; ring__take(&linked->ring, &completion); count++) {
		if (linked->complete)
			linked->complete(sender, &completion);
		if (completion.flags & IORING_CQE_F_NOTIF)
			continue;
		linked->result[completion.user_data % FIELDS] = completion.res;
		linked->waiting--;
	}
	return count;
}

/* Submits a request for each field from `first` up to `end`, and waits until each has a result. */
static int linked__submit(struct sender *sender, struct linked *linked, int first, int end)
{
	unsigned int count = end - first;
	bool chained = count > 1;
	int err;

	for (int i = first; i < end; i++) {
		struct io_uring_sqe *request = ring__request(&linked->ring);

		linked->prepare(sender, request, i, &linked->rest[i]);
		request->user_data = (2 * linked->message + !chained) * FIELDS + i;
		request->msg_flags = MSG_WAITALL | MSG_NOSIGNAL;
		if (i < FIELDS - 1)
			request->msg_flags |= MSG_MORE;
		if (i < end - 1)
			request->flags |= IOSQE_IO_LINK;
	}
	linked->waiting = count;
	err = ring__submit(&linked->ring, count, count, sender->failure);
	linked__reap(sender, linked);
	while (linked->waiting && !err) {
		err = ring__submit(&linked->ring, 0, linked->waiting, sender->failure);
		linked__reap(sender, linked);
	}
	return err;
}

static int linked__failed(struct sender *sender, int err, size_t bytes)
{
	errno = -err;
	return failure__set(sender->failure, err, "io_uring send of %zu bytes: %m", bytes);
}

/*
 * Takes the results in order. *first: the field of the first byte that is not sent; FIELDS: none
 * is.
 */
static int linked__take(struct sender *sender, struct linked *linked, int *first, int end)
{
	bool complete = true;

	for (int i = *first; i < end; i++) {
		struct iovec *rest = &linked->rest[i];
		int result = linked->result[i];

		if (result > 0 && !complete)
			return failure__set(sender->failure, -EPROTO,
					    "io_uring sent field %d before the end of field %d", i,
					    *first);
		if (result > 0) {
			sender->counts.payload_bytes += result;
			rest->iov_base = (char *)rest->iov_base + result;
			rest->iov_len -= result;
		} else if (result != -ECANCELED && result != -EINTR && result != -EAGAIN) {
			return linked__failed(sender, result ?: -EPIPE, rest->iov_len);
		}
		complete = complete && !rest->iov_len;
		if (complete)
			*first = i + 1;
	}
	return 0;
}

int linked__send(struct sender *sender, struct linked *linked, const struct message *message)
{
	uint64_t calls = linked->ring.calls;
	int first = 0, err;

	memcpy(linked->rest, message->field, sizeof(linked->rest));
	err = linked__submit(sender, linked, 0, FIELDS)
		      ?: linked__take(sender, linked, &first, FIELDS);
	while (first < FIELDS && !err)
		err = linked__submit(sender, linked, first, first + 1)
			      ?: linked__take(sender, linked, &first, first + 1);
	sender->counts.calls += linked->ring.calls - calls;
	return err;
}
