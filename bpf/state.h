/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs share: the gate, the values that user space sets, and the maps. state.bpf.c
 * defines them; the other files declare them.
 */
#ifndef HARNESS_BPF_STATE_H
#define HARNESS_BPF_STATE_H

#include "bpf/program.h"
#include "bpf/shared.h"

#ifdef DEFINE_STATE
#define STATE
#define IS(value) = value
#else
#define STATE extern
#define IS(value)
#endif

/* The gate: nothing is counted while it is 0, so that set-up is in no number. */
STATE volatile __u32 armed IS(0);
/* When `armed` was set, on the clock of task_struct's start_time, in ns; all ones: not known. */
STATE volatile __u64 armed_at IS(0);
/*
 * Set by the first send that pins pages. Until then no packet refers to a followed process's pages.
 */
STATE volatile __u32 any_pinned IS(0);
/* Set when a thread first has bytes that are undecided. */
STATE volatile __u32 any_undecided IS(0);
/*
 * The bank of tallies that is added to. User space changes it, waits for a grace period, and reads
 * the other one.
 */
STATE volatile __u32 second_bank IS(0);

/* The harness's PID namespace: address of its struct pid_namespace, and level of nesting. */
STATE volatile __u64 pidns IS(0);
STATE volatile __u32 pidns_level IS(0);

/* 1: the kernel has BTF, so tracepoints' arguments are typed. */
STATE const volatile __u32 typed IS(0);
/* bpf_task_pt_regs can be called (5.15, with BTF). */
STATE const volatile __u32 has_task_pt_regs IS(0);
/*
 * If not: bytes from the start of a kernel stack to the end of a system call's registers; 0:
 * unknown.
 */
STATE volatile __u64 kernel_stack_bytes IS(0);
STATE const volatile __u32 scope IS(0);	    /* enum scope */
STATE const volatile __u32 by_socket IS(0); /* 1: one row for each socket, not process */
STATE const volatile __u32 rows_max IS(0);  /* rows of each bank of `tallies` */

/* Address ranges of kernel functions, [start, end). Set after load: reading symbols takes long. */
STATE volatile __u64 copy_ubufs_start IS(0), copy_ubufs_end IS(0);
STATE volatile __u64 taps_start IS(0), taps_end IS(0);		   /* dev_queue_xmit_nit */
STATE volatile __u64 timestamps_start IS(0), timestamps_end IS(0); /* __skb_tstamp_tx */
STATE volatile __u64 ring_at IS(0);				   /* tpacket_rcv */
STATE volatile __u64 text_start IS(0), text_end IS(0);		   /* the kernel's own functions */
STATE volatile __u64 adjust_start IS(0), adjust_end IS(0);	   /* tcp_rcv_space_adjust */
STATE volatile __u64 recvmsg_start IS(0), recvmsg_end IS(0);	   /* tcp_recvmsg_locked */
STATE volatile __u64 zcrx_start IS(0), zcrx_end IS(0);		   /* io_zcrx_recv */
STATE volatile __u64 reads_start[READS_COUNT] IS({}), reads_end[READS_COUNT] IS({});
STATE volatile __u64 between_start[BETWEEN_COUNT] IS({}), between_end[BETWEEN_COUNT] IS({});
/* Addresses of tcp_sendmsg and tcp_recvmsg; 0: the kernel hides its symbols. */
STATE volatile __u64 tcp_sendmsg_at IS(0), tcp_recvmsg_at IS(0);

/* From BTF: the position of an argument, or the number of arguments. */
STATE const volatile __u32 sg_from_iter_skb IS(0);
STATE const volatile __u32 iter_stream_args IS(0);
STATE const volatile __u32 splice_args IS(0);
STATE const volatile __u32 retransmit_args IS(0);
STATE const volatile __u32 sched_switch_args IS(0);
STATE const volatile __u32 zcrx_copy_args IS(0);

/* What start_xmit counts and notes; this depends on the programs that attached. */
STATE const volatile __u32 xmit_counts_linear IS(0), xmit_counts_taps IS(0),
	xmit_notes_pinned IS(0);
/* enum length_ends */
STATE const volatile __u32 length_ends_sends IS(0);
/* The address of the one list of packet taps for all namespaces, before 6.15; 0: there is none. */
STATE const volatile __u64 all_taps IS(0);
/* 1: copies between user memory and the messages of sockmaps (sk_msg) are counted. */
STATE const volatile __u32 counts_sk_msg IS(0);
/* 1: sends and receives on MPTCP sockets are counted at the sites. */
STATE const volatile __u32 counts_mptcp IS(0);
/* 1: a program sees the end and the flags of each receive. */
STATE const volatile __u32 sees_receive_ends IS(0);
/* 1: the copies of io_uring's zero-copy receive are counted. */
STATE const volatile __u32 counts_zcrx IS(0);
/* 1: copies into taps' rings are counted, so `flows` is needed. */
STATE const volatile __u32 counts_rings IS(0);

#define SYSCALLS 512
extern const volatile __u8 activity_of[SYSCALLS]; /* enum activity */
extern const volatile __u8 sends_by[SYSCALLS];	  /* enum sends */
extern const volatile __u8 receives_by[SYSCALLS]; /* enum receives */
/* The number on this machine of a 32-bit program's call, or -1. */
extern const volatile __s16 native_call[COMPAT_CALLS];

/* A thread of a followed process. */
struct thread {
	__u64 sending;	       /* the socket of the send it is in; 0: none, or its start not seen */
	__u64 pinned, spliced; /* bytes so far in this send (fentry) */
	__u64 growing;	       /* the packet that __zerocopy_sg_from_iter adds to (kprobe) */
	__u64 proving, room;   /* the iterator of a copy to user memory, and its count (prove) */
	__u64 reading;	       /* the socket of `copied` */
	__u64 copied;	       /* bytes, from the receive queue, not counted yet */
	__u64 collapsed, from_hardware, from_program; /* parts of `copied` */
	__u64 zcrx_copied; /* bytes that io_uring's zero-copy receive copied, not counted yet */
	__u64 msg_socket, msg_from, msg_room; /* of a copy from user memory, for a sockmap */
	__u64 msg_copied, msg_received;	      /* bytes of `msg_socket`, not counted yet */
	__u64 msg_receives;		      /* 1: in sk_msg_recvmsg, for a sockmap */
	__u64 undecided; /* bytes taken without a copy; the end of the call says why */
	__u64 nvcsw;	 /* the kernel's count at the last switch seen */
	__u32 owner;
	__u32 mode;	     /* enum site or MODE_IGNORED: where this send's bytes go */
	__u32 switched;	     /* nvcsw is set */
	__u32 no_early_send; /* 1: no send that is still to end began before counting did */
};

/* Followed processes: tgid to row number and NO_EARLY_SEND. */
STATE struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} owners SEC(".maps");

/* Threads of followed processes, by tid, made at their first event. */
STATE struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct thread);
} threads SEC(".maps");

/*
 * Sockets, by address of the struct sock. By it work in softirq is charged to the sending process.
 */
STATE struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct connection);
} connections SEC(".maps");

/* From a flow to its struct sock. A full map evicts the oldest. */
STATE struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, struct flow);
	__type(value, __u64);
} flows SEC(".maps");

/* The counters, by row number; the second bank starts at rows_max. User space sets its size. */
STATE struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tally);
} tallies SEC(".maps");

/* As `tallies`, banks included. */
STATE struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct times);
} times SEC(".maps");

/* Bytes of deferred copies and of taps' copies, by cause. */
STATE struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct cause_key);
	__type(value, struct counter);
} causes SEC(".maps");

/* By row number: what user space shows of each owner. It maps them to its memory. */
STATE struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct row);
} rows SEC(".maps");

/*
 * Numbers of free rows. A queue, not a counter: the rows of ended owners are used again, and an
 * atomic addition that returns a value needs 5.12.
 */
STATE struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, __u32);
} free_rows SEC(".maps");

/* The control group of SCOPE_CGROUP. */
STATE struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} cgroup SEC(".maps");

/*
 * By address of the struct sock: connections that were established while armed, or open when
 * counting began. A full map evicts the oldest.
 */
STATE struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct sequences);
} established SEC(".maps");

/*
 * From the ubuf_info of an io_uring zero-copy send to its socket. The ubuf_info is in a request of
 * the ring and has no pointer to the socket. Requests are used again, so the map is small.
 */
STATE struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u64);
} pinners SEC(".maps");

/* The row of the process that sent last on an MPTCP socket, by its address. */
STATE struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u32);
} mptcp_senders SEC(".maps");

/*
 * From the hash that a socket gives its packets (skb_set_hash_from_sk) to the socket. Clones,
 * segments and copies of a packet keep the hash, also after a router orphaned them.
 */
STATE struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} hashes SEC(".maps");

/*
 * Packets whose payload a device got in the linear area. Another device that gets the same packet
 * later (a lower one, or a router's) did not copy it.
 */
struct linear {
	__u64 device;
	__u32 seq; /* of the payload: a new packet may get the same address */
	__u32 zero;
};

STATE struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct linear);
} linears SEC(".maps");

/* A packet that is about to be copied, or may be. */
struct packet {
	__u64 skb;    /* 0: none */
	__u64 device; /* the net_device it is on */
	__u64 bytes;
	__u64 own, files;    /* of these, in the socket's own pages, and in pages of files */
	__u64 shared_socket; /* the socket, if more than one process sent on it; else 0 */
	__u32 owner;
	__u32 seq; /* of the payload, if shared_socket or in transmit_copies */
};

/* A fragment: a bio_vec before 6.9, a skb_frag since (21d2e6737c97); both have this layout. */
struct fragment {
	__u64 page;
	__u32 bytes;
	__u32 offset;
};

#define FRAGS_MAX 17 /* CONFIG_MAX_SKB_FRAGS may be more */

/* The fragments of a packet, and their number. */
struct fragments {
	__u32 count;
	struct fragment of[FRAGS_MAX];
};

/*
 * Return addresses in a walk of the stack. Between the program and skb_copy_ubufs are the functions
 * of its page allocation (three to five, more if memory is short) and the tracepoint's. Another
 * tracer's trampoline may be between skb_copy_ubufs and its caller.
 */
#define WALK_DEPTH 16
/* Words of the stack that are read without a walk; a power of two. */
#define STACK_WORDS 128

/* What one event on this CPU leaves for a later one. */
struct scratch {
	struct packet copying;	/* inside skb_copy_ubufs */
	__u64 caller, above;	/* of the copy (struct cause_key) */
	struct packet stamping; /* handed to the device, with a timestamp wanted */
	struct packet waiting;	/* received, perhaps to be copied */
	struct packet ring;	/* inside tpacket_rcv */
	__u64 ring_payload;	/* address of its payload */
	volatile __u64 context; /* address of the program's context, which is on the stack */
	__u64 walk[WALK_DEPTH]; /* of the stack: return addresses, the innermost first */
	__u32 remembered_count; /* entries of remembered[], an earlier walk (stack.h) */
	__u32 zero;
	struct {
		__u64 address;
		__u32 distance; /* in words, from the context up */
		__u32 zero;
	} remembered[WALK_DEPTH];
	__u64 words[STACK_WORDS];      /* of the stack, from the context up */
	__u64 reader_walk[WALK_DEPTH]; /* as `walk`, at a read */
	__u64 reader_depth;
	struct fragments fragments;
};

/*
 * The copies on the way out that a task is in; a softirq on top of it may start a second one. Kept
 * by task: a preempted task may continue on another CPU.
 */
struct transmit_copies {
	struct packet pull[2];	   /* inside __pskb_pull_tail */
	struct packet segments[2]; /* inside skb_segment; bytes: those that it copies itself */
};

STATE struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct transmit_copies);
} transmit_copies SEC(".maps");

STATE struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/* The number of events that could not be counted (lose()); one slot. */
STATE struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} lost SEC(".maps");

#endif
