/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A transport is a sender and a receiver of messages over a connected TCP socket. A message has
 * eight heap-allocated fields.
 *
 * Each sender is a file under senders/, each receiver one under receivers/: a constant table of
 * functions, which only transport.c knows by name. One thread uses it for one connection; it keeps
 * no global state.
 */
#ifndef HARNESS_TRANSPORT_H
#define HARNESS_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

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

/* What a receiving thread did, by its own count. */
struct receive_counts {
	uint64_t payload_bytes; /* summed results of the calls */
	uint64_t messages;	/* whole messages */
	uint64_t calls;		/* calls that returned, end of file included */
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

struct send_method {
	const char *name;
	const char *summary; /* one line, for --help */
	const char *needs;   /* of the kernel, the device and the program; NULL: nothing */
	/* All return 0, or a negative errno with sender->failure set; -EOPNOTSUPP from open: this
	 * kernel cannot send so. */
	int (*open)(struct sender *sender);  /* allocate; set socket options */
	int (*send)(struct sender *sender);  /* one whole message, partial sends continued */
	int (*drain)(struct sender *sender); /* wait until the kernel refers to none of our buffers;
						may be NULL */
	void (*close)(struct sender *sender); /* free; fine after a failed open */
	/* bytes that open allocates, at most; NULL: two messages */
	uint64_t (*memory)(size_t message_bytes);
};

struct receiver {
	int fd; /* connected TCP socket; owned by the runner */
	size_t message_bytes;
	uint64_t stream_seed;
	bool verify; /* look at every byte */
	struct receive_counts counts;
	struct failure *failure;
	void *state; /* the method's own */
};

struct receive_method {
	const char *name;
	const char *summary;
	const char *needs;
	int (*open)(struct receiver *receiver); /* as of a send_method */
	/*
	 * Waits for payload and takes what is there, `bytes` at most. Returns how many, 0 at the
	 * end of the stream, or a negative errno with receiver->failure set.
	 */
	ssize_t (*take)(struct receiver *receiver, size_t bytes);
	void (*close)(struct receiver *receiver);
	/* bytes that open allocates, at most */
	uint64_t (*memory)(size_t message_bytes);
};

struct transport {
	const char *name; /* SENDER, or SENDER+RECEIVER where the receiver is not recv */
	const struct send_method *sender;
	const struct receive_method *receiver;
};

extern const struct send_method sender_two_copy, sender_eight_sends, sender_one_copy,
	sender_zero_copy, sender_writev, sender_sendfile, sender_sendfile_corked, sender_splice;
extern const struct receive_method receiver_recv, receiver_mapped, receiver_splice;

/* All of them; NULL at the end. The first receiver is the default. */
extern const struct send_method *const senders[];
extern const struct receive_method *const receivers[];

extern const struct transport two_copy, eight_sends, one_copy, zero_copy;

/* The transports of "--transport all", in the order of tables; the first TRANSPORTS_DEFAULT are
 * those of a run without the option. NULL at the end. */
extern const struct transport *const transports[];
#define TRANSPORTS_DEFAULT 4

/* SENDER or SENDER+RECEIVER; NULL if there is none of that name. Valid for the life of the program;
 * the same pair is the same pointer. Not for several threads. */
const struct transport *transport__find(const char *name);

/*
 * The one place where a transport copies in user space: memcpy, counted. Never inlined, so that a
 * uprobe on its symbol (USER_COPY_SYMBOL) can prove the count; bytes is its third argument.
 */
void harness_user_copy(void *to, const void *from, size_t bytes);
#define USER_COPY_SYMBOL "harness_user_copy"

#endif
