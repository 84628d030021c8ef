// SPDX-License-Identifier: GPL-2.0
/*
 * The limits a transport is compared with: a loop of send() and recv() between two processes with
 * nothing around it, and the machine's memcpy.
 *
 * bare send BYTES SECONDS [PLACE]      one line of JSON: messages, bytes, seconds, cpu_seconds
 * bare fields BYTES SECONDS [PLACE]    the same with sendmsg() of eight fields
 * bare zerocopy BYTES SECONDS [PLACE]  and with MSG_ZEROCOPY, each field on its own pages
 * bare memcpy BYTES SECONDS            the same, buffers of BYTES
 * bare connections COUNT SECONDS       the same: so many connections of one process, 64 bytes over
 *                                      each in turn
 * PLACE: SENDER RECEIVER ADDRESS       names of network namespaces, and the sender's address
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + 1e-9 * time.tv_nsec;
}

static double cpu_seconds(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
	       1e-6 * (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static char *buffer_of(size_t bytes)
{
	char *buffer = malloc(bytes);

	if (!buffer)
		err(1, "malloc of %zu bytes", bytes);
	memset(buffer, 1, bytes);
	return buffer;
}

static void report(unsigned long long messages, size_t bytes, double seconds, double cpu)
{
	printf("{\"messages\": %llu, \"bytes\": %llu, \"seconds\": %.6f, \"cpu_seconds\": %.6f}\n",
	       messages, messages * bytes, seconds, cpu);
}

/* As the harness and iperf3 are kept where they are compared; where there is but one, nowhere. */
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
	int fd = socket(AF_INET, SOCK_STREAM, 0), piece = 16384, segment, wake;
	socklen_t size = sizeof(segment);
	char *buffer = buffer_of(room);
	ssize_t length;

	stay_on(1);
	if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) ||
	    getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, &size))
		err(1, "connect");
	wake = (int)bytes >= (segment < piece ? piece : piece / 16) ? piece : 1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &wake, sizeof(wake)))
		err(1, "SO_RCVLOWAT");
	do {
		length = recv(fd, buffer, room, 0);
	} while (length > 0);
	if (length < 0)
		err(1, "recv");
	_exit(0);
}

/* Where the two are; all NULL: here, over the loopback. */
struct place {
	const char *sender, *receiver, *address;
};

static void enter(const char *namespace)
{
	char path[64];
	int fd;

	if (!namespace)
		return;
	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
}

/* On a free port of this address, which is left in *address. */
static int listen_on(const char *at, struct sockaddr_in *address)
{
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t length = sizeof(*address);

	*address = (struct sockaddr_in){.sin_family = AF_INET};
	if (!inet_aton(at, &address->sin_addr))
		errx(2, "bare: %s: want an IPv4 address", at);
	if (listener < 0 || bind(listener, (struct sockaddr *)address, length) ||
	    listen(listener, SOMAXCONN) ||
	    getsockname(listener, (struct sockaddr *)address, &length))
		err(1, "listen");
	return listener;
}

/* Takes the completions there are: the buffer is never written, so none need be waited for. */
static void forget_completions(int fd)
{
	char control[128];

	for (;;) {
		struct msghdr header = {.msg_control = control, .msg_controllen = sizeof(control)};

		if (recvmsg(fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return;
	}
}

#define FIELDS 8

enum how {
	HOW_SEND,
	HOW_FIELDS,
	HOW_LEND
};

/* What is left of a message whose first bytes are sent; its fields lie `stride` bytes apart. */
static ssize_t gather_rest(int fd, char *buffer, size_t bytes, size_t done, size_t stride,
			   int flags)
{
	size_t field = bytes / FIELDS;
	struct iovec rest[FIELDS];
	struct msghdr header = {.msg_iov = rest};
	struct pollfd queue = {.fd = fd};
	ssize_t sent;

	for (size_t i = done / field; i < FIELDS; i++) {
		size_t from = i == done / field ? done % field : 0;

		rest[header.msg_iovlen++] = (struct iovec){
			.iov_base = buffer + i * stride + from,
			.iov_len = field - from,
		};
	}
	while ((sent = sendmsg(fd, &header, MSG_NOSIGNAL | flags)) < 0) {
		if (errno != ENOBUFS)
			err(1, "sendmsg");
		poll(&queue, 1, -1); /* for a completion, which frees what they may hold */
		forget_completions(fd);
	}
	return sent;
}

static ssize_t copy_rest(int fd, const char *buffer, size_t bytes, size_t done)
{
	ssize_t sent = send(fd, buffer + done, bytes - done, MSG_NOSIGNAL);

	if (sent < 0)
		err(1, "send");
	return sent;
}

static void bare_send(size_t bytes, double limit, enum how how, const struct place *place)
{
	bool lends = how == HOW_LEND;
	size_t unit = lends ? sysconf(_SC_PAGESIZE) : 16; /* as malloc() aligns */
	size_t stride = (bytes / FIELDS + unit - 1) / unit * unit;
	char *buffer = buffer_of(FIELDS * stride);
	unsigned long long messages = 0;
	struct sockaddr_in address;
	int listener, fd, status;
	double start, cpu;
	pid_t child;

	enter(place->sender);
	listener = listen_on(place->address ?: "127.0.0.1", &address);
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (child == 0) {
		enter(place->receiver);
		receive_all(&address, bytes);
	}
	stay_on(0);
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		err(1, "accept");
	if (lends && setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &(int){1}, sizeof(int)))
		err(1, "SO_ZEROCOPY");
	cpu = cpu_seconds(RUSAGE_SELF);
	start = now();
	while (messages % 64 || now() - start < limit) {
		if (lends && messages % 64 == 0)
			forget_completions(fd);
		for (size_t done = 0; done < bytes;)
			done += how == HOW_SEND ? copy_rest(fd, buffer, bytes, done)
						: gather_rest(fd, buffer, bytes, done, stride,
							      lends ? MSG_ZEROCOPY : 0);
		messages++;
	}
	close(fd);
	if (waitpid(child, &status, 0) != child || status)
		errx(1, "the receiver failed");
	report(messages, bytes, now() - start,
	       cpu_seconds(RUSAGE_SELF) - cpu + cpu_seconds(RUSAGE_CHILDREN));
}

static void bare_memcpy(size_t bytes, double limit)
{
	char *from = buffer_of(bytes), *to = buffer_of(bytes);
	double start = now(), cpu = cpu_seconds(RUSAGE_SELF);
	unsigned long long messages = 0;

	while (messages % 64 || now() - start < limit) {
		memcpy(to, from, bytes);
		asm volatile("" : : "r"(to) : "memory"); /* or the copy is left out */
		messages++;
	}
	report(messages, bytes, now() - start, cpu_seconds(RUSAGE_SELF) - cpu);
}

/* The other end of each, in the same turn, until the first is closed. */
static void receive_in_turn(int listener, size_t count)
{
	int *fd = calloc(count, sizeof(*fd));
	char message[64];
	ssize_t length;

	for (size_t i = 0; i < count; i++) {
		fd[i] = accept(listener, NULL, NULL);
		if (fd[i] < 0)
			err(1, "accept");
	}
	for (size_t i = 0; (length = recv(fd[i], message, sizeof(message), MSG_WAITALL)) > 0;)
		i = (i + 1) % count;
	if (length < 0)
		err(1, "recv");
	_exit(0);
}

static void bare_connections(size_t count, double limit)
{
	struct rlimit files = {count + 64, count + 64};
	unsigned long long messages = 0;
	struct sockaddr_in address;
	int *fd = calloc(count, sizeof(*fd)), listener, status;
	char message[64] = "";
	double start, cpu;
	pid_t child;

	if (!fd || setrlimit(RLIMIT_NOFILE, &files))
		err(1, "%zu connections", count);
	listener = listen_on("127.0.0.1", &address);
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (child == 0)
		receive_in_turn(listener, count);
	for (size_t i = 0; i < count; i++) {
		fd[i] = socket(AF_INET, SOCK_STREAM, 0);
		if (fd[i] < 0 || connect(fd[i], (struct sockaddr *)&address, sizeof(address)))
			err(1, "connect");
	}
	cpu = cpu_seconds(RUSAGE_SELF);
	start = now();
	for (size_t i = 0; i || now() - start < limit; i = (i + 1) % count, messages++)
		if (send(fd[i], message, sizeof(message), MSG_NOSIGNAL) != sizeof(message))
			err(1, "connection %zu", i);
	for (size_t i = 0; i < count; i++)
		close(fd[i]);
	if (waitpid(child, &status, 0) != child || status)
		errx(1, "the receiver failed");
	report(messages, sizeof(message), now() - start,
	       cpu_seconds(RUSAGE_SELF) - cpu + cpu_seconds(RUSAGE_CHILDREN));
}

int main(int argc, char **argv)
{
	static const char *const ways[] = {
		[HOW_SEND] = "send",
		[HOW_FIELDS] = "fields",
		[HOW_LEND] = "zerocopy",
	};
	size_t bytes = argc >= 4 ? strtoul(argv[2], NULL, 10) : 0;
	double seconds = argc >= 4 ? atof(argv[3]) : 0;
	struct place place = {};

	if (argc == 7)
		place = (struct place){argv[4], argv[5], argv[6]};
	if (!bytes || seconds <= 0 || (argc != 4 && argc != 7))
		errx(2,
		     "usage: bare send|fields|zerocopy|memcpy|connections BYTES|COUNT SECONDS "
		     "[SENDER RECEIVER ADDRESS]");
	for (enum how how = HOW_SEND; how <= HOW_LEND; how++) {
		if (strcmp(argv[1], ways[how]))
			continue;
		if (how != HOW_SEND && bytes % FIELDS)
			errx(2, "bare: %zu bytes are not %d equal fields", bytes, FIELDS);
		bare_send(bytes, seconds, how, &place);
		return 0;
	}
	if (!strcmp(argv[1], "memcpy"))
		bare_memcpy(bytes, seconds);
	else if (!strcmp(argv[1], "connections"))
		bare_connections(bytes, seconds);
	else
		errx(2, "bare: '%s': want send, fields, zerocopy, memcpy or connections", argv[1]);
	return 0;
}
