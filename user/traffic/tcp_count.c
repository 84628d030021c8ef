// SPDX-License-Identifier: GPL-2.0
#include "traffic/tcp_count.h"

#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int tcp_info__read(int fd, struct tcp_info *info, size_t needed)
{
	socklen_t length = sizeof(*info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &length))
		return -errno;
	return length < needed ? -EOPNOTSUPP : 0;
}

#define UP_TO(field) (offsetof(struct tcp_info, field) + sizeof(((struct tcp_info *)0)->field))

int tcp_count__given(int fd, uint64_t *bytes)
{
	struct tcp_info info = {};
	int queued, err = tcp_info__read(fd, &info, UP_TO(tcpi_bytes_acked));

	if (err)
		return err;
	if (ioctl(fd, SIOCOUTQ, &queued))
		return -errno;
	*bytes = info.tcpi_bytes_acked + queued;
	return 0;
}

int tcp_count__taken(int fd, uint64_t *bytes)
{
	struct tcp_info info = {};
	int queued, err = tcp_info__read(fd, &info, UP_TO(tcpi_bytes_received));

	if (err)
		return err;
	if (ioctl(fd, SIOCINQ, &queued))
		return -errno;
	*bytes = info.tcpi_bytes_received - queued;
	return 0;
}

/* A FIN has a sequence number, which is subtracted (tcp_send_fin(), tcp_rcv_nxt_update()). */
struct tcp_count tcp_count__between(int before_error, uint64_t before, int after_error,
				    uint64_t after)
{
	if (before_error || after_error)
		return (struct tcp_count){};
	return (struct tcp_count){.bytes = after - before - 1, .connections = 1};
}
