// SPDX-License-Identifier: GPL-2.0
/*
 * sendmsg(MSG_ZEROCOPY), as Documentation/networking/msg_zerocopy.rst asks.
 *
 * The kernel refers to the fields' pages until all that was sent from them is acknowledged, and
 * reports that on the socket's error queue. Until then a message must not be written. So each
 * connection has a ring of messages, and waits for the oldest one when all are in flight.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/param.h>
#include <time.h> /* for linux/errqueue.h */
#include <unistd.h>

#include <linux/errqueue.h>
#include <linux/sockios.h>

#include "traffic/completions.h"
#include "traffic/send.h"

#ifndef SO_EE_CODE_ZEROCOPY_COPIED
#define SO_EE_CODE_ZEROCOPY_COPIED 1
#endif

#define RING_SLOTS_MIN 2
#define RING_SLOTS_MAX 64
#define RING_BYTES     (32u << 20) /* bytes of a connection's ring, unless two messages need more */

#define STALL_MS       10000 /* with neither a completion nor an acknowledged byte */
#define MEMORY_WAIT_MS 2000  /* for other threads of this user to free memory */

struct slot {
	struct message message;
	uint64_t end; /* the message's sends have smaller numbers */
};

struct zero_copy {
	struct completions completions;
	unsigned int slots;
	unsigned int next; /* the slot of the next message */
	struct slot slot[];
};

/* Each field has pages of its own. */
static size_t slot__bytes(size_t message_bytes, size_t page)
{
	return FIELDS * roundup(message_bytes / FIELDS, page) + page;
}

static unsigned int ring__slots(size_t message_bytes, size_t page)
{
	size_t slots = RING_BYTES / slot__bytes(message_bytes, page);

	return MIN(MAX(slots, RING_SLOTS_MIN), RING_SLOTS_MAX);
}

static uint64_t zero_copy__memory(size_t message_bytes)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return (uint64_t)ring__slots(message_bytes, page) * slot__bytes(message_bytes, page);
}

static int zero_copy__open(struct sender *sender)
{
	size_t page = sysconf(_SC_PAGESIZE);
	unsigned int slots =
		sender->fault == FAULT_EARLY_REUSE ? 1 : ring__slots(sender->message_bytes, page);
	struct zero_copy *state;
	int err;

	if (setsockopt(sender->fd, SOL_SOCKET, SO_ZEROCOPY, &(int){1}, sizeof(int)))
		return failure__set(sender->failure, -errno, "setsockopt(SO_ZEROCOPY): %m");
	err = send__cork_for_fault(sender);
	if (err)
		return err;
	state = calloc(1, sizeof(*state) + slots * sizeof(state->slot[0]));
	sender->state = state;
	if (!state)
		err = -ENOMEM;
	for (unsigned int i = 0; i < slots && !err; i++) {
		/* each field has pages of its own: pinning must not include other data */
		err = message__allocate(&state->slot[i].message, sender->message_bytes, page);
		if (err)
			break;
		state->slots++;
		message__write(&state->slot[i].message, sender->stream_seed, 0);
	}
	if (err)
		return failure__set(sender->failure, err,
				    "cannot allocate a ring of %u messages of %zu bytes", slots,
				    sender->message_bytes);
	return 0;
}

/*
 * The notification that recvmsg(MSG_ERRQUEUE) returned: a completion, a transmit timestamp, or
 * NULL.
 */
static const struct sock_extended_err *header__notification(struct msghdr *header)
{
	for (struct cmsghdr *each = CMSG_FIRSTHDR(header); each; each = CMSG_NXTHDR(header, each)) {
		const struct sock_extended_err *error = (const void *)CMSG_DATA(each);

		if (((each->cmsg_level == SOL_IP && each->cmsg_type == IP_RECVERR) ||
		     (each->cmsg_level == SOL_IPV6 && each->cmsg_type == IPV6_RECVERR)) &&
		    (error->ee_origin == SO_EE_ORIGIN_TIMESTAMPING ||
		     (error->ee_errno == 0 && error->ee_origin == SO_EE_ORIGIN_ZEROCOPY)))
			return error;
	}
	return NULL;
}

/* Reads one notification, a range of sends. Returns their number; 0: the queue is empty. */
static int zero_copy__reap_one(struct sender *sender)
{
	/* ip_recv_error() and ipv6_recv_error() append the address of the error's origin. */
	_Alignas(struct cmsghdr) char
		control[CMSG_SPACE(sizeof(struct sock_extended_err) + sizeof(struct sockaddr_in6)) +
			CMSG_SPACE(sizeof(struct scm_timestamping))];
	struct msghdr header = {.msg_control = control, .msg_controllen = sizeof(control)};
	struct zero_copy *state = sender->state;
	const struct sock_extended_err *notification;
	int count;

	if (TEMP_FAILURE_RETRY(recvmsg(sender->fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT)) < 0) {
		if (errno == EAGAIN)
			return 0;
		return failure__set(sender->failure, -errno, "recvmsg(MSG_ERRQUEUE): %m");
	}
	notification = header__notification(&header);
	if (!notification)
		return failure__set(sender->failure, -EPROTO,
				    "the error queue has something that is not a completion");
	if (notification->ee_origin == SO_EE_ORIGIN_TIMESTAMPING)
		return zero_copy__reap_one(sender); /* a timestamp asked for elsewhere */

	count = completions__finish(&state->completions, notification->ee_info,
				    notification->ee_data);
	if (count < 0)
		return failure__set(sender->failure, count,
				    "the kernel completed sends %u to %u, which are not in flight",
				    notification->ee_info, notification->ee_data);
	sender->counts.completions_received += count;
	if (notification->ee_code & SO_EE_CODE_ZEROCOPY_COPIED)
		sender->counts.completions_copied += count;
	return count;
}

/* Reads all notifications without waiting. Returns the number of sends that they complete. */
static int zero_copy__reap(struct sender *sender)
{
	int count, total = 0;

	while ((count = zero_copy__reap_one(sender)) > 0)
		total += count;
	return count < 0 ? count : total;
}

/*
 * After poll() returned without a completion: fails if the connection is broken. If both sides
 * ended normally, all is acknowledged but a device may still use the pages, so it sleeps. Else
 * there was only a transmit timestamp.
 */
static int zero_copy__check_connection(struct sender *sender, short events, unsigned int *waited_ms)
{
	int err = 0, unacknowledged = -1;

	getsockopt(sender->fd, SOL_SOCKET, SO_ERROR, &err, &(socklen_t){sizeof(err)});
	if (!err && !(events & POLLHUP))
		return 0;
	if (!err && !ioctl(sender->fd, SIOCOUTQ, &unacknowledged) && !unacknowledged &&
	    ++*waited_ms < STALL_MS) {
		poll(NULL, 0, 1);
		return 0;
	}
	errno = err ?: ECONNRESET;
	return failure__set(sender->failure, -errno, "waiting for zero-copy completions: %m");
}

static int zero_copy__stalled(struct sender *sender, int unacknowledged)
{
	struct zero_copy *state = sender->state;

	return failure__set(sender->failure, -ETIMEDOUT,
			    "no zero-copy completion for %d s: %u sends in flight, %d bytes not "
			    "acknowledged; is the receiver running?",
			    STALL_MS / 1000, completions__in_flight(&state->completions),
			    unacknowledged);
}

/* Waits until at least one send in flight is complete. */
static int zero_copy__wait(struct sender *sender)
{
	struct pollfd queue = {.fd = sender->fd}; /* POLLERR is always reported */
	unsigned int waited_ms = 0;
	int count, ready, unacknowledged = -1, before;

	count = zero_copy__reap(sender);
	while (!count) {
		ready = TEMP_FAILURE_RETRY(poll(&queue, 1, STALL_MS));
		if (ready < 0)
			return failure__set(sender->failure, -errno, "poll of the error queue: %m");
		if (ready) {
			count = zero_copy__reap(sender);
			if (!count)
				count = zero_copy__check_connection(sender, queue.revents,
								    &waited_ms);
			continue;
		}
		/* A slow receiver is no failure: wait while it acknowledges bytes. */
		before = unacknowledged;
		if (ioctl(sender->fd, SIOCOUTQ, &unacknowledged) || unacknowledged == before)
			return zero_copy__stalled(sender, unacknowledged);
	}
	return count < 0 ? count : 0;
}

/*
 * Waits after ENOBUFS from msg_zerocopy_realloc(): this socket's notifications fill optmem_max, or
 * the pages pinned for this user fill RLIMIT_MEMLOCK. Completions free both. For RLIMIT_MEMLOCK
 * these may be another thread's, which this one cannot poll for.
 */
static int zero_copy__wait_memory(struct sender *sender, unsigned int *waited_ms)
{
	struct zero_copy *state = sender->state;

	sender->counts.enobufs_waits++;
	if (completions__in_flight(&state->completions))
		return zero_copy__wait(sender);
	if (*waited_ms >= MEMORY_WAIT_MS) {
		errno = ENOBUFS;
		return failure__set(
			sender->failure, -errno,
			"sendmsg(MSG_ZEROCOPY) of %zu bytes: %m with none in flight; raise "
			"RLIMIT_MEMLOCK (ulimit -l) or net.core.optmem_max",
			sender->message_bytes);
	}
	poll(NULL, 0, 1);
	++*waited_ms;
	return 0;
}

/*
 * Sends the whole message. Each call that takes bytes has its own completion, so a message may have
 * several.
 */
static int zero_copy__send_vector(struct sender *sender, struct msghdr *header)
{
	struct zero_copy *state = sender->state;
	unsigned int waited_ms = 0;
	int err = 0;

	while (header->msg_iovlen && !err) {
		ssize_t sent;

		if (completions__full(&state->completions)) {
			err = zero_copy__wait(sender);
			continue;
		}
		sent = sendmsg(sender->fd, header, MSG_ZEROCOPY | MSG_NOSIGNAL);
		sender->counts.calls++;
		if (sent > 0) {
			completions__add(&state->completions);
			sender->counts.completions_expected++;
			sender->counts.payload_bytes += sent;
			header__advance(header, sent);
		} else if (errno == ENOBUFS) {
			err = zero_copy__wait_memory(sender, &waited_ms);
		} else if (errno != EINTR) {
			err = failure__set(sender->failure, -errno, "sendmsg(MSG_ZEROCOPY): %m");
		}
	}
	return err;
}

static int zero_copy__send(struct sender *sender)
{
	struct zero_copy *state = sender->state;
	struct slot *slot = &state->slot[state->next];
	struct message rest;
	struct msghdr header = {.msg_iov = rest.field, .msg_iovlen = FIELDS};
	int err = 0;

	while (state->completions.finished < slot->end && !err &&
	       sender->fault != FAULT_EARLY_REUSE)
		err = zero_copy__wait(sender);
	if (err)
		return err;
	if (sender->verify)
		message__write(&slot->message, sender->stream_seed, send__position(sender));
	rest = slot->message;
	err = zero_copy__send_vector(sender, &header);
	if (err)
		return err;
	slot->end = state->completions.sent;
	state->next = (state->next + 1) % state->slots;
	sender->counts.messages++;
	return 0;
}

static int zero_copy__drain(struct sender *sender)
{
	struct zero_copy *state = sender->state;
	int err = 0;

	while (completions__in_flight(&state->completions) && !err)
		err = zero_copy__wait(sender);
	return err;
}

static void zero_copy__close(struct sender *sender)
{
	struct zero_copy *state = sender->state;

	if (!state)
		return;
	for (unsigned int i = 0; i < state->slots; i++)
		message__free(&state->slot[i].message);
	free(state);
	sender->state = NULL;
}

const struct send_method sender_zero_copy = {
	.name = "zero_copy",
	.summary = "sendmsg(MSG_ZEROCOPY) with eight iovec entries, completions reaped",
	.needs = "SO_ZEROCOPY (Linux 4.14), a device with scatter-gather and checksum "
		 "offload, a receiver on another host; memory is not written again before its "
		 "completion",
	.open = zero_copy__open,
	.send = zero_copy__send,
	.drain = zero_copy__drain,
	.close = zero_copy__close,
	.memory = zero_copy__memory,
};
