/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One side of a run: a process with a worker thread for each connection.
 *
 * Here is what both sides have in common. A role, a table of functions, has the rest.
 */
#ifndef HARNESS_CREW_H
#define HARNESS_CREW_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "traffic/control.h"
#include "base/failure.h"
#include "base/histogram.h"
#include "traffic/runner.h"
#include "base/side.h"
#include "traffic/tcp_count.h"
#include "traffic/transport.h"

struct worker {
	struct crew *crew;
	/*
	 * Connections are numbered by the receiver's port, so that both sides give one the same
	 * number and pattern without a message.
	 */
	unsigned int index;
	uint16_t port;
	int fd;
	pthread_t thread;
	uint64_t end_ns; /* when its work was done */
	struct failure failure;
	struct sender sender;	   /* used by the sending side */
	struct receiver receiver;  /* used by the receiving side */
	struct histogram *latency; /* used by the receiving side with RUN_RR, in nanoseconds */
	struct request_counts requests;
	uint64_t tcp_before; /* TCP's count before any payload; valid if tcp_error is 0 */
	int tcp_error;
	struct tcp_count tcp; /* TCP's count since, after the stream's end */
};

/*
 * Whether a worker that sent or received `messages` messages is to stop: its time is over and it
 * has at least one, or its share is done.
 */
bool worker__is_done(const struct worker *worker, uint64_t messages);

/* All return 0, or a negative errno with the failure of the crew or worker set. */
struct role {
	enum side side;
	const char *process_name;	      /* as ps shows it; the kernel keeps 15 characters */
	int (*connect)(struct crew *crew);    /* sets fd and port of each worker */
	int (*open)(struct worker *worker);   /* allocate */
	int (*work)(struct worker *worker);   /* in the worker's own thread */
	void (*close)(struct worker *worker); /* free */
};

extern const struct role sender_role, receiver_role;

struct crew {
	const struct run_spec *spec;
	const struct role *role;
	int control;
	pid_t parent;
	uint16_t port;	  /* the sender's port */
	int finished_fd;  /* eventfd: each worker adds 1 when it finishes */
	atomic_bool stop; /* the time is over: no more messages */
	struct worker *workers;
	uint64_t strangers; /* connections to the sender that did not belong to the run */
	struct counters counters;

	pthread_mutex_t lock; /* for all below */
	pthread_cond_t changed;
	unsigned int parked; /* workers that wait for GO */
	bool go;
	struct failure failure;
};

/*
 * Runs a side in a process that was just forked for it. It keeps only the control socket and the
 * standard streams of its parent's descriptors, and ends when that socket closes.
 */
_Noreturn void crew__main(const struct run_spec *spec, const struct role *role, uint16_t port,
			  int control, pid_t parent);

#endif
