/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs share: the gate, the constants user space sets before load, and the maps. Each
 * variable here and elsewhere is given a value, so that clang places them as they stand and not by
 * who uses them first: user space knows one layout for both objects (bpf/read.h).
 */
#ifndef HARNESS_BPF_MAPS_H
#define HARNESS_BPF_MAPS_H

/* Nothing counts while this is 0, so that set-up never pollutes a number. */
volatile __u32 armed = 0;
/* Set by the first zero-copy send while armed, or before, where each send is to be one: until then
 * no packet can hold a pinned page of ours. */
volatile __u32 pinned = 0;
/* A bit for each owner while what would see the pages that he lends or splices, and what becomes of
 * them, is not attached, as there were to be none: a packet that has some is then said aloud. */
volatile __u32 lent_unseen = 0;

/*
 * Kernel pointers in arguments may be followed by plain loads, which is faster than reading through
 * a helper. Not so on a kernel without BTF, where tracepoints give untyped words.
 */
const volatile __u32 typed = 0;
/* bpf_task_pt_regs may be asked which system call a task is in. */
const volatile __u32 knows_system_call = 0;

/*
 * Kernel functions, [start, end). No constants: to read the kernel's symbols takes as long as all
 * else before a run, so it is done meanwhile, and these are set when the programs are loaded.
 */
volatile __u64 copy_ubufs_start = 0, copy_ubufs_end = 0; /* to find its caller on a stack */
volatile __u64 taps_start = 0, taps_end = 0; /* dev_queue_xmit_nit, which copies for taps */
volatile __u64 timestamps_start = 0,
	       timestamps_end = 0; /* __skb_tstamp_tx, likewise for timestamps */
/* Where kernels put an argument, read from BTF: position of the sk_buff, and number of arguments.
 */
const volatile __u32 sg_from_iter_skb = 0;
const volatile __u32 iter_stream_args = 0;
const volatile __u32 splice_args = 0;
const volatile __u32 sendpages_args = 0;
const volatile __u32 retransmit_args = 0;
const volatile __u32 sched_switch_args = 0;
/* net_dev_start_xmit is read for several things; which of them is a matter of what else attached.
 */
const volatile __u32 xmit_counts_linear = 0, xmit_counts_taps = 0, xmit_notes_pinned = 0;
/* What each system call number means for a thread that blocks in it: enum activity. */
#define SYSCALLS 512
const volatile __u8 activity_of[SYSCALLS] = {};

/* What each system call number is to tp sys_enter and sys_exit: enum sends. */
const volatile __u8 sends_by[SYSCALLS] = {};
/* Before 6.15 the list of taps of all namespaces is one symbol; its address, 0 if it has none. */
const volatile __u64 all_taps = 0;

/* A thread of a followed process, and the send call it is in. */
struct thread {
	__u64 socket;	       /* the last one it sent on: already in `sockets` */
	__u64 nvcsw;	       /* the kernel's count at the last switch seen */
	__u64 pinned, spliced; /* so far in this call */
	__u32 owner;
	__u32 mode;	/* enum site: where this call's bytes go, when that is known at its start */
	__u32 switched; /* nvcsw is set */
	/* only of programs that are not ours (bpf/watch.h) */
	__u64 sending;	/* the socket of the tcp_sendmsg it is in, where its start is seen */
	__u64 calling;	/* the socket of the send system call it is in, where its end is booked */
	__u64 taken;	/* so far in that call */
	__u64 received; /* copied so far in this receive */
	__u64 from_hardware, collapsed;
	__u32 begun; /* the call it is in began while we counted */
};

/* Process (tgid) to owner; user space fills it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, OWNERS_MAX);
	__type(key, __u32);
	__type(value, __u32);
} owners SEC(".maps");

/* Threads of followed processes, by tid, made at their first event. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, struct thread);
} threads SEC(".maps");

/* Sending socket to owner, so that softirq work is charged to who sent the data. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, __u32);
} sockets SEC(".maps");

/* The counters of programs that are not ours, by owner. User space sizes it. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tally);
} tallies SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct cause_key);
	__type(value, struct counter);
} causes SEC(".maps");

/* A packet that is about to be copied, or may be. */
struct packet {
	__u64 skb;    /* 0: none */
	__u64 device; /* the net_device it is on */
	__u64 bytes;
	__u32 owner;
	__u32 zero;
};

/*
 * A stack is walked as deep as this, and the walk is what costs. skb_copy_ubufs stands below its
 * page allocation's functions (three to five of them), the tracepoint's and our own.
 */
#define STACK_DEPTH 12
/* The part of the stack that is looked at without a walk; a power of two. */
#define STACK_WORDS 128

/* Of a run: two processes and, with requests and answers, two sockets by turns. */
#define KEPT_PROCESSES 4 /* by their numbers' last bits */
#define KEPT_SOCKETS   2

/* A thread that sends by a system call, and on what. */
struct sending {
	__u64 thread; /* with its process, as bpf_get_current_pid_tgid has them */
	__u64 socket;
	__u64 descriptor; /* its number there */
};

struct scratch {
	struct run run; /* first: user space reads it */
	/* the last sockets of each (bpf/queue.h) */
	__u64 sends_copy[KEPT_SOCKETS], sends_pin[KEPT_SOCKETS], sends_splice[KEPT_SOCKETS];
	__u64 processes[KEPT_PROCESSES]; /* and who they are, as of late (bpf/book.h) */
	__u64 senders[KEPT_SOCKETS], receivers[KEPT_SOCKETS]; /* likewise, of sockets */
	struct sending sendings[KEPT_PROCESSES];
	__u64 came_net; /* where the last packet was received (bpf/hardware.h) */
	__u32 came_index, came_by_hardware;
	__u32 walks;		/* of stacks (bpf/stack.h), for its test */
	struct packet copying;	/* inside skb_copy_ubufs */
	__u64 caller;		/* of that */
	struct packet pulling;	/* inside __pskb_pull_tail */
	struct packet stamping; /* handed to the device, a timestamp wanted */
	struct packet waiting;	/* received, perhaps to be copied */
	__u32 known_count;
	volatile __u64 context;	  /* ours, as a number: how the stack is reached from it */
	__u64 stack[STACK_DEPTH]; /* a walk, then what is remembered of it (bpf/stack.h) */
	struct {
		__u64 address;
		__u32 place; /* word of the stack above our context */
		__u32 zero;
	} known[STACK_DEPTH];
	__u64 words[STACK_WORDS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/* Events that could not be charged to an owner. One slot; an array so that user space can read it.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} unbooked SEC(".maps");

#endif
