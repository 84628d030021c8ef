/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages between the runner and its two sides, over a SOCK_SEQPACKET pair each: one message per
 * packet. End of file: the other process has ended, or asks this one to end.
 */
#ifndef HARNESS_CONTROL_H
#define HARNESS_CONTROL_H

#include <stdint.h>

#include "host/counters.h"
#include "base/failure.h"
#include "base/histogram.h"
#include "traffic/runner.h"
#include "traffic/transport.h"

enum control_type {
	CONTROL_LISTENING,  /* the sender's: port */
	CONTROL_CONNECTED,  /* the receiver's, passed on to the sender: its end of a connection */
	CONTROL_READY,	    /* each connection is open, each thread waits */
	CONTROL_GO,	    /* the only message of the runner */
	CONTROL_CONNECTION, /* one per connection, when all are finished */
	CONTROL_LATENCY,    /* then the receiver's histogram in parts, in RUN_RR */
	CONTROL_COUNTERS,   /* then, if they were asked for */
	CONTROL_DONE,	    /* the last one after success */
	CONTROL_FAILED,	    /* the last one after a failure */
};

struct control_connection {
	unsigned int index; /* the connection's; the same on both sides */
	struct send_counts sent;
	struct receive_counts received;
	struct request_counts requests;
	struct tcp_count tcp;
};

struct control_done {
	double cpu_seconds;
	uint64_t end_ns; /* CLOCK_MONOTONIC when the last thread finished */
};

struct control_message {
	enum control_type type;
	union {
		struct failure failure;
		struct control_connection connection;
		struct histogram_part latency;
		struct readings counters;
		struct control_done done;
		struct sockaddr_in peer;
		uint16_t port;
		uint64_t strangers; /* CONTROL_READY: connections that did not belong to the run */
	};
};

/* 0 or a negative errno; -EPIPE: the other end is closed. */
int control__send(int fd, const struct control_message *message);
int control__receive(int fd, struct control_message *message);

/* The time of CLOCK_MONOTONIC in nanoseconds, the same for all processes. */
uint64_t control__now(void);

#endif
