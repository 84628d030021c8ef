/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The runner: one run of one transport between two processes. It knows transports and nothing of
 * BPF.
 *
 * The sender (server) and the receiver (client) are child processes of N threads, one TCP
 * connection a thread. Between start and go every connection stands and nothing flows, which is
 * when the caller arms what it wants to measure with.
 */
#ifndef HARNESS_RUNNER_H
#define HARNESS_RUNNER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/counters.h"
#include "base/side.h"
#include "host/tasks.h"
#include "traffic/tcp_count.h"
#include "traffic/transport.h"

#define THREADS_MAX   1024
#define REQUEST_BYTES 1
/* A connection is lost when nothing that was sent is acknowledged for so long. */
#define SILENCE_SECONDS 10

enum run_mode {
	RUN_STREAM, /* the sender sends as fast as it can */
	RUN_RR,	    /* one message for each request of the receiver, of REQUEST_BYTES */
	RUN_MODES
};

/* "stream", "rr" */
extern const char *const run_mode_names[RUN_MODES];

struct run_spec {
	const struct transport *transport;
	enum run_mode mode;
	size_t message_bytes;
	unsigned int threads;
	double seconds;	    /* > 0, or 0 when the run ends by messages */
	uint64_t messages;  /* in all, spread over the threads; 0 when the run ends by seconds */
	unsigned int cores; /* that either side may run on; 0: unknown */
	bool pinned;
	int cpu[SIDE_COUNT]; /* where every thread of a side is kept, if pinned */
	bool counters;	     /* read the CPU's and the scheduler's */
	bool verify;	     /* every byte checked by the receiver */
	bool timestamps; /* the sending sockets ask for software transmit timestamps, with data */
	enum fault fault;
	struct in_addr address;	      /* the sender listens here; INADDR_LOOPBACK on lo */
	uint16_t port;		      /* host order; 0: any free port */
	int namespace_fd[SIDE_COUNT]; /* network namespace of each side, or -1 for the caller's */
};

/* With RUN_RR: sent by the receiver, received by the sender; results of calls. */
struct request_counts {
	uint64_t requests;
	uint64_t bytes;
};

/* From a request until all of its message is received, in nanoseconds. */
struct latency {
	uint64_t count; /* 0: there were no requests, the rest is not valid */
	double mean;
	uint64_t p50, p90, p99, p999; /* rounded up, by 1/128 at most */
	uint64_t max;
};

/* What the two sides counted themselves. */
struct run_result {
	uint64_t started_unix_us;   /* when traffic was started, by the system's clock */
	double seconds;		    /* from go until the receiver's last byte */
	struct send_counts sent;    /* summed over threads */
	uint64_t received_bytes;    /* summed return values of recv() */
	uint64_t received_messages; /* whole messages */
	uint64_t receive_calls;	    /* recv() calls that returned, end of file included */
	uint64_t strangers;	    /* connections to the sender's port that were dropped */
	struct request_counts requests[SIDE_COUNT]; /* as either side counted them */
	/* what TCP says the sender wrote, and the receiver read */
	struct tcp_count tcp[SIDE_COUNT];
	struct latency latency;
	double cpu_seconds[SIDE_COUNT]; /* user + system, all threads, from go to the end */
	/* the same, as the kernel counts for /proc */
	struct task_switches switches[SIDE_COUNT];
	bool counted; /* counters were read */
	struct readings counters[SIDE_COUNT];
};

struct runner;

/*
 * Forks both sides and returns when every connection stands. 0 or a negative errno with one clear
 * line on stderr (-EADDRINUSE: the port is taken). *runner is NULL on failure and nothing is left
 * behind.
 */
int runner__start(const struct run_spec *spec, struct runner **runner);

pid_t runner__pid(const struct runner *runner, enum side side);

/*
 * Lets the traffic run and waits for both sides. Negative errno with one line on stderr: -ECANCELED
 * when cancel_fd became readable (-1: none), -ETIMEDOUT or -EHOSTUNREACH when nothing gets through
 * any more, -EPIPE when a side died (the line says which, by which
 * signal or status), -EBADMSG when --verify found a wrong byte (the line says where), -EPROTO when
 * the two sides' byte counts differ. Sides stay alive, connections open, until runner__stop().
 */
int runner__go(struct runner *runner, int cancel_fd, struct run_result *result);

/* Ends both sides and waits for them; kills by pid what does not end in time. NULL is fine. */
void runner__stop(struct runner *runner);

#endif
