/* SPDX-License-Identifier: GPL-2.0 */
/*
 * io_uring of one connection, used by its thread alone.
 *
 * liburing of Debian 12 (2.3) has every request that is used. What it lacks are constants of newer
 * kernels, which are defined here.
 */
#ifndef HARNESS_RING_H
#define HARNESS_RING_H

#include <liburing.h>
#include <stdbool.h>

#include "base/failure.h"

#ifndef IORING_SEND_ZC_REPORT_USAGE /* 6.2, and 6.1.y */
#define IORING_SEND_ZC_REPORT_USAGE  (1U << 3)
#define IORING_NOTIF_USAGE_ZC_COPIED (1U << 31)
#endif

struct ring {
	struct io_uring uring;
	bool open;
	uint64_t calls; /* of io_uring_enter() that returned, failures included */
};

/*
 * Opens a ring for `requests` at once and `completions` that wait to be read; `flags` as of
 * io_uring_setup(). 0, or a negative errno with *failure set. -EOPNOTSUPP: io_uring is missing or
 * not permitted.
 */
int ring__open(struct ring *ring, unsigned int requests, unsigned int completions,
	       unsigned int flags, struct failure *failure);
void ring__close(struct ring *ring);

/* A request, empty. The ring has room for all that the caller submits at once. */
struct io_uring_sqe *ring__request(struct ring *ring);

/*
 * Submits the `count` requests that are prepared and waits for `wait` completions, or until a
 * signal. 0, or a negative errno with *failure set.
 */
int ring__submit(struct ring *ring, unsigned int count, unsigned int wait, struct failure *failure);

/* The same for one completion, without requests. -ETIME, without *failure: none came in time. */
int ring__wait(struct ring *ring, unsigned int timeout_ms, struct failure *failure);

/* Takes the oldest completion; false: there is none. */
bool ring__take(struct ring *ring, struct io_uring_cqe *completion);

/*
 * Makes one request on a socket that is not connected: `prepare` fills it in. 0: the kernel knows
 * such a request. -EOPNOTSUPP with *failure set: it does not, or has no io_uring; `what` names the
 * request and the kernel that has it.
 */
int ring__try(void (*prepare)(struct io_uring_sqe *request, int fd), const char *what,
	      struct failure *failure);

#endif
