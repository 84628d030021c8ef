// SPDX-License-Identifier: GPL-2.0
#include "traffic/ring.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int ring__refused(int err, struct failure *failure)
{
	switch (err) {
	case -ENOSYS:
		return failure__set(failure, -EOPNOTSUPP,
				    "io_uring_setup: this kernel has no io_uring "
				    "(CONFIG_IO_URING), or a seccomp filter hides it");
	case -EPERM:
		return failure__set(failure, -EOPNOTSUPP,
				    "io_uring_setup: not permitted: by sysctl "
				    "kernel.io_uring_disabled or by a seccomp filter");
	case -ENOMEM: /* without CAP_IPC_LOCK */
		return failure__set(failure, -EOPNOTSUPP,
				    "io_uring_setup: its memory may not be locked; raise "
				    "RLIMIT_MEMLOCK (ulimit -l)");
	case -EINVAL:
		return failure__set(failure, -EOPNOTSUPP,
				    "io_uring_setup: this kernel lacks a flag of the ring");
	}
	errno = -err;
	return failure__set(failure, err, "io_uring_setup: %m%s",
			    err == -EMFILE ? "; raise ulimit -n or use fewer threads" : "");
}

int ring__open(struct ring *ring, unsigned int requests, unsigned int completions,
	       unsigned int flags, struct failure *failure)
{
	struct io_uring_params params = {
		.flags = flags | IORING_SETUP_CQSIZE,
		.cq_entries = completions,
	};
	int err = io_uring_queue_init_params(requests, &ring->uring, &params);

	if (err)
		return ring__refused(err, failure);
	ring->open = true;
	ring->calls = 0;
	return 0;
}

void ring__close(struct ring *ring)
{
	if (ring->open)
		io_uring_queue_exit(&ring->uring);
	ring->open = false;
}

struct io_uring_sqe *ring__request(struct ring *ring)
{
	struct io_uring_sqe *request = io_uring_get_sqe(&ring->uring);

	memset(request, 0, sizeof(*request));
	return request;
}

int ring__submit(struct ring *ring, unsigned int count, unsigned int wait, struct failure *failure)
{
	int taken;

	do {
		taken = io_uring_submit_and_wait(&ring->uring, wait);
		ring->calls++;
	} while (taken == -EINTR && count);
	if (taken == -EINTR)
		return 0;
	if (taken < 0) {
		errno = -taken;
		return failure__set(failure, taken, "io_uring_enter: %m");
	}
	/* the rest of a chain, submitted later, would not wait for its start */
	if ((unsigned int)taken != count)
		return failure__set(failure, -ENOMEM, "io_uring took %d of %u requests", taken,
				    count);
	return 0;
}

int ring__wait(struct ring *ring, unsigned int timeout_ms, struct failure *failure)
{
	struct __kernel_timespec timeout = {.tv_sec = timeout_ms / 1000,
					    .tv_nsec = timeout_ms % 1000 * 1000000};
	struct io_uring_cqe *completion;
	int result = io_uring_submit_and_wait_timeout(&ring->uring, &completion, 1, &timeout, NULL);

	ring->calls++;
	if (result >= 0 || result == -EINTR)
		return 0;
	if (result == -ETIME)
		return result;
	errno = -result;
	return failure__set(failure, result, "io_uring_enter: %m");
}

bool ring__take(struct ring *ring, struct io_uring_cqe *completion)
{
	struct io_uring_cqe *oldest;

	if (io_uring_peek_cqe(&ring->uring, &oldest))
		return false;
	*completion = *oldest;
	io_uring_cqe_seen(&ring->uring, oldest);
	return true;
}

int ring__try(void (*prepare)(struct io_uring_sqe *request, int fd), const char *what,
	      struct failure *failure)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), err;
	struct io_uring_cqe completion = {};
	struct ring ring = {};

	if (fd < 0)
		return failure__set(failure, -errno, "socket: %m");
	err = ring__open(&ring, 1, 2, 0, failure);
	if (!err) {
		prepare(ring__request(&ring), fd);
		err = ring__submit(&ring, 1, 1, failure);
	}
	/* a request that is known fails for the lack of a connection */
	if (!err && ring__take(&ring, &completion) && completion.res == -EINVAL)
		err = failure__set(failure, -EOPNOTSUPP, "this kernel lacks %s", what);
	ring__close(&ring);
	close(fd);
	return err;
}
