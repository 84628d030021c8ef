// SPDX-License-Identifier: GPL-2.0
/*
 * Payload from one network namespace to another, in exact numbers of bytes, sent as one kind or as
 * several by turns. Prints JSON: the bytes by how they were sent, and those that TCP sent again.
 *
 * carry HOW NEAR FAR ADDRESS: HOW is plain, pinned, spliced or mixed; FAR has the address
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/namespace.h"

#define CHUNK  65536
#define ROUNDS 40
#define PORT   5798

static const char *const hows[] = {"plain", "pinned", "spliced"};
#define HOWS 3

static char data[CHUNK] __attribute__((aligned(4096)));

static int socket_for(const char *text, struct sockaddr_storage *address, socklen_t *length)
{
	struct sockaddr_in *four = (void *)address;
	struct sockaddr_in6 *six = (void *)address;
	int fd, one = 1;

	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons(PORT);
		*length = sizeof(*four);
	} else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(PORT);
		*length = sizeof(*six);
	} else {
		errx(2, "%s is no address", text);
	}
	fd = socket(address->ss_family, SOCK_STREAM, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)))
		err(1, "socket");
	return fd;
}

static void send_part(int fd, int how, int file, size_t bytes)
{
	ssize_t took;

	while (bytes) {
		if (how == 2)
			took = sendfile(fd, file, &(off_t){0}, bytes);
		else
			took = send(fd, data, bytes, how ? MSG_ZEROCOPY : 0);
		if (took < 0 && errno == ENOBUFS) { /* too many completions are due: reap some */
			char control[128];
			struct msghdr message = {.msg_control = control,
						 .msg_controllen = sizeof(control)};

			usleep(1000);
			while (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
				message.msg_controllen = sizeof(control);
			continue;
		}
		if (took <= 0)
			err(1, "%s", hows[how]);
		bytes -= took;
	}
}

static int send_all(int fd, const char *how)
{
	unsigned long long sent[HOWS] = {};
	int file = memfd_create("carry", 0), one = 1, queued = 1, turn,
	    mixed = !strcmp(how, "mixed");
	struct tcp_info info = {};

	if (file < 0 || ftruncate(file, CHUNK) ||
	    setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
		err(1, "file");
	for (int round = 0; round < ROUNDS; round++) {
		for (turn = 0; turn < HOWS; turn++)
			if (!mixed ? !strcmp(how, hows[turn]) : round % HOWS == turn)
				break;
		if (turn == HOWS)
			errx(2, "%s?", how);
		send_part(fd, turn, file, CHUNK);
		sent[turn] += CHUNK;
	}
	while (!ioctl(fd, SIOCOUTQ, &queued) && queued)
		usleep(1000);
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &(socklen_t){sizeof(info)}))
		err(1, "TCP_INFO");
	printf("{\"sent\": %d, \"plain\": %llu, \"pinned\": %llu, \"spliced\": %llu, \"again\": "
	       "%llu}\n",
	       ROUNDS * CHUNK, sent[0], sent[1], sent[2],
	       (unsigned long long)info.tcpi_bytes_retrans);
	return fflush(stdout);
}

int main(int argc, char **argv)
{
	struct sockaddr_storage address = {};
	socklen_t length;
	int fd, status;
	pid_t sender;

	if (argc != 5)
		errx(2, "carry HOW NEAR FAR ADDRESS");
	enter_namespace(argv[3]);
	fd = socket_for(argv[4], &address, &length);
	if (bind(fd, (void *)&address, length) || listen(fd, 1))
		err(1, "listen");
	sender = fork();
	if (!sender) {
		enter_namespace(argv[2]);
		fd = socket_for(argv[4], &address, &length);
		if (connect(fd, (void *)&address, length))
			err(1, "connect");
		return send_all(fd, argv[1]);
	}
	fd = accept(fd, NULL, NULL);
	if (fd < 0)
		err(1, "accept");
	while (recv(fd, data, sizeof(data), 0) > 0)
		;
	if (waitpid(sender, &status, 0) != sender || status)
		errx(1, "the sender failed");
	return 0;
}
