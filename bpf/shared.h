/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What BPF programs and user space share: the sites, and the structs that the maps hold.
 *
 * BPF programs include it after vmlinux.h, user space after linux/types.h, so it uses only kernel
 * types of fixed size.
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
	DOING_WAIT, /* poll, select, epoll: a zero-copy sender waits so for completions */
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

/* Numbers that explain the sites' numbers. Each has bytes and calls; "calls:" has only calls. */
enum extra {
	EXTRA_PIN_ATTEMPTED, /* growth of skb->len in __zerocopy_sg_from_iter; a part may be
				unpinned before the send returns */
	EXTRA_RETRANSMIT,    /* payload sent again (tcp_retransmit_skb); its calls are segments */
	EXTRA_LEFT,	     /* payload handed to the device of its route (net_dev_start_xmit) */
	EXTRA_LEFT_PINNED,   /* of EXTRA_LEFT, bytes still in pinned pages */
	EXTRA_LEFT_BELOW,    /* payload handed to a device that is not its route's */
	EXTRA_LEFT_LINEAR,   /* payload in the linear area, if transmit_copy is not counted by it */
	EXTRA_LEFT_HIDDEN,   /* of transmit_copy, whole packets: their payload is hidden */
	EXTRA_DROPPED,	     /* payload dropped before it left, its socket still set (kfree_skb) */
	EXTRA_DROPPED_LATE,  /* pinned payload dropped after it left */
	EXTRA_LOST,	     /* events not counted: a map was full or memory unreadable */
	EXTRA_COLLAPSED,     /* payload received from packets that tcp_collapse made */
	EXTRA_TAKEN,	     /* payload that left the receive queue: what copied_seq moved by */
	EXTRA_PEEKED,	     /* copied to user memory and left in the queue (MSG_PEEK) */
	EXTRA_DISCARDED,     /* of EXTRA_TAKEN, without a copy: MSG_TRUNC, and the urgent byte */
	EXTRA_FLAG_IGNORED,  /* of send_copy: sent with MSG_ZEROCOPY, but without SO_ZEROCOPY */
	EXTRA_REPAIRED,	     /* written to the own receive queue (TCP_REPAIR); in no site */
	EXTRA_IN_FLIGHT,     /* sent by calls that began before counting did; in no other number */
	EXTRA_COMPLETIONS,   /* calls: zero-copy sends completed */
	EXTRA_COPIED,	     /* calls: of these sends, those with the COPIED flag */
	EXTRA_TLS,	     /* bytes of kTLS sockets, see not_covered() */
	EXTRA_SOCKMAP,	     /* bytes of sockets in BPF sockmaps */
	EXTRA_MPTCP,
	EXTRA_PROVED_COPY,   /* payload that left in the socket's own pages (bpf/prove.bpf.c) */
	EXTRA_PROVED_PIN,    /* payload that left in user pages */
	EXTRA_PROVED_SPLICE, /* payload that left in pages of files */
	EXTRA_PROVED_RECEIVE,
	EXTRA_PROVED_DEFERRED,
	EXTRA_IO_URING,	  /* calls: of io_uring, if only system calls are traced */
	EXTRA_ZCRX,	  /* of EXTRA_TAKEN, by io_uring without a copy to user memory: zcrx */
	EXTRA_UNCOVERED,  /* bytes that write_seq moved by and no send explains; may be negative */
	EXTRA_UNCOMPARED, /* calls: sockets with a send under way when counting ended */
	EXTRA_UNSENT,	  /* bytes that TCP discarded unsent: the peer closed, or reset */
	EXTRA_SHARED,	  /* calls: a socket's sender changed; counted for both processes */
	EXTRA_MIXED, /* calls: of these changes, those after which a byte's sender is unknown */
	EXTRA_ELSEWHERE_SENT, /* bytes of EXTRA_TLS, EXTRA_SOCKMAP and EXTRA_MPTCP */
	EXTRA_ELSEWHERE_RECEIVED,
	EXTRA_TUN_OUT,	      /* payload handed to a tun or tap device */
	EXTRA_TUN_IN,	      /* of EXTRA_TAKEN, bytes that came by a tun or tap device */
	EXTRA_DEFERRED_OWN,   /* of deferred_copy, bytes in the socket's own pages (plain sends) */
	EXTRA_DEFERRED_FILES, /* of deferred_copy, bytes in pages of files */
	EXTRA_DEFERRED_UNSORTED, /* calls: packets with more fragments than are looked at */
	EXTRA_COUNT
};

/*
 * The counters of one owner, a process or one of its sockets, by row number; one copy per CPU.
 * Updates are atomic all the same: a softirq may interrupt a plain addition between its load and
 * its store.
 */
struct tally {
	struct counter site[SITE_COUNT];
	struct counter extra[EXTRA_COUNT];
	__u64 voluntary[DOING_COUNT];
	__u64 involuntary;
};

/*
 * The numbers of a 32-bit program's system calls (native_call), and after them those of its socket
 * calls, which have one number, socketcall.
 */
#define COMPAT_SOCKETCALL  102
#define COMPAT_SOCKETCALLS 512
#define COMPAT_CALLS	   (COMPAT_SOCKETCALLS + 32)

/* Nanoseconds spent in copies, and the bytes that these copies copied. */
struct timing {
	__u64 ns;
	__u64 bytes;
};

/* The timings of one owner, if time is asked for. */
struct times {
	struct timing site[SITE_COUNT];
};

/* What a function is named for. */
enum cause_kind {
	CAUSE_COPIED,	 /* it needed skb_copy_ubufs */
	CAUSE_READ,	 /* it took what receive_read has */
	CAUSE_UNCOVERED, /* it took bytes that no site has */
};

/*
 * The key of bytes by function: the caller of skb_copy_ubufs, or a reader in the kernel; the
 * device, the owner. User space names the function.
 */
struct cause_key {
	__u64 caller; /* return address in the function; 0: unknown */
	__u64 above;  /* return address one function up if `caller` is outside the kernel's text: a
			 module or another tracer's trampoline; else 0 */
	__u32 owner;
	char device[16]; /* skb->dev->name at the copy; "": a reader */
	__u32 bank;	 /* of the tallies */
	__u32 kind;	 /* enum cause_kind */
	__u32 zero;
};

/*
 * Functions that may lie between skb_copy_ubufs and the function that needs the copy: helpers that
 * the compiler may inline, and the code that a function returns to instead of its caller, for a
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

/*
 * Functions between tcp_rcv_space_adjust and the function that took the bytes. io_zcrx_tcp_recvmsg
 * is usually inlined in io_zcrx_recv.
 */
#define READS(X)                                                                                   \
	X("tcp_read_sock")                                                                         \
	X("__tcp_read_sock")                                                                       \
	X("tcp_read_sock_noack")                                                                   \
	X("tcp_read_done")                                                                         \
	X("tcp_eat_skb")                                                                           \
	X("io_zcrx_tcp_recvmsg")
#define READS_COUNT 6

#define GAPS_MAX 64 /* tasks in which the kernel runs no BPF program */

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

/* Which sends the tracepoint sock_send_length ends. */
enum length_ends {
	LENGTH_ENDS_NONE,   /* fexit or the system call ends them */
	LENGTH_ENDS_UNSEEN, /* those whose start was not seen: a kretprobe ends the others */
	LENGTH_ENDS_ALL,
};

/* Which processes are followed besides those that user space names. */
enum scope {
	SCOPE_TREE,   /* their children */
	SCOPE_ALL,    /* all */
	SCOPE_CGROUP, /* those in a control group and below */
};

/* A flag in `owners`: no send of the process began before counting did (EXTRA_IN_FLIGHT). */
#define NO_EARLY_SEND (1u << 31)

enum row_kind {
	ROW_FREE,
	ROW_PROCESS,
	ROW_SOCKET,
};

/* The process or the socket of a row number. Row 0 is for all that found no free row. */
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

/* Changes of a socket's sending process that are remembered. */
#define HANDOVERS_MAX 4

/* A TCP socket that a followed process sends or receives on. */
struct connection {
	__u32 row;    /* of the process that sent last, or the socket's own; NO_OWNER: none sent */
	__u32 reader; /* of the process that read last; NO_OWNER: none read */
	__u32 copied_seq;		/* at the last read seen, or before the first */
	__u32 expected_seq;		/* write_seq at first sight, plus the bytes counted since */
	__u32 sends_begun, sends_ended; /* those whose start was seen */
	__u32 final_seq;		/* write_seq when it was closed */
	__u32 unsent;			/* bytes not sent when it was closed */
	__u32 repaired; /* end of what TCP_REPAIR wrote to the receive queue; 0: nothing */
	__u8 copied_seq_known, expected_seq_known;
	__u8 fin_sent; /* write_seq includes one for the FIN */
	__u8 closed;
	__u32 hash;	 /* of the packets that left last (sk_txhash) */
	__u32 handovers; /* entries of handover[], newest first */
	__u64 stranger;	 /* address in the sockmap's function that took bytes last; 0: none */
	struct handover {
		__u32 seq; /* of the new sender's first byte */
		__u32 row; /* of the sender before */
	} handover[HANDOVERS_MAX];
};

/*
 * A connection as in the packets that one end sends. IPv4 addresses take the first four bytes;
 * ports are in host byte order.
 */
struct flow {
	__u64 net;
	__u8 local[16], remote[16];
	__u32 local_port, remote_port;
};

/* Sequence numbers of a connection when it was established, or when counting began. */
struct sequences {
	__u32 copied_seq, write_seq;
	__u32 from_start; /* 1: from when it was established */
};

_Static_assert(sizeof(struct counter) == 16, "shared with BPF: no padding");
_Static_assert(sizeof(struct cause_key) == 48, "a hash key: no padding");
_Static_assert(sizeof(struct flow) == 48, "a hash key: no padding");
_Static_assert(sizeof(struct times) == 16 * SITE_COUNT, "shared with BPF: no padding");
_Static_assert(sizeof(struct connection) == 56 + 8 * HANDOVERS_MAX, "shared with BPF: no padding");
_Static_assert(sizeof(struct row) == 88, "shared with BPF: no padding");
_Static_assert(sizeof(struct tally) == 16 * (SITE_COUNT + EXTRA_COUNT) + 8 * (DOING_COUNT + 1),
	       "shared with BPF: no padding");

#endif
