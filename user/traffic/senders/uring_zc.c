// SPDX-License-Identifier: GPL-2.0
/*
 * IORING_OP_SEND_ZC for each field, from registered buffers: the kernel pinned their pages when
 * they were registered.
 *
 * A request has two completions: its result, and a notification when the kernel no longer refers to
 * the pages. Until then a message must not be written. So each connection has messages in turn, and
 * waits for the oldest one when all are in flight. IORING_SEND_ZC_REPORT_USAGE: the notification
 * reports whether bytes were copied after all.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/param.h>
#include <unistd.h>

#include <linux/sockios.h>

#include "traffic/linked.h"
#include "traffic/send.h"

#define SLOTS_MIN  2
#define SLOTS_MAX  64
#define SLOT_BYTES (1u << 20) /* of all messages of a connection, unless two need more */

#define STALL_MS 10000 /* with neither a notification nor an acknowledged byte */

struct slot {
	struct message message;
	uint64_t number;	  /* of the message that was sent from it last */
	unsigned int in_flight;	  /* its requests whose notification is due */
	unsigned int unannounced; /* a bit for each field; see is_announced() */
};

struct uring_zc {
	struct linked linked;
	unsigned int slots;
	struct slot slot[];
};

/* Each field has pages of its own. */
static size_t slot__bytes(size_t message_bytes, size_t page)
{
	return FIELDS * roundup(message_bytes / FIELDS, page) + page;
}

static unsigned int slots__count(size_t message_bytes)
{
	size_t slots = SLOT_BYTES / slot__bytes(message_bytes, sysconf(_SC_PAGESIZE));

	return MIN(MAX(slots, SLOTS_MIN), SLOTS_MAX);
}

static uint64_t uring_zc__memory(size_t message_bytes)
{
	return (uint64_t)slots__count(message_bytes) *
	       slot__bytes(message_bytes, sysconf(_SC_PAGESIZE));
}

static void uring_zc__prepare(struct sender *sender, struct io_uring_sqe *request, int field,
			      const struct iovec *piece)
{
	const struct uring_zc *state = sender->state;

	io_uring_prep_send_zc_fixed(request, sender->fd, piece->iov_base, piece->iov_len, 0,
				    IORING_SEND_ZC_REPORT_USAGE,
				    state->linked.message % state->slots * FIELDS + field);
}

/*
 * A request that the end of its chain cancelled was not started, and its result does not announce
 * a notification (IORING_CQE_F_MORE). Linux 6.18 posts one all the same (io_fail_links).
 */
static bool is_announced(const struct slot *slot, const struct linked_request *request)
{
	return slot->number == request->message &&
	       !(request->chained && slot->unannounced & 1u << request->field);
}

static void uring_zc__complete(struct sender *sender, const struct io_uring_cqe *completion)
{
	struct uring_zc *state = sender->state;
	struct linked_request request = linked__request_of(completion);
	struct slot *slot = &state->slot[request.message % state->slots];

	if (completion->flags & IORING_CQE_F_NOTIF) {
		if (!is_announced(slot, &request))
			return;
		slot->in_flight--;
		sender->counts.completions_received++;
		if ((unsigned int)completion->res & IORING_NOTIF_USAGE_ZC_COPIED)
			sender->counts.completions_copied++;
	} else if (completion->flags & IORING_CQE_F_MORE) {
		slot->in_flight++;
		sender->counts.completions_expected++;
	} else if (request.chained) {
		slot->unannounced |= 1u << request.field;
	}
}

/* Registers each field of each message; the index is the slot's times FIELDS, and the field's. */
static int uring_zc__register(struct sender *sender)
{
	struct uring_zc *state = sender->state;
	struct iovec field[SLOTS_MAX * FIELDS];
	int err;

	for (unsigned int i = 0; i < state->slots * FIELDS; i++)
		field[i] = state->slot[i / FIELDS].message.field[i % FIELDS];
	err = io_uring_register_buffers(&state->linked.ring.uring, field, state->slots * FIELDS);
	errno = -err;
	return err ? failure__set(sender->failure, err,
				  "cannot register %u messages of %zu bytes with io_uring: %m%s",
				  state->slots, sender->message_bytes,
				  err == -ENOMEM ? "; raise RLIMIT_MEMLOCK (ulimit -l) or use "
						   "fewer threads"
						 : "")
		   : 0;
}

static int uring_zc__open(struct sender *sender)
{
	unsigned int slots =
		sender->fault == FAULT_EARLY_REUSE ? 1 : slots__count(sender->message_bytes);
	struct uring_zc *state = calloc(1, sizeof(*state) + slots * sizeof(state->slot[0]));
	int err = send__cork_for_fault(sender);

	sender->state = state;
	if (err)
		return err;
	err = state ? 0 : -ENOMEM;
	for (unsigned int i = 0; i < slots && !err; i++) {
		/* each field has pages of its own: other data must not be pinned with it */
		err = message__allocate(&state->slot[i].message, sender->message_bytes,
					sysconf(_SC_PAGESIZE));
		if (err)
			break;
		state->slots++;
		message__write(&state->slot[i].message, sender->stream_seed, 0);
	}
	if (err)
		return failure__set(sender->failure, err,
				    "cannot allocate %u messages of %zu bytes", slots,
				    sender->message_bytes);
	state->linked.prepare = uring_zc__prepare;
	state->linked.complete = uring_zc__complete;
	return ring__open(&state->linked.ring, FIELDS, 2 * FIELDS * (slots + 1), 0, sender->failure)
		       ?: uring_zc__register(sender);
}

/* Waits for at least one notification. */
static int uring_zc__wait(struct sender *sender)
{
	struct uring_zc *state = sender->state;
	int err = 0, unacknowledged = -1, before;

	while (!linked__reap(sender, &state->linked) && !err) {
		err = ring__wait(&state->linked.ring, STALL_MS, sender->failure);
		if (err != -ETIME)
			continue;
		/* A slow receiver is no failure: wait while it acknowledges bytes. */
		before = unacknowledged;
		err = 0;
		if (ioctl(sender->fd, SIOCOUTQ, &unacknowledged) || unacknowledged == before)
			err = failure__set(sender->failure, -ETIMEDOUT,
					   "no io_uring notification for %d s: %d bytes not "
					   "acknowledged; is the receiver running?",
					   STALL_MS / 1000, unacknowledged);
	}
	return err;
}

static int uring_zc__send(struct sender *sender)
{
	struct uring_zc *state = sender->state;
	uint64_t number = sender->counts.messages;
	struct slot *slot = &state->slot[number % state->slots];
	int err = 0;

	while (slot->in_flight && !err && sender->fault != FAULT_EARLY_REUSE)
		err = uring_zc__wait(sender);
	if (err)
		return err;
	if (sender->verify)
		message__write(&slot->message, sender->stream_seed, send__position(sender));
	slot->number = number;
	slot->unannounced = 0;
	state->linked.message = number;
	err = linked__send(sender, &state->linked, &slot->message);
	if (!err)
		sender->counts.messages++;
	return err;
}

static int uring_zc__drain(struct sender *sender)
{
	struct uring_zc *state = sender->state;
	int err = 0;

	for (unsigned int i = 0; i < state->slots; i++)
		while (state->slot[i].in_flight && !err)
			err = uring_zc__wait(sender);
	return err;
}

static void uring_zc__close(struct sender *sender)
{
	struct uring_zc *state = sender->state;

	if (!state)
		return;
	/* closing the ring alone would give the locked memory back later, in a kernel worker */
	if (state->linked.ring.open)
		io_uring_unregister_buffers(&state->linked.ring.uring);
	ring__close(&state->linked.ring);
	for (unsigned int i = 0; i < state->slots; i++)
		message__free(&state->slot[i].message);
	free(state);
	sender->state = NULL;
}

static void uring_zc__prepare_try(struct io_uring_sqe *request, int fd)
{
	io_uring_prep_send_zc(request, fd, "", 1, MSG_NOSIGNAL, IORING_SEND_ZC_REPORT_USAGE);
}

static int uring_zc__check(struct failure *failure)
{
	return ring__try(uring_zc__prepare_try,
			 "IORING_OP_SEND_ZC with IORING_SEND_ZC_REPORT_USAGE (Linux 6.2)", failure);
}

const struct send_method sender_uring_zc = {
	.name = "uring_zc",
	.summary = "IORING_OP_SEND_ZC once a field, linked, of registered buffers",
	.needs = "io_uring with IORING_OP_SEND_ZC (Linux 6.0) and its reports "
		 "(IORING_SEND_ZC_REPORT_USAGE, Linux 6.2); RLIMIT_MEMLOCK for the buffers; a "
		 "device with scatter-gather and checksum offload, a receiver on another host; "
		 "memory is not written again before its notification",
	.check = uring_zc__check,
	.inside_ring = true,
	.open = uring_zc__open,
	.send = uring_zc__send,
	.drain = uring_zc__drain,
	.close = uring_zc__close,
	.memory = uring_zc__memory,
};
