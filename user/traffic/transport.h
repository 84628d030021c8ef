/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A transport sends a message of eight heap-allocated fields over a connected TCP
 * socket.
 *
 * Each lives in a file of its own under transports/ and is a constant table of functions; nothing
 * but the table in transport.c knows its name. A transport is used by one thread for one
 * connection, and keeps no global state.
 */
#ifndef HARNESS_TRANSPORT_H
#define HARNESS_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

#define FIELDS		  8
#define MESSAGE_BYTES_MIN FIELDS
#define MESSAGE_BYTES_MAX (16u << 20)

/* What a sending thread did, by its own count: results of calls, not requests. */
struct send_counts {
	uint64_t messages;
	uint64_t payload_bytes;	       /* summed return values of the send calls */
	uint64_t calls;		       /* send calls that returned, failures included */
	uint64_t copied_bytes;	       /* user_memcpy */
	uint64_t copies;	       /* memcpy calls */
	uint64_t completions_expected; /* zero-copy sends whose completion is due */
	uint64_t completions_received;
	uint64_t completions_copied; /* of those received, how many have the COPIED flag */
	uint64_t enobufs_waits;	     /* times a send had to wait for completions to free memory */
	uint64_t tcp_bytes;	     /* payload as TCP counts it, retransmits included (TCP_INFO,
					tcpi_bytes_sent), once all of it was acknowledged */
};

/* Faults that tests inject on purpose. */
enum fault {
	FAULT_NONE,
	FAULT_EARLY_REUSE, /* rewrite a zero-copy buffer before its completion */
};

struct sender {
	int fd; /* connected TCP socket; owned by the runner */
	size_t message_bytes;
	uint64_t stream_seed; /* pattern of this connection; used only with verify */
	bool verify;	      /* write a fresh pattern into every message */
	enum fault fault;
	struct send_counts counts;
	struct failure *failure; /* says why, when a function below fails; owned by the runner */
	void *state;		 /* the transport's own */
};

struct transport {
	const char *name;
	const char *summary; /* one line, for --help */
	/* All return 0 or a negative errno. */
	int (*open)(struct sender *sender);  /* allocate; set socket options */
	int (*send)(struct sender *sender);  /* one whole message, partial sends continued */
	int (*drain)(struct sender *sender); /* wait until the kernel refers to none of our buffers;
						may be NULL */
	void (*close)(struct sender *sender); /* free; fine after a failed open */
	/* bytes that open allocates, at most; NULL: two messages */
	uint64_t (*memory)(size_t message_bytes);
};

extern const struct transport two_copy, eight_sends, one_copy, zero_copy;

/* Every transport, in the order of the table; NULL at the end. */
extern const struct transport *const transports[];

/* NULL if there is none of that name. */
const struct transport *transport__find(const char *name);

/*
 * The one place where a transport copies in user space: memcpy, counted. Never inlined, so that a
 * uprobe on its symbol (USER_COPY_SYMBOL) can prove the count; bytes is its third argument.
 */
void harness_user_copy(void *to, const void *from, size_t bytes);
#define USER_COPY_SYMBOL "harness_user_copy"

#endif
