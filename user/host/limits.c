// SPDX-License-Identifier: GPL-2.0
#include "host/limits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define COMPLETION_MS 1000

uint64_t limits__sends_by_optmem(uint64_t optmem_max, uint64_t completion_bytes)
{
	return completion_bytes ? optmem_max / completion_bytes : 0;
}

uint64_t limits__sends_by_memlock(uint64_t memlock_bytes, uint64_t page_bytes, uint64_t send_bytes)
{
	return memlock_bytes / page_bytes / (send_bytes / page_bytes + 2);
}

/* Both ends of a connection over lo: pair[0] connected to pair[1]. */
static int connect_to_self(int pair[2])
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), err = 0;

	pair[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pair[1] = -1;
	if (listener < 0 || pair[0] < 0 || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&address, &length) ||
	    connect(pair[0], (struct sockaddr *)&address, sizeof(address)))
		err = -errno;
	if (!err)
		pair[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (!err && pair[1] < 0)
		err = -errno;
	if (listener >= 0)
		close(listener);
	return err;
}

/* sk_omem_alloc, or a negative errno */
static int optmem_of(int socket)
{
	uint32_t memory[SK_MEMINFO_VARS] = {};
	socklen_t length = sizeof(memory);

	if (getsockopt(socket, SOL_SOCKET, SO_MEMINFO, memory, &length))
		return -errno;
	return memory[SK_MEMINFO_OPTMEM];
}

/* The charge for one send, whose completion is left unread. */
static int measure(int socket)
{
	struct pollfd completion = {.fd = socket};
	static const char byte[1];
	int one = 1, before, after;

	if (setsockopt(socket, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
		return -errno;
	before = optmem_of(socket);
	if (before < 0)
		return before;
	if (send(socket, byte, sizeof(byte), MSG_ZEROCOPY) < 0)
		return -errno;
	if (poll(&completion, 1, COMPLETION_MS) <= 0)
		return -ETIMEDOUT;
	after = optmem_of(socket);
	if (after < 0)
		return after;
	return after > before ? after - before : -ENODATA;
}

int limits__measure_completion(void)
{
	int pair[2], bytes;

	bytes = connect_to_self(pair);
	if (!bytes)
		bytes = measure(pair[0]);
	for (int i = 0; i < 2; i++)
		if (pair[i] >= 0)
			close(pair[i]);
	return bytes;
}
