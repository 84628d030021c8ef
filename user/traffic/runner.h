/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The runner: one run of one transport between two processes. It knows transports, and nothing of
 * BPF.
 *
 * The sender (server) and the receiver (client) are child processes of N threads, with one TCP
 * connection per thread. Between start and go all connections are open and no payload flows: then
 * the caller arms its measurement.
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
/* Seconds without an acknowledgement of sent data, after which a connection is lost. */
#define SILENCE_SECONDS 10

enum run_mode {
	RUN_STREAM, /* the sender sends as fast as it can */
	RUN_RR,	    /* one message per request of the receiver, of REQUEST_BYTES */
	RUN_MODES
};

/* "stream", "rr" */
extern const char *const run_mode_names[RUN_MODES];

struct run_spec {
	const struct transport *transport;
	enum run_mode mode;
	size_t message_bytes;
	unsigned int threads;
	double seconds;	    /* > 0, or 0: the run ends by messages */
	uint64_t messages;  /* of all threads together; 0: the run ends by seconds */
	unsigned int cores; /* CPUs that either side may run on; 0: unknown */
	bool pinned;
	int cpu[SIDE_COUNT]; /* the CPU of all threads of a side, if pinned */
	bool counters;	     /* read counters of the CPU and the scheduler */
	bool verify;	     /* the receiver checks each byte */
	bool timestamps; /* the sending sockets ask for software transmit timestamps, with data */
	enum fault fault;
	struct in_addr address;	      /* the sender listens on it; INADDR_LOOPBACK on lo */
	uint16_t port;		      /* host order; 0: any free port */
	int namespace_fd[SIDE_COUNT]; /* each side's network namespace; -1: the caller's */
};

/* Requests of RUN_RR: sent by the receiver, received by the sender; results of calls. */
struct request_counts {
	uint64_t requests;
	uint64_t bytes;
};

/* Nanoseconds from a request until all of its message is received. */
struct latency {
	uint64_t count; /* 0: no requests, and the rest is not valid */
	double mean;
	uint64_t p50, p90, p99, p999; /* rounded up, by 1/128 at most */
	uint64_t max;
};

/* What the two sides counted. */
struct run_result {
	uint64_t started_unix_us;   /* start of the traffic, by the system's clock */
	double seconds;		    /* from go until the receiver's last byte */
	struct send_counts sent;    /* summed over threads */
	uint64_t received_bytes;    /* summed return values of recv() */
	uint64_t received_messages; /* whole messages */
	uint64_t receive_calls;	    /* recv() calls that returned, end of file included */
	uint64_t strangers;	    /* connections to the sender's port that were dropped */
	struct request_counts requests[SIDE_COUNT]; /* as each side counted them */
	/* TCP's count of what the sender wrote and the receiver read */
	struct tcp_count tcp[SIDE_COUNT];
	struct latency latency;
	double cpu_seconds[SIDE_COUNT]; /* user + system, all threads, from go to the end */
	/* context switches over that time, as /proc has them */
	struct task_switches switches[SIDE_COUNT];
	bool counted; /* counters were read */
	struct readings counters[SIDE_COUNT];
};

struct runner;

/*
 * Forks both sides and returns when each connection is open. 0, or a negative errno with one line
 * on stderr (-EADDRINUSE: the port is taken); then *runner is NULL and nothing is left behind.
 */
int runner__start(const struct run_spec *spec, struct runner **runner);

pid_t runner__pid(const struct runner *runner, enum side side);

/*
 * Lets the traffic run and waits for both sides. 0, or a negative errno with one line on stderr.
 * -ECANCELED: cancel_fd became readable (-1: none). -ETIMEDOUT or -EHOSTUNREACH: nothing gets
 * through. -EPIPE: a side died (the line has its signal or status). -EBADMSG: --verify found a
 * wrong byte (the line has its place). -EPROTO: the sides' byte counts differ. Sides run and
 * connections stay open until runner__stop().
 */
int runner__go(struct runner *runner, int cancel_fd, struct run_result *result);

/*
 * Ends both sides and waits for them; kills by pid a side that does not end in time. NULL is fine.
 */
void runner__stop(struct runner *runner);

#endif
