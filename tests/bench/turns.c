// SPDX-License-Identifier: GPL-2.0
/*
 * One thread that sends a message over a connected loopback TCP pair and receives it, by turns. No
 * scheduler is in the figure: a message is in the receive queue when the send returns.
 *
 * turns MESSAGES BYTES...    each transport with messages of BYTES each, a line of JSON each
 *
 * Of larger messages it sends fewer, so that each size takes about as long. "fastest_ns" is the CPU
 * time of a message in the fastest of some batches: where neighbours change a machine's speed from
 * one second to the next, that batch is the least disturbed. "switches" counts the times the thread
 * slept; more than a few, and the figure is not of the copies alone.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/errqueue.h>

#define FIELDS	     8
#define SOCKET_BYTES (1 << 20) /* a whole message fits, whichever side has it */
#define BATCHES	     32
#define WAIT_MS	     1000

struct turn {
	int sender, receiver;
	size_t bytes, stride; /* of a message; from field to field of the buffer */
	char *fields, *received;
	uint32_t zero_copy_sends, completed;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec time;

	if (clock_gettime(clock, &time))
		err(1, "clock_gettime");
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static long switches(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw;
}

static void send_packed(struct turn *turn)
{
	ssize_t sent = send(turn->sender, turn->fields, turn->bytes, MSG_NOSIGNAL);

	if (sent != (ssize_t)turn->bytes)
		err(1, "send of %zu bytes returned %zd", turn->bytes, sent);
}

static void send_gathered(struct turn *turn, int flags)
{
	struct iovec field[FIELDS];
	struct msghdr header = {.msg_iov = field, .msg_iovlen = FIELDS};
	ssize_t sent;

	for (int i = 0; i < FIELDS; i++) {
		field[i].iov_base = turn->fields + i * turn->stride;
		field[i].iov_len = turn->bytes / FIELDS;
	}
	sent = sendmsg(turn->sender, &header, flags | MSG_NOSIGNAL);
	if (sent != (ssize_t)turn->bytes)
		err(1, "sendmsg of %zu bytes returned %zd", turn->bytes, sent);
}

static void send_fields(struct turn *turn)
{
	send_gathered(turn, 0);
}

static void send_pinned(struct turn *turn)
{
	send_gathered(turn, MSG_ZEROCOPY);
	turn->zero_copy_sends++;
}

static void receive(struct turn *turn)
{
	for (size_t done = 0; done < turn->bytes;) {
		ssize_t got = recv(turn->receiver, turn->received, turn->bytes - done, 0);

		if (got <= 0)
			err(1, "recv returned %zd", got);
		done += got;
	}
}

/* The fields may be sent again only when the kernel no longer refers to their pages. */
static void reap(struct turn *turn)
{
	struct pollfd queue = {.fd = turn->sender}; /* POLLERR is always reported */

	while (turn->completed != turn->zero_copy_sends) {
		_Alignas(struct cmsghdr) char control[128];
		struct msghdr header = {.msg_control = control, .msg_controllen = sizeof(control)};
		const struct sock_extended_err *range;

		if (recvmsg(turn->sender, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) {
			if (errno != EAGAIN || poll(&queue, 1, WAIT_MS) != 1)
				err(1, "no completion of send %u", turn->completed);
			continue;
		}
		range = (const void *)CMSG_DATA(CMSG_FIRSTHDR(&header));
		if (range->ee_origin != SO_EE_ORIGIN_ZEROCOPY)
			errx(1, "the error queue has something that is not a completion");
		turn->completed += range->ee_data - range->ee_info + 1;
	}
}

static void take_turns(struct turn *turn, void (*send)(struct turn *), long messages)
{
	for (long i = 0; i < messages; i++) {
		send(turn);
		receive(turn);
		reap(turn);
	}
}

static void set(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		err(1, "setsockopt %d of level %d", option, level);
}

static void connect_pair(struct turn *turn)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	turn->sender = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 || turn->sender < 0)
		err(1, "socket");
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	set(listener, SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_BYTES);
	set(turn->sender, SOL_SOCKET, SO_SNDBUFFORCE, SOCKET_BYTES);
	set(turn->sender, IPPROTO_TCP, TCP_NODELAY, 1);
	set(turn->sender, SOL_SOCKET, SO_ZEROCOPY, 1);
	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&address, &length) ||
	    connect(turn->sender, (struct sockaddr *)&address, length))
		err(1, "connect");
	turn->receiver = accept(listener, NULL, NULL);
	if (turn->receiver < 0)
		err(1, "accept");
	close(listener);
}

static void measure(const char *name, void (*send)(struct turn *), size_t bytes, long messages)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct turn turn = {.bytes = bytes};
	uint64_t cpu, wall, fastest = UINT64_MAX;
	long slept, batch = messages / BATCHES;

	turn.stride = (bytes / FIELDS + page - 1) / page * page;
	turn.fields = aligned_alloc(page, FIELDS * turn.stride);
	turn.received = malloc(bytes);
	if (!turn.fields || !turn.received)
		err(1, "a message of %zu bytes", bytes);
	memset(turn.fields, 1, FIELDS * turn.stride);
	connect_pair(&turn);

	take_turns(&turn, send, batch); /* warm-up */
	slept = switches();
	wall = clock_ns(CLOCK_MONOTONIC);
	cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	for (int i = 0; i < BATCHES; i++) {
		uint64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID), taken;

		take_turns(&turn, send, batch);
		taken = clock_ns(CLOCK_THREAD_CPUTIME_ID) - start;
		fastest = taken < fastest ? taken : fastest;
	}
	cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
	wall = clock_ns(CLOCK_MONOTONIC) - wall;
	printf("{\"transport\": \"%s\", \"size\": %zu, \"messages\": %ld, \"bytes\": %zu, "
	       "\"cpu_ns\": %lu, \"wall_ns\": %lu, \"fastest_ns\": %.1f, \"switches\": %ld}\n",
	       name, bytes, batch * BATCHES, batch * BATCHES * bytes, cpu, wall,
	       (double)fastest / batch, switches() - slept);

	close(turn.sender);
	close(turn.receiver);
	free(turn.fields);
	free(turn.received);
}

/* A whole number between two limits, or the usage. */
static long number(const char *text, long least, long most)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (!*text || *end || value < least || value > most)
		errx(2, "'%s': want a number from %ld to %ld", text, least, most);
	return value;
}

int main(int argc, char **argv)
{
	long messages;

	if (argc < 3)
		errx(2, "usage: turns MESSAGES BYTES...");
	messages = number(argv[1], 10 * BATCHES, 1000000000);
	for (int i = 2; i < argc; i++)
		if (number(argv[i], FIELDS, SOCKET_BYTES / 4) % FIELDS)
			errx(2, "%s bytes are not %d equal fields", argv[i], FIELDS);
	for (int i = 2; i < argc; i++) {
		size_t bytes = strtoul(argv[i], NULL, 10);
		long count = messages * 32768 / (32768 + bytes) + 1;

		measure("two_copy", send_packed, bytes, count);
		measure("one_copy", send_fields, bytes, count);
		measure("zero_copy", send_pinned, bytes, count);
	}
	return 0;
}
