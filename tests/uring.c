// SPDX-License-Identifier: GPL-2.0
/*
 * A program to be watched: sends over loopback TCP with io_uring, plainly or with zero-copy,
 * receives with io_uring, and prints what it moved as JSON.
 *
 * uring send|zerocopy
 */
#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK  65536
#define ROUNDS 50

static char data[CHUNK] __attribute__((aligned(4096)));
static char back[CHUNK];

static void fail(const char *what, int error)
{
	fprintf(stderr, "uring: %s: %s\n", what, strerror(error));
	exit(1);
}

static void connect_pair(int pair[2])
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	pair[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(fd, (void *)&address, length) || listen(fd, 1) ||
	    getsockname(fd, (void *)&address, &length) ||
	    connect(pair[0], (void *)&address, sizeof(address)))
		fail("connect", errno);
	pair[1] = accept(fd, NULL, NULL);
	close(fd);
}

/* The result of what was submitted; a zero-copy send's notification comes after it. */
static int finish(struct io_uring *ring)
{
	struct io_uring_cqe *cqe;
	int result, more;

	if (io_uring_submit_and_wait(ring, 1) < 0 || io_uring_wait_cqe(ring, &cqe))
		fail("io_uring", errno);
	result = cqe->res;
	more = cqe->flags & IORING_CQE_F_MORE;
	io_uring_cqe_seen(ring, cqe);
	if (result < 0)
		fail("operation", -result);
	return more ? -result : result;
}

static void wait_for_notification(struct io_uring *ring)
{
	struct io_uring_cqe *cqe;

	if (io_uring_wait_cqe(ring, &cqe))
		fail("notification", errno);
	io_uring_cqe_seen(ring, cqe);
}

int main(int argc, char **argv)
{
	int zerocopy = argc == 2 && !strcmp(argv[1], "zerocopy"), pair[2];
	unsigned long sent = 0, received = 0, pending = 0;
	struct io_uring ring;
	int err = io_uring_queue_init(8, &ring, 0);

	if (argc != 2)
		return 2;
	if (err)
		fail("io_uring_queue_init", -err);
	connect_pair(pair);
	for (int i = 0; i < ROUNDS; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
		int took;

		if (zerocopy)
			io_uring_prep_send_zc(sqe, pair[0], data, CHUNK, 0, 0);
		else
			io_uring_prep_send(sqe, pair[0], data, CHUNK, 0);
		took = finish(&ring);
		pending += took < 0;
		took = abs(took);
		sent += took;
		while (took > 0) {
			int got;

			sqe = io_uring_get_sqe(&ring);
			io_uring_prep_recv(sqe, pair[1], back, took, 0);
			got = finish(&ring);
			/* of a send before, and no bytes */
			if (!got && pending) {
				pending--;
				got = finish(&ring);
			}
			took -= got;
			received += got;
		}
		while (pending) {
			wait_for_notification(&ring);
			pending--;
		}
	}
	printf("{\"sent\": %lu, \"received\": %lu}\n", sent, received);
	return 0;
}
