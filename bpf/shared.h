/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What both sides of the harness know: the sites and the shape of what the kernel counts.
 *
 * Included by the BPF programs (after vmlinux.h) and by the user program (after linux/types.h), so
 * it uses sized kernel types only. A new site is one row here and one handler.
 */
#ifndef HARNESS_SHARED_H
#define HARNESS_SHARED_H

/*
 * X(id, name, is it a CPU copy counted in copies per byte?, which side's bytes, meaning)
 *
 * The order is the order of the table's columns and of the JSON keys.
 */
#define SITES(X)                                                                                   \
	X(USER_MEMCPY, "user_memcpy", 1, SENDER, "bytes the program itself copied")                \
	X(SEND_COPY, "send_copy", 1, SENDER, "user memory to socket buffers, in tcp_sendmsg")      \
	X(SEND_PIN, "send_pin", 0, SENDER, "user pages referenced instead of copied")              \
	X(SEND_SPLICE, "send_splice", 0, SENDER, "page-cache pages referenced (sendfile, splice)") \
	X(DEFERRED_COPY, "deferred_copy", 1, SENDER, "referenced pages copied after all")          \
	X(TRANSMIT_COPY, "transmit_copy", 1, SENDER, "payload copied on the way to the device")    \
	X(TAP_COPY, "tap_copy", 0, SENDER, "a packet tap's own copy, not in copies per byte")      \
	X(RECEIVE_COPY, "receive_copy", 1, RECEIVER, "socket buffers to user memory")              \
	X(RECEIVE_MAP, "receive_map", 0, RECEIVER, "pages mapped into the receiver instead")       \
	X(RECEIVE_SPLICE, "receive_splice", 0, RECEIVER, "pages spliced out of the socket")        \
	X(DMA_OUT, "dma_out", 0, SENDER, "payload handed to a device with hardware behind it")     \
	X(DMA_IN, "dma_in", 0, RECEIVER, "payload taken from a device with hardware behind it")

#define SITE_ID(id, name, cpu_copy, side, meaning) SITE_##id,
enum site {
	SITES(SITE_ID) SITE_COUNT
};
#undef SITE_ID

/* What a thread was doing when it gave up the CPU, from the system call it was in. */
enum activity {
	DOING_ELSEWHERE,
	DOING_SEND,
	DOING_RECEIVE,
	DOING_WAIT, /* poll and its kin: how a zero-copy sender waits for completions */
	DOING_COUNT
};

/* How a system call sends, and where its flags are. */
enum sends {
	SENDS_NOTHING,
	SENDS_PLAIN,	    /* write, writev */
	SENDS_FLAGS_THIRD,  /* sendmsg */
	SENDS_FLAGS_FOURTH, /* sendto */
	SENDS_MANY,	    /* sendmmsg: returns messages, not bytes */
	SENDS_FILE,
	SENDS_SPLICE,
};

struct counter {
	__u64 bytes;
	__u64 calls;
};

/* Beside the sites, things a ledger needs in order to be understood. */
enum extra {
	EXTRA_PIN_ATTEMPTED, /* __zerocopy_sg_from_iter: pinned, perhaps rolled back (skb->len
				grown) */
	EXTRA_RETRANSMIT,    /* payload sent again (tcp_retransmit_skb), and segments */
	EXTRA_LEFT, /* payload handed to its route's device, sent again or not (start_xmit) */
	EXTRA_LEFT_PINNED,  /* of these, how much still lay in pinned pages */
	EXTRA_LEFT_BELOW,   /* payload handed to a device below that one, or instead of it; of these
				three only the bytes are counted */
	EXTRA_LEFT_LINEAR,  /* payload in the linear area, where no site counts it there */
	EXTRA_DROPPED,	    /* payload dropped between the socket and that device (kfree_skb) */
	EXTRA_DROPPED_LATE, /* pinned payload dropped after it */
	EXTRA_LOST,	    /* events not booked because a map was full or memory unreadable */
	EXTRA_LENT_SENDS,   /* calls: sends that lent, by the sockets' own count (bpf/queue.h) */
	EXTRA_COLLAPSED, /* payload received from packets that tcp_collapse had copied together */
	/* counted only for programs that are not ours (bpf/watch.h) */
	EXTRA_SENT,	   /* what the kernel returned from sends on TCP sockets */
	EXTRA_RECEIVED,	   /* what the kernel returned from receives on TCP sockets */
	EXTRA_PEEKED,	   /* of these, with MSG_PEEK: to be received again */
	EXTRA_DISCARDED,   /* taken from the queue with MSG_TRUNC: no copy, and not in RECEIVED */
	EXTRA_IN_FLIGHT,   /* returned by calls that had begun before the count did */
	EXTRA_COMPLETIONS, /* calls: zero-copy sends completed */
	EXTRA_COPIED,	   /* calls: of these, whose completion carries the COPIED flag */
	EXTRA_TLS,	   /* passed through sockets whose copies are made elsewhere: kTLS */
	EXTRA_SOCKMAP,	   /* BPF sockmaps */
	EXTRA_MPTCP,
	EXTRA_IO_URING, /* calls: into io_uring, which not every way of attaching sees into */
	EXTRA_COUNT
};

/*
 * One owner's counters. An owner is a process the tracer follows, named by a small number. Kept per
 * CPU; updates are atomic all the same, because softirq may interrupt a system call between the
 * load and the store of a plain addition.
 */
struct tally {
	struct counter site[SITE_COUNT];
	struct counter extra[EXTRA_COUNT];
	__u64 voluntary[DOING_COUNT];
	__u64 involuntary;
};

/* Nanoseconds spent in copies, and the bytes copied in them. */
struct timing {
	__u64 ns;
	__u64 bytes;
};

/* One owner's, where time is asked for. */
struct times {
	struct timing site[SITE_COUNT];
};

/* Bytes of skb_copy_ubufs by who called it and for which device. User space names the caller. */
struct cause_key {
	__u64 caller; /* return address in the caller of skb_copy_ubufs; 0: not on the stack */
	__u32 owner;
	char device[16]; /* skb->dev->name at the copy */
	__u32 bank;	 /* of the tallies, where there are two */
};

/* A cause, and what has come of it lately. */
struct recent_cause {
	struct cause_key key;
	__u64 device; /* the net_device whose name is in the key */
	struct counter counter;
};

/*
 * What a run counts on one CPU, at the head of what its programs look up anyway. Its owners are
 * few, and their tallies so far apart that one is found without a multiplication.
 */
#define RUN_OWNERS 2
struct run {
	union {
		struct tally tally;
		__u64 room[128];
	} owner[RUN_OWNERS];
	struct recent_cause cause;
};

#define OWNERS_MAX 4096 /* followed processes, of programs that are not ours */
#define GAPS_MAX   64	/* tasks that BPF is kept away from */

/* How a system call receives, and where its flags are. */
enum receives {
	RECEIVES_NOTHING,
	RECEIVES_PLAIN,	       /* read, readv */
	RECEIVES_FLAGS_THIRD,  /* recvmsg */
	RECEIVES_FLAGS_FOURTH, /* recvfrom */
	RECEIVES_MANY,	       /* recvmmsg */
	RECEIVES_MAP,	       /* getsockopt: TCP_ZEROCOPY_RECEIVE */
	RECEIVES_SPLICE,
	RECEIVES_INSIDE, /* io_uring_enter: begins receives whose end another hook sees */
};

/* Whom the tracer adopts by itself. */
enum scope {
	SCOPE_NONE,   /* only whom user space names: the harness's own transports */
	SCOPE_TREE,   /* also their children */
	SCOPE_ALL,    /* everybody */
	SCOPE_CGROUP, /* everybody in a control group and below */
};

/* Set in `owners` for a process that was born under watch: none of its calls had begun before. */
#define OWNER_BORN (1u << 31)

enum row_kind {
	ROW_FREE,
	ROW_PROCESS,
	ROW_SOCKET,
};

/* Who an owner is, when the kernel hands out the numbers. Row 0 is whoever found no row free. */
struct row {
	__u32 kind;    /* enum row_kind */
	__u32 process; /* tgid */
	__u32 ended;
	__u32 family;
	__u16 local_port, remote_port;
	__u32 zero;
	__u8 local[16], remote[16];
	char command[16];
	char device[16];
};

_Static_assert(sizeof(struct counter) == 16, "shared with BPF: no padding");
_Static_assert(sizeof(struct cause_key) == 32, "a hash key: no padding");
_Static_assert(sizeof(struct recent_cause) == 56, "shared with BPF: no padding");
_Static_assert(sizeof(struct times) == 16 * SITE_COUNT, "shared with BPF: no padding");
_Static_assert(sizeof(struct row) == 88, "shared with BPF: no padding");
_Static_assert(sizeof(struct tally) == 16 * (SITE_COUNT + EXTRA_COUNT) + 8 * (DOING_COUNT + 1),
	       "shared with BPF: no padding");
_Static_assert(sizeof(struct run) == 1024 * RUN_OWNERS + 56, "an owner's is a power of two");

#endif
