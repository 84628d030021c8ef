// SPDX-License-Identifier: GPL-2.0
/*
 * One socket on which sendfile, plain and zero-copy sends take turns while the thread moves from
 * processor to processor; and zero-copy sends that fail at bad memory, after good memory has been
 * pinned. Prints JSON: the bytes that the kernel took, by how they were sent, and the bytes that
 * were pinned and unpinned again.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 40

static char buffer[3 * 65536];

/* Bytes that the kernel took, by how they were sent. */
struct sent {
	unsigned long long plain, pinned, filed;
	unsigned long long unpinned; /* pinned for a send that did not take them */
};

/* Takes all there is. */
static pid_t receive_all(const struct sockaddr_in *address)
{
	pid_t child = fork();
	int fd;

	if (child)
		return child;
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)))
		err(1, "connect");
	while (recv(fd, buffer, sizeof(buffer), 0) > 0)
		;
	_exit(0);
}

static int connected(pid_t *child)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;
	socklen_t length = sizeof(address);

	if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) ||
	    listen(listener, 1) || getsockname(listener, (struct sockaddr *)&address, &length))
		err(1, "listen");
	*child = receive_all(&address);
	fd = accept(listener, NULL, NULL);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &(int){1}, sizeof(int)))
		err(1, "accept");
	return fd;
}

static void move_to(unsigned int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu % sysconf(_SC_NPROCESSORS_ONLN), &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		err(1, "sched_setaffinity");
}

/* A send of an odd number of bytes; returns how many the kernel took. */
static unsigned long long send_some(int fd, unsigned int round, int flags)
{
	ssize_t sent = send(fd, buffer, 1 + round * 4099 % sizeof(buffer), flags);

	if (sent < 0)
		err(1, "send");
	return sent;
}

/* The same out of a file. */
static unsigned long long send_file(int fd, int file, unsigned int round)
{
	ssize_t sent = sendfile(fd, file, &(off_t){0}, 1 + round * 4099 % sizeof(buffer));

	if (sent < 0)
		err(1, "sendfile");
	return sent;
}

static int some_file(void)
{
	int fd = memfd_create("mixed", MFD_CLOEXEC);

	if (fd < 0 || write(fd, buffer, sizeof(buffer)) != (ssize_t)sizeof(buffer))
		err(1, "memfd_create");
	return fd;
}

/* Good memory, then bad: the pages are unpinned again; the kernel takes those before, if a packet
 * was full. */
static void pin_and_fail(int fd, struct sent *all)
{
	const size_t good = 8192, bad = 4096;
	void *hole = mmap(NULL, bad, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec parts[] = {{buffer, good}, {hole, bad}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	ssize_t sent = sendmsg(fd, &message, MSG_ZEROCOPY);

	if (hole == MAP_FAILED || (sent < 0 && errno != EFAULT) || sent > (ssize_t)good)
		err(1, "a send that should have failed");
	munmap(hole, bad);
	sent = sent < 0 ? 0 : sent;
	all->pinned += sent;
	all->unpinned += good - sent;
}

/* Of a file, plain, zero-copy and plain, on this and the next processor: 0 0 1 0, 1 1 0 1, ... */
static void send_all(int fd, unsigned int rounds, struct sent *all)
{
	int file = some_file();

	for (unsigned int round = 0; round < rounds; round++) {
		move_to(round);
		all->filed += send_file(fd, file, round + 5);
		all->plain += send_some(fd, round, 0);
		move_to(round + 1);
		all->pinned += send_some(fd, round + 7, MSG_ZEROCOPY);
		pin_and_fail(fd, all);
		move_to(round);
		all->plain += send_some(fd, round + 3, 0);
	}
	close(file);
}

int main(void)
{
	struct sent sent = {};
	pid_t child;
	int fd = connected(&child);

	send_all(fd, ROUNDS, &sent);
	if (shutdown(fd, SHUT_WR) || waitpid(child, NULL, 0) != child)
		err(1, "the receiver");
	printf("{\"send_copy\": %llu, \"send_pin\": %llu, \"send_splice\": %llu, "
	       "\"unpinned\": %llu}\n",
	       sent.plain, sent.pinned, sent.filed, sent.unpinned);
	return 0;
}
