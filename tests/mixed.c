// SPDX-License-Identifier: GPL-2.0
/*
 * The tracer, on sends of this very process: one socket, on which sendfile, plain and zero-copy
 * sends take turns while the thread moves from processor to processor; and zero-copy sends that
 * fail at bad memory, after good memory has been pinned.
 *
 * mixed auto|fentry|tracepoint|kprobe [none|all|other]
 * prints JSON: what was sent by each, and what the tracer says; `none`, `all`, `other`: one round
 * only, after it was told that no send would lend, that each would, or that each of another process
 * would and none of this one.
 *
 * Exit status: 0, 77 where there is no such way, 1 for whatever else goes wrong.
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

#include "base/arguments.h"
#include "tracer/tracer.h"

#define ROUNDS 40
#define OWNER  0
#define OTHER  1

static char buffer[3 * 65536];

/* Bytes that the kernel took, by how they were sent. */
struct sent {
	unsigned long long plain, lent, filed;
	unsigned long long lent_sends; /* calls: those of `lent` */
	unsigned long long given_back; /* bytes pinned and not taken */
};

/* Takes all there is; the other process, so that what it receives is not this one's. */
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

static void lend_some(int fd, unsigned int round, struct sent *all)
{
	all->lent += send_some(fd, round, MSG_ZEROCOPY);
	all->lent_sends++;
}

/* Good memory, then bad: what is pinned is given back; the kernel takes the rest, if a packet was
 * full before. */
static void lend_and_fail(int fd, struct sent *all)
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
	all->lent += sent;
	all->lent_sends += sent > 0;
	all->given_back += good - sent;
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
		lend_some(fd, round + 7, all);
		lend_and_fail(fd, all);
		move_to(round);
		all->plain += send_some(fd, round + 3, 0);
	}
	close(file);
}

static void print_sent(const struct sent *sent)
{
	printf("{\"sent\": {\"send_copy\": %llu, \"send_pin\": %llu, \"send_splice\": %llu}, "
	       "\"lent_sends\": %llu, \"given_back\": %llu, ",
	       sent->plain, sent->lent, sent->filed, sent->lent_sends, sent->given_back);
}

static void print_counts(const struct trace_counts *counts, const char *attempted)
{
	const struct counter *site = counts->tally.site, *extra = counts->tally.extra;

	printf("\"counted\": {\"send_copy\": %llu, \"send_pin\": %llu, \"send_splice\": %llu}, "
	       "\"lent_sends_counted\": %llu, \"deferred_copy\": %llu, \"lost\": %llu, "
	       "\"attempted\": %s}\n",
	       (unsigned long long)site[SITE_SEND_COPY].bytes,
	       (unsigned long long)site[SITE_SEND_PIN].bytes,
	       (unsigned long long)site[SITE_SEND_SPLICE].bytes,
	       (unsigned long long)extra[EXTRA_LENT_SENDS].calls,
	       (unsigned long long)site[SITE_DEFERRED_COPY].bytes,
	       (unsigned long long)extra[EXTRA_LOST].calls, attempted);
}

/* By the word on the command line, of this process and of another; false: there is no such word. */
static bool expected(const char *word, enum lending lending[RUN_OWNERS])
{
	if (!word)
		return true;
	lending[OWNER] = strcmp(word, "all") ? LENDING_NONE : LENDING_ALL;
	lending[OTHER] = strcmp(word, "other") ? LENDING_NONE : LENDING_ALL;
	return !strcmp(word, "none") || !strcmp(word, "all") || !strcmp(word, "other");
}

int main(int argc, char **argv)
{
	struct tracer_options options = {.traced = TRACE_COPIES};
	struct trace_counts counts;
	char attempted[32] = "null";
	struct tracer *tracer;
	struct sent sent = {};
	enum lending lending[RUN_OWNERS] = {};
	pid_t child;
	int fd, error;

	if (argc < 2 || argc > 3 || attach__parse(argv[1], &options.attach) ||
	    !expected(argv[2], lending))
		errx(2, "usage: mixed auto|fentry|tracepoint|kprobe [none|all|other]");
	fd = connected(&child);
	send_some(fd, 99, 0); /* before anything is counted */
	send_some(fd, 99, MSG_ZEROCOPY);
	error = tracer__open(&options, &tracer);
	if (error)
		return error == -EOPNOTSUPP ? 77 : 1;
	if (tracer__expect(tracer, lending) || tracer__follow(tracer, OWNER, getpid()))
		return 1;
	tracer__arm(tracer);
	send_all(fd, lending[OWNER] == LENDING_UNKNOWN ? ROUNDS : 1, &sent);
	if (shutdown(fd, SHUT_WR) || waitpid(child, NULL, 0) != child)
		err(1, "the receiver");
	if (tracer__disarm(tracer) || tracer__read(tracer, OWNER, &counts))
		return 1;
	if (tracer__counts_pin_attempts(tracer))
		snprintf(attempted, sizeof(attempted), "%llu",
			 (unsigned long long)counts.tally.extra[EXTRA_PIN_ATTEMPTED].bytes);
	print_sent(&sent);
	print_counts(&counts, attempted);
	trace_counts__free(&counts);
	tracer__close(tracer);
	return 0;
}
