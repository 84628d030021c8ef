/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs share: the gate, the constants that user space sets before load, and the maps.
 * state.bpf.c defines what is only declared elsewhere.
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

/* Nothing counts while this is 0, so that set-up never pollutes a number. */
STATE volatile __u32 armed IS(0);
/* When it was set, on the clock of start_time; all ones: not known. */
STATE volatile __u64 armed_at IS(0);
/* Set by the first send that pins pages: until then no packet can refer to a followed process's. */
STATE volatile __u32 pinned IS(0);
/* Which bank of the tallies is added to. User space turns it, waits for a grace period, and reads
 * the other. */
STATE volatile __u32 second_bank IS(0);

/* The PID namespace that user space numbers processes in, a struct pid_namespace, and how deep it
 * is nested. */
STATE volatile __u64 own_namespace IS(0);
STATE volatile __u32 own_level IS(0);

/* The kernel has BTF: arguments of tracepoints are typed. */
STATE const volatile __u32 typed IS(0);
/* bpf_task_pt_regs can be called (5.15, with BTF). */
STATE const volatile __u32 has_task_pt_regs IS(0);
/* Else: bytes from the start of a kernel stack to the end of the registers of a system call; 0:
 * unknown. */
STATE volatile __u64 kernel_stack_bytes IS(0);
STATE const volatile __u32 scope IS(0);	    /* enum scope */
STATE const volatile __u32 by_socket IS(0); /* a row a socket, not a process */
STATE const volatile __u32 rows_max IS(0);  /* `tallies` has two banks of so many */

/* Address ranges of kernel functions, [start, end). Set after load: reading symbols takes long. */
STATE volatile __u64 copy_ubufs_start IS(0), copy_ubufs_end IS(0);
STATE volatile __u64 taps_start IS(0), taps_end IS(0);		   /* dev_queue_xmit_nit */
STATE volatile __u64 timestamps_start IS(0), timestamps_end IS(0); /* __skb_tstamp_tx */
STATE volatile __u64 ring_at IS(0);				   /* tpacket_rcv */
STATE volatile __u64 text_start IS(0), text_end IS(0);		   /* the kernel's own functions */
STATE volatile __u64 between_start[BETWEEN_COUNT] IS({}), between_end[BETWEEN_COUNT] IS({});
/* tcp_sendmsg and tcp_recvmsg; 0 when the kernel hides its symbols. */
STATE volatile __u64 tcp_sendmsg_at IS(0), tcp_recvmsg_at IS(0);

/* Where this kernel puts an argument, from BTF: its position, or how many there are. */
STATE const volatile __u32 sg_from_iter_skb IS(0);
STATE const volatile __u32 iter_stream_args IS(0);
STATE const volatile __u32 splice_args IS(0);
STATE const volatile __u32 retransmit_args IS(0);
STATE const volatile __u32 sched_switch_args IS(0);

/* net_dev_start_xmit is read for several numbers; which ones depends on what else attached. */
STATE const volatile __u32 xmit_counts_linear IS(0), xmit_counts_taps IS(0),
	xmit_notes_pinned IS(0);
/* sock_send_length ends sends; the system call ends sends. */
STATE const volatile __u32 length_ends_sends IS(0);
/* Before 6.15 one list of packet taps serves all namespaces; its address, 0 if there is none. */
STATE const volatile __u64 all_taps IS(0);
/* Packets of taps' rings are found by their flow. */
STATE const volatile __u32 counts_rings IS(0);

#define SYSCALLS 512
extern const volatile __u8 activity_of[SYSCALLS]; /* enum activity */
extern const volatile __u8 sends_by[SYSCALLS];	  /* enum sends */
extern const volatile __u8 receives_by[SYSCALLS]; /* enum receives */

/* A thread of a followed process. */
struct thread {
	__u64 sending;	       /* the socket of the send it is in; 0: none, or its start not seen */
	__u64 pinned, spliced; /* so far in this send (fentry) */
	__u64 growing;	       /* the packet that __zerocopy_sg_from_iter adds to (kprobe) */
	__u64 proving, room;   /* the iterator of a copy to user memory, and its count (prove) */
	__u64 copied;	       /* from the receive queue, not counted yet */
	__u64 collapsed, from_hardware; /* of these */
	__u64 nvcsw;			/* the kernel's count at the last switch seen */
	__u32 owner;
	__u32 mode;	/* enum site: where this send's bytes go, known at its start */
	__u32 switched; /* nvcsw is set */
	__u32 begun;	/* no send that began before it was armed can end any more */
};

/* Process (tgid) to owner. */
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

/* By address of the struct sock, so that work in softirq is charged to the process that sent. */
STATE struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct connection);
} connections SEC(".maps");

/* Connections by their addresses. The oldest goes when it is full. */
STATE struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, struct flow);
	__type(value, __u64);
} flows SEC(".maps");

/* The counters, by owner; two banks. User space sizes it. */
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

STATE struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct cause_key);
	__type(value, struct counter);
} causes SEC(".maps");

STATE struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct row);
} rows SEC(".maps");

/*
 * Numbers of free rows. A queue and not a counter: an atomic addition that returns a value needs
 * 5.12, and rows of what has ended are used again.
 */
STATE struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, __u32);
} free_rows SEC(".maps");

STATE struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} cgroup SEC(".maps");

/* Connections that were established while armed. The oldest goes when it is full. */
STATE struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct sequences);
} established SEC(".maps");

/*
 * The ubuf_info of an io_uring zero-copy send, to the socket it sends on: it lives in a request of
 * the ring, from which nothing leads to the socket. Requests are used again, so this stays small.
 */
STATE struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u64);
} pinners SEC(".maps");

/*
 * The hash that a socket gives its packets (skb_set_hash_from_sk), to the socket: clones, segments
 * and copies of a packet keep it, also where a router has taken them from their socket.
 */
STATE struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} hashes SEC(".maps");

/*
 * Packets whose payload a device got in the linear area. A device below it, or a router's, gets the
 * same packet, and did not copy it.
 */
struct linear {
	__u64 device;
	__u32 seq; /* of the payload: the address alone is used again */
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
	__u64 shared; /* the socket, if processes sent on it by turns; else 0 */
	__u32 owner;
	__u32 seq; /* of the payload, then */
};

/*
 * How deep a stack is walked. skb_copy_ubufs stands below the functions of its page allocation
 * (three to five, more where memory is short), the tracepoint's and our own; its caller may stand
 * below another tracer's trampoline.
 */
#define STACK_DEPTH 16
/* The part of a stack that is looked at without a walk; a power of two. */
#define STACK_WORDS 128

/* What one event of this CPU leaves for the next. */
struct scratch {
	struct packet copying;	  /* inside skb_copy_ubufs */
	__u64 caller, above;	  /* of that (struct cause_key) */
	struct packet stamping;	  /* handed to the device, a timestamp wanted */
	struct packet waiting;	  /* received, perhaps to be copied */
	struct packet ring;	  /* inside tpacket_rcv */
	__u64 ring_payload;	  /* where its payload begins */
	volatile __u64 context;	  /* ours, as a number: how the stack is reached from it */
	__u64 stack[STACK_DEPTH]; /* a walk */
	__u32 known_count;	  /* of what is remembered of one (stack.h) */
	__u32 zero;
	struct {
		__u64 address;
		__u32 place; /* word of the stack above our context */
		__u32 zero;
	} known[STACK_DEPTH];
	__u64 words[STACK_WORDS];
};

/*
 * Copies on the way out that a task has begun: a softirq on top of it may begin another one. Not by
 * processor, as the task may be preempted and go on on another.
 */
struct begun {
	struct packet pull[2];	   /* inside __pskb_pull_tail */
	struct packet segments[2]; /* inside skb_segment; bytes: that it copies itself */
};

STATE struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct begun);
} copies_begun SEC(".maps");

STATE struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/* Events that could not be charged to an owner. One slot; an array so that user space can read it.
 */
STATE struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} lost SEC(".maps");

#endif
