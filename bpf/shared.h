/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What both sides of the harness know: the sites and the shape of what the kernel counts.
 *
 * Included by the BPF programs (after vmlinux.h) and by the user program (after linux/types.h), so
 * it uses sized kernel types only.
 */
#ifndef HARNESS_SHARED_H
#define HARNESS_SHARED_H

#include "bpf/sites.h"

#define SITE_ID(id, ...) SITE_##id,
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

/* Beside the sites, numbers that a ledger needs in order to be understood. */
enum extra {
	EXTRA_PIN_ATTEMPTED, /* __zerocopy_sg_from_iter: by how much skb->len grew; some of it may
				be unpinned again before the send returns */
	EXTRA_RETRANSMIT,  /* payload sent again (tcp_retransmit_skb); calls: in so many segments */
	EXTRA_LEFT,	   /* payload handed to the device of its route (net_dev_start_xmit) */
	EXTRA_LEFT_PINNED, /* of these, bytes still in pinned pages */
	EXTRA_LEFT_BELOW,  /* payload handed to a device below that one, or instead of it */
	EXTRA_LEFT_LINEAR, /* payload in the linear area, where no site counts it there */
	EXTRA_LEFT_HIDDEN, /* of transmit_copy, whole packets: their payload is encrypted */
	EXTRA_DROPPED,	   /* payload dropped between the socket and that device (kfree_skb) */
	EXTRA_DROPPED_LATE, /* pinned payload dropped after it */
	EXTRA_LOST,	    /* events not counted: a map was full or memory unreadable */
	EXTRA_COLLAPSED,   /* payload received from packets that tcp_collapse had copied together */
	EXTRA_TAKEN,	   /* what copied_seq moved by: payload that left the receive queue */
	EXTRA_PEEKED,	   /* copied to user memory and left in the queue (MSG_PEEK) */
	EXTRA_DISCARDED,   /* of TAKEN, without a copy: MSG_TRUNC, and the urgent byte */
	EXTRA_IN_FLIGHT,   /* sent by calls that began before counting did: in no other number */
	EXTRA_COMPLETIONS, /* calls: zero-copy sends completed */
	EXTRA_COPIED,	   /* calls: of these, with the COPIED flag */
	EXTRA_TLS,	   /* passed through sockets whose copies are made elsewhere: kTLS */
	EXTRA_SOCKMAP,	   /* BPF sockmaps */
	EXTRA_MPTCP,
	EXTRA_PROVED_COPY,   /* bpf/prove.bpf.c: payload that left in pages of the socket's own */
	EXTRA_PROVED_PIN,    /* in user pages */
	EXTRA_PROVED_SPLICE, /* in pages of files */
	EXTRA_PROVED_RECEIVE,
	EXTRA_PROVED_DEFERRED,
	EXTRA_IO_URING,	      /* calls: into io_uring, where only system calls are seen */
	EXTRA_UNCOVERED,      /* what write_seq moved by and no send explains; may be negative */
	EXTRA_UNCOMPARED,     /* calls: sockets that were being sent on when the count ended */
	EXTRA_UNSENT,	      /* given up by TCP before it sent them: the peer closed, or reset */
	EXTRA_SHARED,	      /* calls: sends on a socket that another process sent on last */
	EXTRA_MIXED,	      /* calls: of these, such that whose bytes are whose is unknown */
	EXTRA_ELSEWHERE_SENT, /* of TLS, SOCKMAP and MPTCP */
	EXTRA_ELSEWHERE_RECEIVED,
	EXTRA_COUNT
};

/*
 * The counters of one owner: a process, or a socket of one, named by a small number. Kept per CPU;
 * updates are atomic all the same, because a softirq may interrupt a system call between the load
 * and the store of a plain addition.
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

/* Bytes of skb_copy_ubufs by its caller and the device. User space names the caller. */
struct cause_key {
	__u64 caller; /* return address in the caller of skb_copy_ubufs; 0: unknown */
	__u64 above;  /* in the caller of that, where the first is not in the kernel's own text: it
			 may be a trampoline of other tracers; else 0 */
	__u32 owner;
	char device[16]; /* skb->dev->name at the copy */
	__u32 bank;	 /* of the tallies */
};

/*
 * Functions between skb_copy_ubufs and the one that decides what its copy is for: helpers that may
 * be inlined or not, and where the kernel has a function return to instead of its caller, for a
 * kretprobe or an fexit program.
 */
#define BETWEEN(X)                                                                                 \
	X("deliver_skb")                                                                           \
	X("skb_orphan_frags_rx")                                                                   \
	X("skb_orphan_frags")                                                                      \
	X("arch_rethook_trampoline")                                                               \
	X("__kretprobe_trampoline")                                                                \
	X("kretprobe_trampoline")                                                                  \
	X("return_to_handler")
#define BETWEEN_COUNT 7

#define GAPS_MAX 64 /* tasks that BPF is kept away from */

/* How a system call receives, and where its flags are. */
enum receives {
	RECEIVES_NOTHING,
	RECEIVES_PLAIN,	       /* read, readv */
	RECEIVES_FLAGS_THIRD,  /* recvmsg */
	RECEIVES_FLAGS_FOURTH, /* recvfrom */
	RECEIVES_MANY,	       /* recvmmsg */
	RECEIVES_MAP,	       /* getsockopt: TCP_ZEROCOPY_RECEIVE */
	RECEIVES_SPLICE,
	RECEIVES_INSIDE, /* io_uring */
};

/* Which processes are followed beside those that user space names. */
enum scope {
	SCOPE_TREE,   /* their children */
	SCOPE_ALL,    /* all */
	SCOPE_CGROUP, /* those in a control group and below */
};

/* Set in `owners` for a process in which no send had begun before counting did. */
#define OWNER_BORN (1u << 31)

enum row_kind {
	ROW_FREE,
	ROW_PROCESS,
	ROW_SOCKET,
};

/* The process or the socket that an owner number stands for. Row 0 is all that found no row free.
 */
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

#define NO_OWNER (~0u) /* in place of an owner: not followed */

/* Processes that share a socket send on it by turns: so many turns can be under way. */
#define HANDOVERS_MAX 4

/* A TCP socket that a followed process sends or receives on. */
struct connection {
	__u32 row;	  /* of the process that sent on it last, or its own; NO_OWNER: none did */
	__u32 reader;	  /* of the process that read from it last; NO_OWNER: none did */
	__u32 copied_seq; /* at the last read that was seen, or before the first */
	__u32 written;	  /* write_seq at first sight, and what was counted since */
	__u32 begun, ended; /* sends */
	__u32 final_seq;    /* write_seq when it was closed */
	__u32 unsent;	    /* bytes, likewise */
	__u8 read, sent;    /* copied_seq is known; written is */
	__u8 fin;	    /* write_seq counts one for the end of the stream */
	__u8 closed;
	__u32 hash;	 /* of the packets that left last (sk_txhash) */
	__u32 handovers; /* how many are remembered, the last one first */
	struct handover {
		__u32 seq; /* of the first byte after it */
		__u32 row; /* that sent before it */
	} handover[HANDOVERS_MAX];
};

/* As the packets that one end of it sends have them; IPv4 addresses take the first four bytes. */
struct flow {
	__u64 net;
	__u8 local[16], remote[16];
	__u32 local_port, remote_port;
};

/* Of a connection, when it was established, or when counting began. */
struct sequences {
	__u32 copied_seq, write_seq;
	__u32 whole; /* since it was established */
};

_Static_assert(sizeof(struct counter) == 16, "shared with BPF: no padding");
_Static_assert(sizeof(struct cause_key) == 40, "a hash key: no padding");
_Static_assert(sizeof(struct flow) == 48, "a hash key: no padding");
_Static_assert(sizeof(struct times) == 16 * SITE_COUNT, "shared with BPF: no padding");
_Static_assert(sizeof(struct connection) == 44 + 8 * HANDOVERS_MAX, "shared with BPF: no padding");
_Static_assert(sizeof(struct row) == 88, "shared with BPF: no padding");
_Static_assert(sizeof(struct tally) == 16 * (SITE_COUNT + EXTRA_COUNT) + 8 * (DOING_COUNT + 1),
	       "shared with BPF: no padding");

#endif
