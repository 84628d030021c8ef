/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages between the runner and its two sides, over a SOCK_SEQPACKET pair each: one message a
 * packet. The end of the socket means that the other process is gone, or that this one is to end.
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
	CONTROL_CONNECTED,  /* the receiver's, which the runner hands on: its end of a connection */
	CONTROL_READY,	    /* every connection stands, every thread is parked */
	CONTROL_GO,	    /* the only message of the runner */
	CONTROL_CONNECTION, /* one for each connection, when all are finished */
	CONTROL_LATENCY,    /* then the receiver's histogram in parts, in RUN_RR */
	CONTROL_COUNTERS,   /* then, when they were asked for */
	CONTROL_DONE,	    /* the last one of a run that went well */
	CONTROL_FAILED,	    /* the last one of a run that did not */
};

struct control_connection {
	unsigned int index; /* the same on both sides */
	struct send_counts sent;
	struct receive_counts received;
	struct request_counts requests;
	struct tcp_count tcp;
};

struct control_done {
	double cpu_seconds;
	uint64_t end_ns; /* CLOCK_MONOTONIC when the last thread was finished */
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
		uint64_t strangers; /* CONTROL_READY: connections that were not of the run */
	};
};

/* 0 or a negative errno; -EPIPE when the other end is closed. */
int control__send(int fd, const struct control_message *message);
int control__receive(int fd, struct control_message *message);

/* CLOCK_MONOTONIC, which all processes share. */
uint64_t control__now(void);

#endif
