/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sends a message by one request of io_uring for each field, all submitted with one system call.
 *
 * The requests are linked: the kernel starts one after all bytes of the one before it were taken.
 * Else one that has to wait for room in the socket would be overtaken. What is short or fails
 * cancels the rest (-ECANCELED). What is left of the message is then sent request by request.
 */
#ifndef HARNESS_LINKED_H
#define HARNESS_LINKED_H

#include "traffic/message.h"
#include "traffic/ring.h"

struct linked {
	struct ring ring;
	uint64_t message; /* a number for the message, in the user_data of its requests */
	/* fills in a request for `piece` of a field */
	void (*prepare)(struct sender *sender, struct io_uring_sqe *request, int field,
			const struct iovec *piece);
	/* looks at each completion first; may be NULL */
	void (*complete)(struct sender *sender, const struct io_uring_cqe *completion);

	struct iovec rest[FIELDS];
	int result[FIELDS];
	unsigned int waiting; /* requests without a result */
};

/* What a completion belongs to. */
struct linked_request {
	uint64_t message;
	int field;
	bool chained; /* false: sent alone, after the chain was cut */
};
struct linked_request linked__request_of(const struct io_uring_cqe *completion);

/*
 * Sends the whole message and counts its bytes and calls. 0, or a negative errno with
 * sender->failure set.
 */
int linked__send(struct sender *sender, struct linked *linked, const struct message *message);

/* Takes all completions that are there; returns their number. */
unsigned int linked__reap(struct sender *sender, struct linked *linked);

#endif
