// SPDX-License-Identifier: GPL-2.0
/*
 * The limit a transport is compared with: its own system calls, over the loopback between two
 * processes, with nothing around it.
 *
 * bare TRANSPORT BYTES SECONDS     two_copy, one_copy or zero_copy; one line of JSON
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FIELDS 8

struct loop {
	int fd;
	size_t bytes, stride; /* of a message; from field to field of the buffer */
	char *fields, *packed;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + 1e-9 * time.tv_nsec;
}

static void *memory_of(size_t alignment, size_t bytes)
{
	char *memory = aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);

	if (!memory)
		err(1, "%zu bytes", bytes);
	return memset(memory, 1, bytes);
}

/* As the harness and iperf3 are kept; where there is but one processor, nowhere. */
static void stay_on(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1 && sched_setaffinity(0, sizeof(one), &one))
		err(1, "sched_setaffinity");
}

/* The client, as in the harness, receives, and is woken as often. */
static void receive_all(const struct sockaddr_in *address, size_t bytes)
{
	size_t room = bytes > 65536 ? bytes : 65536;
	char *buffer = memory_of(sizeof(long), room);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int wake = bytes >= 1024 ? 16384 : 1;
	ssize_t length;

	stay_on(1);
	if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &wake, sizeof(wake)))
		err(1, "connect");
	do {
		length = recv(fd, buffer, room, 0);
	} while (length > 0);
	if (length < 0)
		err(1, "recv");
	_exit(0);
}

static void send_packed(struct loop *loop)
{
	size_t field = loop->bytes / FIELDS;
	ssize_t sent;

	for (int i = 0; i < FIELDS; i++)
		memcpy(loop->packed + i * field, loop->fields + i * loop->stride, field);
	for (size_t done = 0; done < loop->bytes; done += sent) {
		sent = send(loop->fd, loop->packed + done, loop->bytes - done, MSG_NOSIGNAL);
		if (sent < 0)
			err(1, "send");
	}
}

/* Takes the completions there are: the fields are never written, so none need be waited for. */
static void forget_completions(int fd)
{
	char control[128];
	struct msghdr header;

	do {
		header = (struct msghdr){.msg_control = control, .msg_controllen = sizeof(control)};
	} while (recvmsg(fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0);
}

static void send_gathered(struct loop *loop, int flags)
{
	size_t field = loop->bytes / FIELDS, done = 0;
	struct pollfd queue = {.fd = loop->fd};

	while (done < loop->bytes) {
		struct iovec rest[FIELDS];
		struct msghdr header = {.msg_iov = rest};
		ssize_t sent;

		for (size_t i = done / field, from = done % field; i < FIELDS; i++, from = 0)
			rest[header.msg_iovlen++] = (struct iovec){
				.iov_base = loop->fields + i * loop->stride + from,
				.iov_len = field - from,
			};
		sent = sendmsg(loop->fd, &header, flags | MSG_NOSIGNAL);
		if (sent >= 0) {
			done += sent;
			continue;
		}
		if (errno != ENOBUFS)
			err(1, "sendmsg");
		poll(&queue, 1, -1); /* for a completion, which frees what may be pinned */
		forget_completions(loop->fd);
	}
}

static void send_fields(struct loop *loop)
{
	send_gathered(loop, 0);
}

static void send_pinned(struct loop *loop)
{
	send_gathered(loop, MSG_ZEROCOPY);
}

static const struct bare {
	const char *name;
	void (*send)(struct loop *);
	bool pins; /* so that each field has pages of its own */
} bares[] = {
	{"two_copy", send_packed, false},
	{"one_copy", send_fields, false},
	{"zero_copy", send_pinned, true},
};

/* The sender's end of a connection to a process of its own that receives. */
static int connect_receiver(size_t bytes, pid_t *receiver)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) ||
	    listen(listener, 1) || getsockname(listener, (struct sockaddr *)&address, &length))
		err(1, "listen");
	*receiver = fork();
	if (*receiver < 0)
		err(1, "fork");
	if (*receiver == 0)
		receive_all(&address, bytes);
	stay_on(0);
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		err(1, "accept");
	return fd;
}

static void send_for(double seconds, size_t bytes, const struct bare *bare)
{
	size_t unit = bare->pins ? sysconf(_SC_PAGESIZE) : 16; /* as malloc() aligns */
	struct loop loop = {.bytes = bytes, .stride = (bytes / FIELDS + unit - 1) / unit * unit};
	unsigned long long messages = 0;
	double start;
	pid_t receiver;
	int status;

	loop.fields = memory_of(unit, FIELDS * loop.stride);
	loop.packed = memory_of(16, bytes);
	loop.fd = connect_receiver(bytes, &receiver);
	if (bare->pins && setsockopt(loop.fd, SOL_SOCKET, SO_ZEROCOPY, &(int){1}, sizeof(int)))
		err(1, "SO_ZEROCOPY");
	start = now();
	while (messages % 64 || now() - start < seconds) {
		if (bare->pins && messages % 64 == 0)
			forget_completions(loop.fd);
		bare->send(&loop);
		messages++;
	}
	close(loop.fd);
	if (waitpid(receiver, &status, 0) != receiver || status)
		errx(1, "the receiver failed");
	printf("{\"messages\": %llu, \"rate\": %.1f}\n", messages, messages / (now() - start));
}

int main(int argc, char **argv)
{
	size_t bytes = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
	double seconds = argc == 4 ? atof(argv[3]) : 0;

	if (!bytes || bytes % FIELDS || seconds <= 0)
		errx(2, "usage: bare TRANSPORT BYTES SECONDS (BYTES: a multiple of %d)", FIELDS);
	for (size_t i = 0; i < sizeof(bares) / sizeof(bares[0]); i++) {
		if (strcmp(argv[1], bares[i].name))
			continue;
		send_for(seconds, bytes, &bares[i]);
		return 0;
	}
	errx(2, "'%s': want two_copy, one_copy or zero_copy", argv[1]);
}
