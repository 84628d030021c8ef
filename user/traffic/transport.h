/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A transport is a sender and a receiver of messages over a connected TCP socket. A message has
 * eight heap-allocated fields.
 *
 * Each sender is a file in senders/, each receiver one in receivers/: a constant table of
 * functions, which only transport.c knows by name. One thread uses it for one connection; it has no
 * global state.
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

/* The counts of a sending thread: results of calls, not requests. */
struct send_counts {
	uint64_t messages;
	uint64_t payload_bytes;	       /* summed return values of the send calls */
	uint64_t calls;		       /* send calls that returned, failures included */
	uint64_t copied_bytes;	       /* user_memcpy */
	uint64_t copies;	       /* memcpy calls */
	uint64_t completions_expected; /* zero-copy sends that must complete */
	uint64_t completions_received;
	uint64_t completions_copied; /* of those received, those with the COPIED flag */
	uint64_t enobufs_waits;	     /* times that a send waited for completions to free memory */
	uint64_t tcp_bytes;	     /* payload by TCP's count, retransmits included (TCP_INFO,
					tcpi_bytes_sent), after all of it was acknowledged */
};

/* The counts of a receiving thread. */
struct receive_counts {
	uint64_t payload_bytes; /* summed results of the calls */
	uint64_t messages;	/* whole messages */
	uint64_t calls;		/* calls that returned, end of file included */
};

/* Faults that tests inject. */
enum fault {
	FAULT_NONE,
	FAULT_EARLY_REUSE, /* rewrite a zero-copy buffer before its completion */
};

struct sender {
	int fd; /* connected TCP socket; owned by the runner */
	size_t message_bytes;
	uint64_t stream_seed; /* seed of this connection's pattern; used only with verify */
	bool verify;	      /* write a fresh pattern into every message */
	enum fault fault;
	struct send_counts counts;
	struct failure *failure; /* the reason when a function below fails; owned by the runner */
	void *state;		 /* the method's own */
};

struct send_method {
	const char *name;
	const char *summary; /* one line, for --help */
	const char *needs;   /* needs of the kernel, the device or the program; NULL: none */
	bool inside_ring;    /* sends by io_uring: no send is a system call of its own */
	/*
	 * Tries whether this kernel can send in this way; NULL: each kernel can. 0, or a negative
	 * errno with *failure set; -EOPNOTSUPP: it cannot.
	 */
	int (*check)(struct failure *failure);
	/* All return 0, or a negative errno with sender->failure set; -EOPNOTSUPP as from check. */
	int (*open)(struct sender *sender);   /* allocate; set socket options */
	int (*send)(struct sender *sender);   /* one whole message, also after partial sends */
	int (*drain)(struct sender *sender);  /* wait until no buffer is in use; may be NULL */
	void (*close)(struct sender *sender); /* free; also after a failed open */
	/* most bytes that open allocates; NULL: two messages */
	uint64_t (*memory)(size_t message_bytes);
};

struct receiver {
	int fd; /* connected TCP socket; owned by the runner */
	size_t message_bytes;
	uint64_t stream_seed;
	bool verify; /* check each byte */
	struct receive_counts counts;
	struct failure *failure;
	void *state; /* the method's own */
};

struct receive_method {
	const char *name;
	const char *summary;
	const char *needs;
	/* as in struct send_method */
	int (*check)(struct failure *failure);
	int (*open)(struct receiver *receiver);
	/*
	 * Waits for payload and takes what has arrived, `bytes` at most. Returns their number, 0 at
	 * the end of the stream, or a negative errno with receiver->failure set.
	 */
	ssize_t (*take)(struct receiver *receiver, size_t bytes);
	void (*close)(struct receiver *receiver);
	/* most bytes that open allocates */
	uint64_t (*memory)(size_t message_bytes);
};

struct transport {
	const char *name; /* "SENDER", or "SENDER+RECEIVER" if the receiver is not recv */
	const struct send_method *sender;
	const struct receive_method *receiver;
};

extern const struct send_method sender_two_copy, sender_eight_sends, sender_one_copy,
	sender_zero_copy, sender_writev, sender_sendfile, sender_sendfile_corked, sender_splice,
	sender_uring_send, sender_uring_zc;
extern const struct receive_method receiver_recv, receiver_mapped, receiver_splice, receiver_uring;

/* All methods, NULL at the end. The first receiver is the default. */
extern const struct send_method *const senders[];
extern const struct receive_method *const receivers[];

extern const struct transport two_copy, eight_sends, one_copy, zero_copy;

/*
 * The transports of "--transport all", in the order of tables; NULL at the end. The first
 * TRANSPORTS_DEFAULT are those of a run without the option.
 */
extern const struct transport *const transports[];
#define TRANSPORTS_DEFAULT 4

/*
 * Finds "SENDER" or "SENDER+RECEIVER"; NULL: there is none of that name. Static; the same pair is
 * the same pointer. Not for several threads.
 */
const struct transport *transport__find(const char *name);

/*
 * Tries whether this kernel can run the transport. 0, or a negative errno with *failure set;
 * -EOPNOTSUPP: it cannot.
 */
int transport__check(const struct transport *transport, struct failure *failure);

/*
 * The only place where a transport copies in user space: memcpy, counted. Never inlined, so that a
 * uprobe on its symbol (USER_COPY_SYMBOL) can prove the count; `bytes` is its third argument.
 */
void harness_user_copy(void *to, const void *from, size_t bytes);
#define USER_COPY_SYMBOL "harness_user_copy"

#endif
