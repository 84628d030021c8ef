// SPDX-License-Identifier: GPL-2.0
#include "traffic/control.h"

#include <errno.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int control__send(int fd, const struct control_message *message)
{
	if (TEMP_FAILURE_RETRY(send(fd, message, sizeof(*message), MSG_NOSIGNAL)) < 0)
		return -errno;
	return 0;
}

int control__receive(int fd, struct control_message *message)
{
	ssize_t length = TEMP_FAILURE_RETRY(recv(fd, message, sizeof(*message), 0));

	if (length < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	if (length == 0)
		return -EPIPE;
	return length == sizeof(*message) ? 0 : -EPROTO;
}

uint64_t control__now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}
