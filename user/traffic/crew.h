/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One side of a run: a process with a worker thread for each connection.
 *
 * What both sides do alike is here. The rest is a table of functions for each side, its role.
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
	 * Connections are numbered in the order of the receivers' ports, so that both sides give
	 * one the same number and pattern without a message about it.
	 */
	unsigned int index;
	uint16_t port;
	int fd;
	pthread_t thread;
	uint64_t end_ns; /* when its work was done */
	struct failure failure;
	struct sender sender;	   /* the sending side's */
	struct receiver receiver;  /* the receiving side's */
	struct histogram *latency; /* with RUN_RR the receiving side's, in nanoseconds */
	struct request_counts requests;
	uint64_t tcp_before; /* TCP's own count before anything flows; valid if tcp_error is 0 */
	int tcp_error;
	struct tcp_count tcp; /* since then, once the stream has ended */
};

/*
 * Whether a worker that has sent or received so many messages is to stop: the time is over and
 * there is at least one, or its share is done.
 */
bool worker__is_done(const struct worker *worker, uint64_t messages);

/* All return 0, or a negative errno with the crew's or the worker's failure set. */
struct role {
	enum side side;
	const char *process_name;	      /* as ps shows it; the kernel keeps 15 characters */
	int (*connect)(struct crew *crew);    /* fd and port of each worker */
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
	uint16_t port;	  /* where the sender listens */
	int finished_fd;  /* eventfd: a worker adds 1 when it is finished */
	atomic_bool stop; /* the time is over: no more messages */
	struct worker *workers;
	uint64_t strangers; /* connections to the sender that were not of the run */
	struct counters counters;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	unsigned int parked; /* workers that wait to go */
	bool go;
	struct failure failure;
};

/*
 * The whole life of a side, in a process that was just forked for it. Of its parent's descriptors
 * it keeps the control socket and the standard streams, and it ends when that socket does.
 */
_Noreturn void crew__main(const struct run_spec *spec, const struct role *role, uint16_t port,
			  int control, pid_t parent);

#endif
