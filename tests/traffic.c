// SPDX-License-Identifier: GPL-2.0
/*
 * Traffic of another program, for tests: one process sends to another over loopback TCP until it is
 * killed or the time is up, and prints how many bytes.
 *
 * traffic send|sendfile|zerocopy SECONDS [PAUSE], a pause in microseconds after each send
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 65536

static char buffer[CHUNK] __attribute__((aligned(4096)));

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void reap_completions(int fd)
{
	char control[128];
	struct msghdr message = {.msg_control = control, .msg_controllen = sizeof(control)};

	while (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
		message.msg_controllen = sizeof(control);
}

static ssize_t send_chunk(int fd, const char *how, int file)
{
	off_t from = 0;

	if (!strcmp(how, "sendfile"))
		return sendfile(fd, file, &from, CHUNK);
	if (strcmp(how, "zerocopy"))
		return send(fd, buffer, CHUNK, 0);
	reap_completions(fd);
	return send(fd, buffer, CHUNK, MSG_ZEROCOPY);
}

static void receive(const struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (connect(fd, (const void *)address, sizeof(*address)))
		_exit(1);
	while (recv(fd, buffer, sizeof(buffer), 0) > 0)
		;
	_exit(0);
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	int listener = socket(AF_INET, SOCK_STREAM, 0), file = memfd_create("traffic", 0), one = 1,
	    fd;
	socklen_t length = sizeof(address);
	unsigned long long sent = 0;
	double end;
	pid_t child;

	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: traffic send|sendfile|zerocopy SECONDS [PAUSE]\n");
		return 2;
	}
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (void *)&address, sizeof(address)) || listen(listener, 1) ||
	    getsockname(listener, (void *)&address, &length) || ftruncate(file, CHUNK)) {
		perror("traffic");
		return 1;
	}
	child = fork();
	if (!child)
		receive(&address);
	fd = accept(listener, NULL, NULL);
	setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one));
	for (end = now() + atof(argv[2]); now() < end;) {
		ssize_t took = send_chunk(fd, argv[1], file);

		if (took > 0)
			sent += took;
		if (argc == 4)
			usleep(atoi(argv[3]));
	}
	close(fd);
	waitpid(child, NULL, 0);
	printf("%llu\n", sent);
	return sent == 0;
}
