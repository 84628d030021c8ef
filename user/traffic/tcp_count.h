/* SPDX-License-Identifier: GPL-2.0 */
/* TCP's own count of the payload of a connection, independent of any probe. */
#ifndef HARNESS_TCP_COUNT_H
#define HARNESS_TCP_COUNT_H

#include <stdint.h>

/* Sums over connections. Known if each connection has a count. */
struct tcp_count {
	uint64_t bytes;
	unsigned int connections;
};

/*
 * Bytes that the program wrote to the socket: acknowledged, or still queued (TCP_INFO, SIOCOUTQ).
 * Bytes that it read: received, less those still queued (TCP_INFO, SIOCINQ). Both count a SYN or a
 * FIN as a byte. Nothing may arrive during the call, which reads two parts one after the other. 0,
 * or a negative errno; -EOPNOTSUPP: TCP_INFO lacks the field.
 */
int tcp_count__given(int fd, uint64_t *bytes);
int tcp_count__taken(int fd, uint64_t *bytes);

/* The count of a connection between two readings, the last one after the end of its stream. */
struct tcp_count tcp_count__between(int before_error, uint64_t before, int after_error,
				    uint64_t after);

#endif
