// SPDX-License-Identifier: GPL-2.0
/*
 * Nanoseconds spent in the copies: from the entry of the function that copies to its return, less
 * the time that its thread was off the CPU. Interrupts in between are included.
 *
 * These programs are separate from those that count, and are loaded only when time is asked for:
 * counting without it costs no more. Tracepoints cannot time, as none lies at both ends of a copy.
 */
#include "bpf/time.h"

/* The clock of a thread's copy between user memory and a socket. */
struct clock {
	__u64 socket; /* 0: none */
	__u64 bytes;
	__u64 since; /* ns, start of the running period; 0: paused */
	__u64 spent; /* ns, before `since` */
	__u32 depth; /* of nested functions that are not timed */
	__u32 off;   /* the thread is off the CPU */
};

/*
 * By tid. A full map evicts the oldest: its copy is then missing in `ns` and in `bytes` of struct
 * timing.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct clock);
} clocks SEC(".maps");

static __always_inline struct clock *clock_of_current(void)
{
	__u32 tid = bpf_get_current_pid_tgid();

	return bpf_map_lookup_elem(&clocks, &tid);
}

static __always_inline struct clock *new_clock(void)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct clock fresh = {};

	bpf_map_update_elem(&clocks, &tid, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&clocks, &tid);
}

static __always_inline void start_clock(struct clock *clock, __u64 socket, __u64 bytes)
{
	clock->socket = socket;
	clock->bytes = bytes;
	clock->spent = 0;
	clock->depth = 0;
	clock->off = 0;
	clock->since = bpf_ktime_get_ns();
}

static __always_inline void pause_clock(struct clock *clock, __u64 now)
{
	if (clock->since)
		clock->spent += now - clock->since;
	clock->since = 0;
}

static __always_inline void resume_clock(struct clock *clock, __u64 now)
{
	if (!clock->depth && !clock->off)
		clock->since = now;
}

static __always_inline void stop_clock(struct clock *clock, bool sending, __u64 bytes)
{
	__u64 socket = clock->socket;
	struct thread *thread;
	struct times *record;

	pause_clock(clock, bpf_ktime_get_ns());
	clock->socket = 0;
	if (!socket || !bytes)
		return;
	thread = current_thread();
	record = thread ? times_of(owner_on(thread, socket)) : NULL;
	if (record && sending)
		add_time(&record->site[SITE_SEND_COPY], clock->spent, bytes);
	else if (record)
		add_time(&record->site[SITE_RECEIVE_COPY], clock->spent, bytes);
}

/* receive_copy */

static __always_inline int begin_receive(struct sk_buff *skb, int bytes)
{
	struct thread *thread;
	struct clock *clock;
	struct sock *sk;

	if (!armed || bytes <= 0)
		return 0;
	sk = BPF_CORE_READ(skb, sk);
	if (!sk || BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP || not_covered(sk, false, false))
		return 0;
	thread = current_thread();
	if (!thread)
		return 0;
	if (by_socket)
		claim_socket(thread, sk, 0);
	clock = clock_of_current() ?: new_clock();
	if (clock)
		start_clock(clock, (__u64)sk, bytes);
	return 0;
}

static __always_inline int end_receive(int result)
{
	struct clock *clock = armed ? clock_of_current() : NULL;

	if (clock)
		stop_clock(clock, false, result ? 0 : clock->bytes);
	return 0;
}

SEC("fentry/skb_copy_datagram_iter")
int BPF_PROG(time_receive_enter, struct sk_buff *skb, int offset, void *to, int len)
{
	return begin_receive(skb, len);
}

SEC("fexit/skb_copy_datagram_iter")
int BPF_PROG(time_receive_exit, struct sk_buff *skb, int offset, void *to, int len, int result)
{
	return end_receive(result);
}

SEC("kprobe/skb_copy_datagram_iter")
int BPF_KPROBE(time_receive_probe, struct sk_buff *skb, int offset, void *to, int len)
{
	return begin_receive(skb, len);
}

SEC("kretprobe/skb_copy_datagram_iter")
int BPF_KRETPROBE(time_receive_return, int result)
{
	return end_receive(result);
}

/*
 * send_copy. The functions that copy from user memory are in lib/, which has no place for probes.
 * So this times tcp_sendmsg_locked without the calls that transmit, wait or get pages: a little
 * more than the copy.
 */
SEC("fentry/tcp_sendmsg_locked")
int BPF_PROG(time_send_enter, struct sock *sk, struct msghdr *msg, __u64 size)
{
	struct clock *clock;

	if (!armed || not_covered(sk, true, true) || !current_thread())
		return 0;
	clock = clock_of_current() ?: new_clock();
	if (clock)
		start_clock(clock, (__u64)sk, size);
	return 0;
}

SEC("fexit/tcp_sendmsg_locked")
int BPF_PROG(time_send_exit, struct sock *sk, struct msghdr *msg, __u64 size, int result)
{
	struct clock *clock = armed ? clock_of_current() : NULL;
	struct thread *thread = clock ? current_thread() : NULL;

	if (!thread)
		return 0;
	/* not timed: a call that pinned or spliced, as the time of its copied part is not known */
	if (result < 0 || thread->pinned || thread->spliced)
		result = 0;
	stop_clock(clock, true, result);
	return 0;
}

static __always_inline int begin_untimed(void)
{
	struct clock *clock = armed ? clock_of_current() : NULL;

	if (clock && clock->socket) {
		pause_clock(clock, bpf_ktime_get_ns());
		clock->depth++;
	}
	return 0;
}

static __always_inline int end_untimed(void)
{
	struct clock *clock = armed ? clock_of_current() : NULL;

	if (clock && clock->socket && clock->depth) {
		clock->depth--;
		resume_clock(clock, bpf_ktime_get_ns());
	}
	return 0;
}

#define UNTIMED(name, function)                                                                    \
	SEC("fentry/" #function) int name##_enter(void *ctx)                                       \
	{                                                                                          \
		return begin_untimed();                                                            \
	}                                                                                          \
	SEC("fexit/" #function) int name##_exit(void *ctx)                                         \
	{                                                                                          \
		return end_untimed();                                                              \
	}

UNTIMED(time_push, __tcp_push_pending_frames)
UNTIMED(time_push_one, tcp_push_one)
UNTIMED(time_pages, sk_page_frag_refill)
UNTIMED(time_wait, sk_stream_wait_memory)

/* A copy may fault and sleep, or be preempted: the clock of a thread pauses off the CPU. */
TRACEPOINT(time_switch, sched_switch)
{
	struct task_struct *prev = (void *)ctx[1], *next = (void *)ctx[2];
	__u32 leaves, comes;
	struct clock *clock;
	__u64 now;

	if (!armed)
		return 0;
	leaves = FIELD(prev, pid);
	comes = FIELD(next, pid);
	now = bpf_ktime_get_ns();
	clock = bpf_map_lookup_elem(&clocks, &leaves);
	if (clock && clock->socket) {
		pause_clock(clock, now);
		clock->off = 1;
	}
	clock = bpf_map_lookup_elem(&clocks, &comes);
	if (clock && clock->socket && clock->off) {
		clock->off = 0;
		resume_clock(clock, now);
	}
	return 0;
}
