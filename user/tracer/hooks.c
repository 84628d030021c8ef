// SPDX-License-Identifier: GPL-2.0
#include "tracer/hooks.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The programs of bpf/, and what each hangs on. */
enum program {
	/*
	 * The kernel runs what attached last first, so these, attached first, start their clocks
	 * after the programs that count.
	 */
	TIME_SEND_ENTER,
	TIME_RECEIVE_ENTER,
	TIME_UBUFS_ENTER,
	TIME_PULL_ENTER,
	TIME_SEGMENT_ENTER,
	TIME_RECEIVE_PROBE,
	TIME_UBUFS_PROBE,
	TIME_PULL_PROBE,
	TIME_SEGMENT_PROBE,
	TIME_UBUFS_RETURN, /* its trampoline, too, comes after COPY_UBUFS_PROBE */
	SENDMSG_ENTER,
	SENDMSG_EXIT,
	ITER_STREAM_EXIT,
	SPLICE_EXIT,
	SENDPAGES_EXIT,
	SENDMSG_LOCKED,
	SEND_LENGTH,
	SG_FROM_ITER_EXIT,
	DATAGRAM_ITER_ENTER,
	DATAGRAM_ITER_EXIT,
	DATAGRAM_IOVEC,
	COPY_UBUFS_ENTER,
	COPY_UBUFS_EXIT,
	DEVICE_RECEIVE,
	DROPPED,
	PAGE_ALLOC,
	PULL_TAIL_ENTER,
	PULL_TAIL_EXIT,
	SEGMENT_EXIT,
	START_XMIT,
	RETRANSMIT,
	SCHED_SWITCH,
	SWITCH_GAPS,
	SENDMSG_PROBE,
	SENDPAGES_PROBE,
	SYSCALL_ENTER,
	SYSCALL_EXIT,
	DATAGRAM_ITER_PROBE,
	/*
	 * Programs attach in this order, and the kernel runs the newest kprobe of a function first:
	 * the probe must read its return address before the kretprobe puts its trampoline there.
	 */
	COPY_UBUFS_RETURN,
	COPY_UBUFS_PROBE,
	PULL_TAIL_PROBE,
	PULL_TAIL_RETURN,
	SEGMENT_PROBE,
	SEGMENT_RETURN,
	PROCESS_FORK,
	PROCESS_EXEC,
	PROCESS_FREE,
	SOCKET_DESTROY,
	RECVMSG_ENTER,
	RECVMSG_EXIT,
	RECEIVE_LENGTH,
	MAP_ENTER,
	MAP_EXIT,
	SPLICE_READ_EXIT,
	OTHER_SEND,
	OTHER_RECEIVE,
	CALL_BEGIN,
	CALL_END,
	COMPLETION,
	TIME_SWITCH,
	TIME_PUSH_ENTER,
	TIME_PUSH_EXIT,
	TIME_PUSH_ONE_ENTER,
	TIME_PUSH_ONE_EXIT,
	TIME_PAGES_ENTER,
	TIME_PAGES_EXIT,
	TIME_WAIT_ENTER,
	TIME_WAIT_EXIT,
	/* last, to stop their clocks before the programs that count */
	TIME_SEND_EXIT,
	TIME_RECEIVE_EXIT,
	TIME_UBUFS_EXIT,
	TIME_PULL_EXIT,
	TIME_SEGMENT_EXIT,
	TIME_RECEIVE_RETURN,
	TIME_PULL_RETURN,
	TIME_SEGMENT_RETURN,
	PROGRAM_COUNT
};
_Static_assert(PROGRAM_COUNT <= PROGRAMS_MAX, "raise PROGRAMS_MAX");

enum hook_kind {
	KIND_FENTRY,
	KIND_FEXIT,
	KIND_TRACEPOINT, /* tp_btf */
	KIND_KPROBE,
	KIND_KRETPROBE,
};

static const struct program_info {
	const char *name;
	const char *function; /* kernel function or tracepoint */
	enum hook_kind kind;
} programs[PROGRAM_COUNT] = {
	[SENDMSG_ENTER] = {"sendmsg_enter", "tcp_sendmsg", KIND_FENTRY},
	[SENDMSG_EXIT] = {"sendmsg_exit", "tcp_sendmsg", KIND_FEXIT},
	[ITER_STREAM_EXIT] = {"iter_stream_exit", "skb_zerocopy_iter_stream", KIND_FEXIT},
	[SPLICE_EXIT] = {"splice_exit", "skb_splice_from_iter", KIND_FEXIT},
	[SENDPAGES_EXIT] = {"sendpages_exit", "do_tcp_sendpages", KIND_FEXIT},
	[SENDMSG_LOCKED] = {"sendmsg_locked", "tcp_sendmsg_locked", KIND_TRACEPOINT},
	[SEND_LENGTH] = {"send_length", "sock_send_length", KIND_TRACEPOINT},
	[SG_FROM_ITER_EXIT] = {"sg_from_iter_exit", "__zerocopy_sg_from_iter", KIND_FEXIT},
	[DATAGRAM_ITER_ENTER] = {"datagram_iter_enter", "skb_copy_datagram_iter", KIND_FENTRY},
	[DATAGRAM_ITER_EXIT] = {"datagram_iter_exit", "skb_copy_datagram_iter", KIND_FEXIT},
	[DATAGRAM_IOVEC] = {"datagram_iovec", "skb_copy_datagram_iovec", KIND_TRACEPOINT},
	[COPY_UBUFS_ENTER] = {"copy_ubufs_enter", "skb_copy_ubufs", KIND_FENTRY},
	[COPY_UBUFS_EXIT] = {"copy_ubufs_exit", "skb_copy_ubufs", KIND_FEXIT},
	[DEVICE_RECEIVE] = {"device_receive", "netif_receive_skb", KIND_TRACEPOINT},
	[DROPPED] = {"dropped", "kfree_skb", KIND_TRACEPOINT},
	[PAGE_ALLOC] = {"page_alloc", "mm_page_alloc", KIND_TRACEPOINT},
	[PULL_TAIL_ENTER] = {"pull_tail_enter", "__pskb_pull_tail", KIND_FENTRY},
	[PULL_TAIL_EXIT] = {"pull_tail_exit", "__pskb_pull_tail", KIND_FEXIT},
	[SEGMENT_EXIT] = {"segment_exit", "skb_segment", KIND_FEXIT},
	[START_XMIT] = {"start_xmit", "net_dev_start_xmit", KIND_TRACEPOINT},
	[RETRANSMIT] = {"retransmit", "tcp_retransmit_skb", KIND_TRACEPOINT},
	[SCHED_SWITCH] = {"sched_switch", "sched_switch", KIND_TRACEPOINT},
	[SWITCH_GAPS] = {"switch_gaps", "sched_switch", KIND_TRACEPOINT},
	[SENDMSG_PROBE] = {"sendmsg_probe", "tcp_sendmsg", KIND_KPROBE},
	[SENDPAGES_PROBE] = {"sendpages_probe", "do_tcp_sendpages", KIND_KPROBE},
	[SYSCALL_ENTER] = {"syscall_enter", "sys_enter", KIND_TRACEPOINT},
	[SYSCALL_EXIT] = {"syscall_exit", "sys_exit", KIND_TRACEPOINT},
	[DATAGRAM_ITER_PROBE] = {"datagram_iter_probe", "skb_copy_datagram_iter", KIND_KPROBE},
	[COPY_UBUFS_PROBE] = {"copy_ubufs_probe", "skb_copy_ubufs", KIND_KPROBE},
	[COPY_UBUFS_RETURN] = {"copy_ubufs_return", "skb_copy_ubufs", KIND_KRETPROBE},
	[PULL_TAIL_PROBE] = {"pull_tail_probe", "__pskb_pull_tail", KIND_KPROBE},
	[PULL_TAIL_RETURN] = {"pull_tail_return", "__pskb_pull_tail", KIND_KRETPROBE},
	[SEGMENT_PROBE] = {"segment_probe", "skb_segment", KIND_KPROBE},
	[SEGMENT_RETURN] = {"segment_return", "skb_segment", KIND_KRETPROBE},
	[PROCESS_FORK] = {"process_fork", "sched_process_fork", KIND_TRACEPOINT},
	[PROCESS_EXEC] = {"process_exec", "sched_process_exec", KIND_TRACEPOINT},
	[PROCESS_FREE] = {"process_free", "sched_process_free", KIND_TRACEPOINT},
	[SOCKET_DESTROY] = {"socket_destroy", "tcp_destroy_sock", KIND_TRACEPOINT},
	[RECVMSG_ENTER] = {"recvmsg_enter", "tcp_recvmsg", KIND_FENTRY},
	[RECVMSG_EXIT] = {"recvmsg_exit", "tcp_recvmsg", KIND_FEXIT},
	[RECEIVE_LENGTH] = {"receive_length", "sock_recv_length", KIND_TRACEPOINT},
	[MAP_ENTER] = {"map_enter", "tcp_zerocopy_receive", KIND_FENTRY},
	[MAP_EXIT] = {"map_exit", "tcp_zerocopy_receive", KIND_FEXIT},
	[SPLICE_READ_EXIT] = {"splice_read_exit", "tcp_splice_read", KIND_FEXIT},
	[OTHER_SEND] = {"other_send", "sock_send_length", KIND_TRACEPOINT},
	[OTHER_RECEIVE] = {"other_receive", "sock_recv_length", KIND_TRACEPOINT},
	[CALL_BEGIN] = {"call_begin", "sys_enter", KIND_TRACEPOINT},
	[CALL_END] = {"call_end", "sys_exit", KIND_TRACEPOINT},
	[COMPLETION] = {"completion", "inet_sk_error_report", KIND_TRACEPOINT},
	[TIME_RECEIVE_ENTER] = {"time_receive_enter", "skb_copy_datagram_iter", KIND_FENTRY},
	[TIME_UBUFS_ENTER] = {"time_ubufs_enter", "skb_copy_ubufs", KIND_FENTRY},
	[TIME_PULL_ENTER] = {"time_pull_enter", "__pskb_pull_tail", KIND_FENTRY},
	[TIME_SEGMENT_ENTER] = {"time_segment_enter", "skb_segment", KIND_FENTRY},
	[TIME_RECEIVE_EXIT] = {"time_receive_exit", "skb_copy_datagram_iter", KIND_FEXIT},
	[TIME_UBUFS_EXIT] = {"time_ubufs_exit", "skb_copy_ubufs", KIND_FEXIT},
	[TIME_PULL_EXIT] = {"time_pull_exit", "__pskb_pull_tail", KIND_FEXIT},
	[TIME_SEGMENT_EXIT] = {"time_segment_exit", "skb_segment", KIND_FEXIT},
	[TIME_RECEIVE_PROBE] = {"time_receive_probe", "skb_copy_datagram_iter", KIND_KPROBE},
	[TIME_UBUFS_PROBE] = {"time_ubufs_probe", "skb_copy_ubufs", KIND_KPROBE},
	[TIME_PULL_PROBE] = {"time_pull_probe", "__pskb_pull_tail", KIND_KPROBE},
	[TIME_SEGMENT_PROBE] = {"time_segment_probe", "skb_segment", KIND_KPROBE},
	[TIME_RECEIVE_RETURN] = {"time_receive_return", "skb_copy_datagram_iter", KIND_KRETPROBE},
	[TIME_UBUFS_RETURN] = {"time_ubufs_return", "skb_copy_ubufs", KIND_KRETPROBE},
	[TIME_PULL_RETURN] = {"time_pull_return", "__pskb_pull_tail", KIND_KRETPROBE},
	[TIME_SEGMENT_RETURN] = {"time_segment_return", "skb_segment", KIND_KRETPROBE},
	[TIME_SEND_ENTER] = {"time_send_enter", "tcp_sendmsg_locked", KIND_FENTRY},
	[TIME_SEND_EXIT] = {"time_send_exit", "tcp_sendmsg_locked", KIND_FEXIT},
	[TIME_PUSH_ENTER] = {"time_push_enter", "__tcp_push_pending_frames", KIND_FENTRY},
	[TIME_PUSH_EXIT] = {"time_push_exit", "__tcp_push_pending_frames", KIND_FEXIT},
	[TIME_PUSH_ONE_ENTER] = {"time_push_one_enter", "tcp_push_one", KIND_FENTRY},
	[TIME_PUSH_ONE_EXIT] = {"time_push_one_exit", "tcp_push_one", KIND_FEXIT},
	[TIME_PAGES_ENTER] = {"time_pages_enter", "sk_page_frag_refill", KIND_FENTRY},
	[TIME_PAGES_EXIT] = {"time_pages_exit", "sk_page_frag_refill", KIND_FEXIT},
	[TIME_WAIT_ENTER] = {"time_wait_enter", "sk_stream_wait_memory", KIND_FENTRY},
	[TIME_WAIT_EXIT] = {"time_wait_exit", "sk_stream_wait_memory", KIND_FEXIT},
	[TIME_SWITCH] = {"time_switch", "sched_switch", KIND_TRACEPOINT},
};

static const enum attach attach_of_kind[] = {
	[KIND_FENTRY] = ATTACH_FENTRY,	       [KIND_FEXIT] = ATTACH_FENTRY,
	[KIND_TRACEPOINT] = ATTACH_TRACEPOINT, [KIND_KPROBE] = ATTACH_KPROBE,
	[KIND_KRETPROBE] = ATTACH_KPROBE,
};

#define BIT(n) (1u << (n))

static const struct group_info {
	unsigned int traced;
	unsigned int sites;
	int needs;	    /* the group that says which socket is whose, or -1 */
	unsigned int times; /* the sites whose copies it times */
	enum way in_runs;   /* tried first in a run that may choose, as exact there, and cheaper;
			       0 is fentry, which is first anyway */
} groups[GROUP_COUNT] = {
	[GROUP_SEND] = {TRACE_COPIES,
			BIT(SITE_SEND_COPY) | BIT(SITE_SEND_PIN) | BIT(SITE_SEND_SPLICE), -1},
	[GROUP_PIN_ATTEMPT] = {TRACE_COPIES, 0, -1},
	[GROUP_RECEIVE] = {TRACE_COPIES, BIT(SITE_RECEIVE_COPY), -1, .in_runs = WAY_TRACEPOINT},
	[GROUP_DEFERRED] = {TRACE_COPIES, BIT(SITE_DEFERRED_COPY), GROUP_SEND},
	[GROUP_TAP] = {TRACE_COPIES, BIT(SITE_TAP_COPY), GROUP_SEND},
	[GROUP_TRANSMIT] = {TRACE_COPIES, BIT(SITE_TRANSMIT_COPY), GROUP_SEND},
	[GROUP_DMA_OUT] = {TRACE_COPIES, BIT(SITE_DMA_OUT), GROUP_SEND},
	[GROUP_DMA_IN] = {TRACE_COPIES, BIT(SITE_DMA_IN), GROUP_RECEIVE, .in_runs = WAY_TRACEPOINT},
	[GROUP_RETRANSMIT] = {TRACE_COPIES, 0, GROUP_SEND},
	[GROUP_DEPARTURES] = {TRACE_COPIES, 0, GROUP_SEND},
	[GROUP_SWITCHES] = {TRACE_SCHED, 0, -1},
	[GROUP_GAPS] = {TRACE_GAPS, 0, -1},
	[GROUP_FOLLOW] = {TRACE_OTHERS, 0, -1},
	[GROUP_RECEIVED] = {TRACE_OTHERS, 0, GROUP_RECEIVE},
	[GROUP_MAP] = {TRACE_OTHERS, BIT(SITE_RECEIVE_MAP), -1},
	[GROUP_RECEIVE_SPLICE] = {TRACE_OTHERS, BIT(SITE_RECEIVE_SPLICE), -1},
	[GROUP_NOT_COVERED] = {TRACE_OTHERS, 0, -1},
	[GROUP_COMPLETIONS] = {TRACE_OTHERS, 0, GROUP_SEND},
	[GROUP_TIME_SEND] = {TRACE_TIME, 0, GROUP_SEND, BIT(SITE_SEND_COPY)},
	[GROUP_TIME_RECEIVE] = {TRACE_TIME, 0, GROUP_RECEIVE, BIT(SITE_RECEIVE_COPY)},
	[GROUP_TIME_DEFERRED] = {TRACE_TIME, 0, GROUP_DEFERRED,
				 BIT(SITE_DEFERRED_COPY) | BIT(SITE_TAP_COPY)},
	[GROUP_TIME_TRANSMIT] = {TRACE_TIME, 0, GROUP_TRANSMIT, BIT(SITE_TRANSMIT_COPY)},
};

/* The ways, best first, and the word a user has for each. */
static const enum attach way_names[WAY_COUNT] = {
	[WAY_FENTRY] = ATTACH_FENTRY,	   [WAY_TRACEPOINT] = ATTACH_TRACEPOINT,
	[WAY_KPROBE] = ATTACH_KPROBE,	   [WAY_KPROBE_SYSCALL] = ATTACH_KPROBE,
	[WAY_SYSCALL] = ATTACH_TRACEPOINT,
};

#define FENTRY	    BIT(WAY_FENTRY)
#define TRACEPOINT  BIT(WAY_TRACEPOINT)
#define KPROBE	    BIT(WAY_KPROBE)
#define KPROBE_SYS  BIT(WAY_KPROBE_SYSCALL)
#define SYSCALL	    BIT(WAY_SYSCALL)
#define KPROBES	    (KPROBE | KPROBE_SYS)
#define TRACEPOINTS (TRACEPOINT | SYSCALL)
#define EVERY_WAY   (FENTRY | KPROBES | TRACEPOINTS)
/* beside ways: not in a run; only in one; idle in a run where nobody lends pages, where somebody
 * does with each send */
#define FOR_OTHERS BIT(WAY_COUNT)
#define FOR_RUNS   BIT(WAY_COUNT + 1)
#define IDLE_NONE  BIT(WAY_COUNT + 2)
#define IDLE_ALL   BIT(WAY_COUNT + 3)
#define ALIKE	   (IDLE_NONE | IDLE_ALL)

/*
 * What counts what. A way needs all of its programs; of those marked `either`, one; those whose
 * `unless` names a function this kernel has make the way impossible. What is FOR_OTHERS is left out
 * of a run: what a run sends, its sockets' queues tell (bpf/queue.h). What is idle is hit by every
 * send, packet or page, with nothing to do. Kprobes cost several times what the tracepoint does
 * that lies in the function they count receives at, but are not preempted in a task (measure.c).
 * On fexit a program sees what a receive gave back as it faulted, and costs half as much again, and
 * twice what the tracepoint does: no receive of a run faults without failing it.
 */
static const struct use {
	enum group group;
	unsigned int ways;
	enum program program;
	bool either;
	const char *unless;
} uses[] = {
	{GROUP_SEND, FENTRY | ALIKE, SENDMSG_ENTER, false, NULL},
	{GROUP_SEND, FENTRY | FOR_OTHERS, SENDMSG_EXIT, false, NULL},
	{GROUP_SEND, FENTRY | IDLE_ALL, ITER_STREAM_EXIT, false, NULL},
	{GROUP_SEND, FENTRY, SPLICE_EXIT, true, NULL},
	{GROUP_SEND, FENTRY, SENDPAGES_EXIT, true, NULL},
	{GROUP_SEND, TRACEPOINT | ALIKE, SENDMSG_LOCKED, false, NULL},
	{GROUP_SEND, TRACEPOINT | KPROBE | FOR_OTHERS, SEND_LENGTH, false, NULL},
	/* 6.4 and older: sendfile does not pass there */
	{GROUP_SEND, KPROBE | ALIKE, SENDMSG_PROBE, false, "do_tcp_sendpages"},
	{GROUP_SEND, KPROBE_SYS | ALIKE, SENDMSG_PROBE, false, NULL},
	{GROUP_SEND, KPROBE_SYS | ALIKE, SENDPAGES_PROBE, false, NULL},
	{GROUP_SEND, SYSCALL | ALIKE, SYSCALL_ENTER, false, NULL},
	{GROUP_SEND, SYSCALL | KPROBE_SYS | FOR_OTHERS, SYSCALL_EXIT, false, NULL},
	{GROUP_PIN_ATTEMPT, FENTRY, SG_FROM_ITER_EXIT, false, NULL},
	{GROUP_RECEIVE, FENTRY | FOR_RUNS, DATAGRAM_ITER_ENTER, false, NULL},
	{GROUP_RECEIVE, FENTRY | FOR_OTHERS, DATAGRAM_ITER_EXIT, false, NULL},
	{GROUP_RECEIVE, KPROBES, DATAGRAM_ITER_PROBE, false, NULL},
	{GROUP_RECEIVE, TRACEPOINTS, DATAGRAM_IOVEC, false, NULL},
	{GROUP_DEFERRED, FENTRY, COPY_UBUFS_ENTER, false, NULL},
	{GROUP_DEFERRED, FENTRY, COPY_UBUFS_EXIT, false, NULL},
	{GROUP_DEFERRED, KPROBES, COPY_UBUFS_PROBE, false, NULL},
	{GROUP_DEFERRED, KPROBES, COPY_UBUFS_RETURN, false, NULL},
	{GROUP_DEFERRED, TRACEPOINTS | IDLE_NONE, DEVICE_RECEIVE, false, NULL},
	{GROUP_DEFERRED, TRACEPOINTS, DROPPED, false, NULL},
	{GROUP_DEFERRED, TRACEPOINTS | IDLE_NONE, PAGE_ALLOC, false, NULL},
	{GROUP_DEFERRED, TRACEPOINTS, START_XMIT, false, NULL}, /* for timestamps */
	{GROUP_TAP, FENTRY, COPY_UBUFS_ENTER, false, NULL},
	{GROUP_TAP, FENTRY, COPY_UBUFS_EXIT, false, NULL},
	{GROUP_TAP, KPROBES, COPY_UBUFS_PROBE, false, NULL},
	{GROUP_TAP, KPROBES, COPY_UBUFS_RETURN, false, NULL},
	{GROUP_TAP, TRACEPOINTS, START_XMIT, false, NULL},
	{GROUP_TRANSMIT, FENTRY, PULL_TAIL_ENTER, false, NULL},
	{GROUP_TRANSMIT, FENTRY, PULL_TAIL_EXIT, false, NULL},
	{GROUP_TRANSMIT, FENTRY, SEGMENT_EXIT, false, NULL},
	{GROUP_TRANSMIT, KPROBES, PULL_TAIL_PROBE, false, NULL},
	{GROUP_TRANSMIT, KPROBES, PULL_TAIL_RETURN, false, NULL},
	{GROUP_TRANSMIT, KPROBES, SEGMENT_PROBE, false, NULL},
	{GROUP_TRANSMIT, KPROBES, SEGMENT_RETURN, false, NULL},
	{GROUP_TRANSMIT, TRACEPOINTS, START_XMIT, false, NULL},
	{GROUP_DMA_OUT, EVERY_WAY, START_XMIT, false, NULL},
	{GROUP_DMA_IN, FENTRY | FOR_RUNS, DATAGRAM_ITER_ENTER, false, NULL},
	{GROUP_DMA_IN, FENTRY | FOR_OTHERS, DATAGRAM_ITER_EXIT, false, NULL},
	{GROUP_DMA_IN, KPROBES, DATAGRAM_ITER_PROBE, false, NULL},
	{GROUP_DMA_IN, TRACEPOINTS, DATAGRAM_IOVEC, false, NULL},
	{GROUP_RETRANSMIT, EVERY_WAY, RETRANSMIT, false, NULL},
	{GROUP_DEPARTURES, EVERY_WAY, START_XMIT, false, NULL},
	{GROUP_DEPARTURES, EVERY_WAY, DROPPED, false, NULL},
	{GROUP_SWITCHES, EVERY_WAY, SCHED_SWITCH, false, NULL},
	{GROUP_GAPS, EVERY_WAY, SWITCH_GAPS, false, NULL},
	{GROUP_FOLLOW, EVERY_WAY, PROCESS_FORK, false, NULL},
	{GROUP_FOLLOW, EVERY_WAY, PROCESS_EXEC, false, NULL},
	{GROUP_FOLLOW, EVERY_WAY, PROCESS_FREE, false, NULL},
	{GROUP_FOLLOW, EVERY_WAY, SOCKET_DESTROY, false, NULL},
	{GROUP_RECEIVED, FENTRY, RECVMSG_ENTER, false, NULL},
	{GROUP_RECEIVED, FENTRY, RECVMSG_EXIT, false, NULL},
	{GROUP_RECEIVED, TRACEPOINT | KPROBE, RECEIVE_LENGTH, false, NULL},
	{GROUP_RECEIVED, KPROBES | TRACEPOINTS, CALL_BEGIN, false, NULL},
	{GROUP_RECEIVED, KPROBE_SYS | SYSCALL, CALL_END, false, NULL},
	{GROUP_MAP, FENTRY, MAP_ENTER, false, NULL},
	{GROUP_MAP, FENTRY, MAP_EXIT, false, NULL},
	{GROUP_MAP, KPROBES | TRACEPOINTS, CALL_BEGIN, false, NULL},
	{GROUP_MAP, KPROBES | TRACEPOINTS, CALL_END, false, NULL},
	{GROUP_RECEIVE_SPLICE, FENTRY, SPLICE_READ_EXIT, false, NULL},
	{GROUP_RECEIVE_SPLICE, KPROBES | TRACEPOINTS, CALL_BEGIN, false, NULL},
	{GROUP_RECEIVE_SPLICE, KPROBES | TRACEPOINTS, CALL_END, false, NULL},
	{GROUP_NOT_COVERED, FENTRY | TRACEPOINT | KPROBE, OTHER_SEND, false, NULL},
	{GROUP_NOT_COVERED, FENTRY | TRACEPOINT | KPROBE, OTHER_RECEIVE, false, NULL},
	{GROUP_NOT_COVERED, KPROBE_SYS | SYSCALL, CALL_BEGIN, false, NULL},
	{GROUP_NOT_COVERED, KPROBE_SYS | SYSCALL, CALL_END, false, NULL},
	{GROUP_COMPLETIONS, EVERY_WAY, COMPLETION, false, NULL},
	{GROUP_TIME_SEND, FENTRY, TIME_SEND_ENTER, false, NULL},
	{GROUP_TIME_SEND, FENTRY, TIME_SEND_EXIT, false, NULL},
	{GROUP_TIME_SEND, FENTRY, TIME_PUSH_ENTER, false, NULL},
	{GROUP_TIME_SEND, FENTRY, TIME_PUSH_EXIT, false, NULL},
	{GROUP_TIME_SEND, FENTRY, TIME_PUSH_ONE_ENTER, false, NULL},
	{GROUP_TIME_SEND, FENTRY, TIME_PUSH_ONE_EXIT, false, NULL},
	{GROUP_TIME_SEND, FENTRY, TIME_PAGES_ENTER, false, NULL},
	{GROUP_TIME_SEND, FENTRY, TIME_PAGES_EXIT, false, NULL},
	{GROUP_TIME_SEND, FENTRY, TIME_WAIT_ENTER, false, NULL},
	{GROUP_TIME_SEND, FENTRY, TIME_WAIT_EXIT, false, NULL},
	{GROUP_TIME_SEND, FENTRY, TIME_SWITCH, false, NULL},
	{GROUP_TIME_RECEIVE, FENTRY, TIME_RECEIVE_ENTER, false, NULL},
	{GROUP_TIME_RECEIVE, FENTRY, TIME_RECEIVE_EXIT, false, NULL},
	{GROUP_TIME_RECEIVE, KPROBES, TIME_RECEIVE_PROBE, false, NULL},
	{GROUP_TIME_RECEIVE, KPROBES, TIME_RECEIVE_RETURN, false, NULL},
	{GROUP_TIME_RECEIVE, FENTRY | KPROBES, TIME_SWITCH, false, NULL},
	{GROUP_TIME_DEFERRED, FENTRY, TIME_UBUFS_ENTER, false, NULL},
	{GROUP_TIME_DEFERRED, FENTRY, TIME_UBUFS_EXIT, false, NULL},
	{GROUP_TIME_DEFERRED, KPROBES, TIME_UBUFS_PROBE, false, NULL},
	{GROUP_TIME_DEFERRED, KPROBES, TIME_UBUFS_RETURN, false, NULL},
	{GROUP_TIME_TRANSMIT, FENTRY, TIME_PULL_ENTER, false, NULL},
	{GROUP_TIME_TRANSMIT, FENTRY, TIME_PULL_EXIT, false, NULL},
	{GROUP_TIME_TRANSMIT, KPROBES, TIME_PULL_PROBE, false, NULL},
	{GROUP_TIME_TRANSMIT, KPROBES, TIME_PULL_RETURN, false, NULL},
	{GROUP_TIME_TRANSMIT, FENTRY, TIME_SEGMENT_ENTER, false, NULL},
	{GROUP_TIME_TRANSMIT, FENTRY, TIME_SEGMENT_EXIT, false, NULL},
	{GROUP_TIME_TRANSMIT, KPROBES, TIME_SEGMENT_PROBE, false, NULL},
	{GROUP_TIME_TRANSMIT, KPROBES, TIME_SEGMENT_RETURN, false, NULL},
};

/* The way a site is counted decides how well it is known. */
enum evidence hooks__evidence(const struct hooks *hooks, enum site site)
{
	for (int group = 0; group < GROUP_COUNT; group++) {
		if (!(groups[group].sites & BIT(site)) || !hooks__available(hooks, group))
			continue;
		if (site == SITE_SEND_COPY && hooks->way[group] == WAY_FENTRY)
			return EVIDENCE_DERIVED; /* less what was pinned and spliced */
		return EVIDENCE_EXACT;
	}
	return EVIDENCE_UNAVAILABLE;
}

bool hooks__read_queues(const struct hooks *hooks)
{
	return hooks__available(hooks, GROUP_SEND) && !(hooks->options->traced & TRACE_OTHERS);
}

bool hooks__check_sends(const struct hooks *hooks)
{
	enum way way = hooks->way[GROUP_SEND];

	return (way == WAY_TRACEPOINT || way == WAY_KPROBE) && hooks->needed[CALL_BEGIN] &&
	       hooks->needed[CALL_END];
}

bool hooks__times(const struct hooks *hooks, enum site site)
{
	for (int group = 0; group < GROUP_COUNT; group++)
		if (groups[group].times & BIT(site) && hooks__available(hooks, group))
			return true;
	return false;
}

bool hooks__can_cast(const struct hooks *hooks)
{
	return hooks->own_btf &&
	       btf__find_by_name_kind(hooks->btf, "bpf_rdonly_cast", BTF_KIND_FUNC) > 0;
}

bool hooks__have_helper(const struct hooks *hooks, const char *name)
{
	int id = btf__find_by_name_kind(hooks->btf, "bpf_func_id", BTF_KIND_ENUM);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(hooks->btf, id);
	static const char prefix[] = "BPF_FUNC_";

	for (int i = 0; type && i < btf_vlen(type); i++) {
		const char *helper = btf__name_by_offset(hooks->btf, btf_enum(type)[i].name_off);

		if (!strncmp(helper, prefix, strlen(prefix)) &&
		    !strcmp(helper + strlen(prefix), name))
			return true;
	}
	return false;
}

bool hooks__traces(const struct hooks *hooks, enum group group)
{
	return hooks->way[group] != WAY_COUNT && way_names[hooks->way[group]] == ATTACH_TRACEPOINT;
}

bool hooks__sees_calls_only(const struct hooks *hooks, enum group group)
{
	return hooks->way[group] == WAY_SYSCALL || hooks->way[group] == WAY_KPROBE_SYSCALL;
}

bool hooks__ends_calls(const struct hooks *hooks, enum group group)
{
	for (size_t i = 0; i < COUNT(uses); i++)
		if (uses[i].group == group && uses[i].program == CALL_END &&
		    uses[i].ways & BIT(hooks->way[group]))
			return true;
	return false;
}

bool hooks__available(const struct hooks *hooks, enum group group)
{
	int needs = groups[group].needs;

	return hooks->way[group] != WAY_COUNT && (needs < 0 || hooks__available(hooks, needs));
}

static const struct btf_type *prototype(const struct hooks *hooks, const char *function,
					bool tracepoint)
{
	char name[128];
	int id;

	if (tracepoint) {
		snprintf(name, sizeof(name), "btf_trace_%s", function);
		id = btf__find_by_name_kind(hooks->btf, name, BTF_KIND_TYPEDEF);
		if (id > 0) /* a pointer to the prototype */
			id = btf__type_by_id(hooks->btf, id)->type;
	} else {
		id = btf__find_by_name_kind(hooks->btf, function, BTF_KIND_FUNC);
	}
	return id > 0 ? btf__type_by_id(hooks->btf, btf__type_by_id(hooks->btf, id)->type) : NULL;
}

unsigned int hooks__arguments(const struct hooks *hooks, const char *function)
{
	const struct btf_type *type = prototype(hooks, function, false);

	return type ? btf_vlen(type) : 0;
}

int hooks__offset(const struct hooks *hooks, const char *structure, const char *member)
{
	int id = btf__find_by_name_kind(hooks->btf, structure, BTF_KIND_STRUCT);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(hooks->btf, id);

	for (int i = 0; type && i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(hooks->btf, btf_members(type)[i].name_off), member))
			return btf_member_bit_offset(type, i) / 8;
	return -1;
}

unsigned int hooks__tracepoint_arguments(const struct hooks *hooks, const char *tracepoint)
{
	const struct btf_type *type = prototype(hooks, tracepoint, true);

	return type ? btf_vlen(type) - 1 : 0; /* the first is the tracepoint's private data */
}

int hooks__argument(const struct hooks *hooks, const char *function, const char *type_name)
{
	const struct btf_type *proto = prototype(hooks, function, false), *type;

	for (int i = 0; proto && i < btf_vlen(proto); i++) {
		type = btf__type_by_id(hooks->btf, btf_params(proto)[i].type);
		if (!btf_is_ptr(type))
			continue;
		type = btf__type_by_id(hooks->btf, type->type);
		while (btf_is_mod(type))
			type = btf__type_by_id(hooks->btf, type->type);
		if (btf_is_struct(type) &&
		    !strcmp(btf__name_by_offset(hooks->btf, type->name_off), type_name))
			return i;
	}
	return -1;
}

static bool listed(const char *list, const char *name)
{
	size_t length = strlen(name);

	while (list && *list) {
		size_t item = strcspn(list, ",");

		if (item == length && !strncmp(list, name, length))
			return true;
		list += item + (list[item] == ',');
	}
	return false;
}

static void refuse(struct hooks *hooks, enum program program, int error, const char *why)
{
	struct probe_status *status = &hooks->status[program];

	snprintf(hooks->reason[program], sizeof(hooks->reason[program]), "%s", why);
	status->state = PROBE_REFUSED;
	status->error = error;
	status->why = hooks->reason[program];
}

void hooks__refuse(struct hooks *hooks, const char *name, int error, const char *why)
{
	for (int program = 0; program < PROGRAM_COUNT; program++)
		if (!strcmp(programs[program].name, name))
			refuse(hooks, program, error, why);
}

/* The kernel answers with a number of its own where a machine has no BPF trampolines. */
#define ENOTSUPP 524

static const char *kernel_says(int error)
{
	return error == ENOTSUPP ? "Operation not supported (ENOTSUPP)" : strerror(error);
}

static int load_nothing(enum bpf_prog_type type, enum bpf_attach_type attach, int btf_id)
{
	static const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach,
		    .attach_btf_id = btf_id);

	return bpf_prog_load(type, "try", "GPL", nothing, COUNT(nothing), &opts);
}

/* Without BTF in the kernel a tracepoint is named when it is opened. */
static int try_raw_tracepoint(const struct program_info *info, char *why, size_t size)
{
	int fd = load_nothing(BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0), link = fd;

	if (fd >= 0) {
		link = bpf_raw_tracepoint_open(info->function, fd);
		close(fd);
	}
	if (link == -ENOENT)
		snprintf(why, size, "this kernel has no such tracepoint");
	else if (link < 0)
		snprintf(why, size, "the raw tracepoint is refused by this kernel: %s",
			 kernel_says(-link));
	return link;
}

/* fentry, fexit and tp_btf name their target at load, so loading tells. */
static int try_traced(struct hooks *hooks, const struct program_info *info, char *why, size_t size)
{
	static const enum bpf_attach_type types[] = {
		[KIND_FENTRY] = BPF_TRACE_FENTRY,
		[KIND_FEXIT] = BPF_TRACE_FEXIT,
		[KIND_TRACEPOINT] = BPF_TRACE_RAW_TP,
	};
	bool tracepoint = info->kind == KIND_TRACEPOINT;
	char name[128];
	int id, fd;

	if (!hooks->own_btf && tracepoint)
		return try_raw_tracepoint(info, why, size);
	if (!hooks->own_btf) {
		snprintf(why, size, "fentry/fexit need the kernel's own BTF");
		return -EOPNOTSUPP;
	}
	snprintf(name, sizeof(name), "%s%s", tracepoint ? "btf_trace_" : "", info->function);
	id = btf__find_by_name_kind(hooks->btf, name,
				    tracepoint ? BTF_KIND_TYPEDEF : BTF_KIND_FUNC);
	if (id < 0) {
		snprintf(why, size, "%s",
			 tracepoint ? "this kernel has no such tracepoint"
				    : "this kernel's BTF has no such function");
		return -ENOENT;
	}
	fd = load_nothing(BPF_PROG_TYPE_TRACING, types[info->kind], id);
	if (fd < 0)
		snprintf(why, size, "%s is refused by this kernel: %s",
			 tracepoint ? "tp_btf" : "fentry/fexit", kernel_says(-fd));
	return fd;
}

void hooks__close_group(struct hooks *hooks, enum group group)
{
	hooks->closed[group] = true;
}

/* One number of the kernel's description of its kprobe events; -1 if there is none. */
static long kprobe_number(const char *name, const char *format)
{
	char path[128];
	FILE *file;
	long number = -1;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/kprobe/%s", name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, format, &number) != 1)
		number = -1;
	fclose(file);
	return number;
}

bool hooks__kernel_has_kprobes(void)
{
	return kprobe_number("type", "%ld") >= 0;
}

/* A kprobe names its target when it is opened. */
static int try_probed(const struct program_info *info, char *why, size_t size)
{
	struct perf_event_attr attr = {.size = sizeof(attr)};
	long type = kprobe_number("type", "%ld"), bit = 0;
	int fd;

	if (type < 0) {
		snprintf(why, size, "this kernel has no kprobes (CONFIG_KPROBES)");
		return -ENOENT;
	}
	if (info->kind == KIND_KRETPROBE)
		bit = kprobe_number("format/retprobe", "config:%ld");
	attr.type = type;
	attr.config = info->kind == KIND_KRETPROBE && bit >= 0 ? 1ull << bit : 0;
	attr.kprobe_func = (uintptr_t)info->function;
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd >= 0)
		return fd;
	fd = -errno;
	snprintf(why, size, "%s is refused by this kernel: %s",
		 info->kind == KIND_KRETPROBE ? "kretprobe" : "kprobe", kernel_says(-fd));
	return fd;
}

/* Unreadable symbols tell nothing: then no function counts as split. */
static void read_splits(struct hooks *hooks)
{
	FILE *kallsyms;

	if (hooks->splits_read)
		return;
	hooks->splits_read = true;
	kallsyms = fopen("/proc/kallsyms", "re");
	for (int program = 0; program < PROGRAM_COUNT; program++)
		hooks->split[program].function = programs[program].function;
	if (!kallsyms)
		return;
	split__read(kallsyms, hooks->split, PROGRAM_COUNT);
	fclose(kallsyms);
}

/*
 * Whether the compiler made more than one function of it. Not asked where the kernel permits no
 * such hook anyway: reading all its symbols takes longer than all else.
 */
static bool is_split(struct hooks *hooks, enum program program, int fd)
{
	if (programs[program].kind == KIND_TRACEPOINT || fd == -EPERM ||
	    (attach_of_kind[programs[program].kind] == ATTACH_KPROBE &&
	     !hooks__kernel_has_kprobes()))
		return false;
	read_splits(hooks);
	return split__incomplete(&hooks->split[program]);
}

/* Hangs a program of two instructions there: the kernel itself says whether it may. */
static void try_hook(struct hooks *hooks, enum program program)
{
	const struct program_info *info = &programs[program];
	char why[128] = "";
	int fd;

	if (hooks->tried[program])
		return;
	hooks->tried[program] = true;
	if (listed(hooks->options->without, info->function)) {
		refuse(hooks, program, -ECANCELED, "left out by --without");
		return;
	}
	fd = info->kind <= KIND_TRACEPOINT ? try_traced(hooks, info, why, sizeof(why))
					   : try_probed(info, why, sizeof(why));
	if (fd >= 0)
		close(fd);
	if (is_split(hooks, program, fd)) {
		split__describe(&hooks->split[program], why, sizeof(why));
		refuse(hooks, program, -ENOTUNIQ, why);
	} else if (fd < 0) {
		refuse(hooks, program, fd, why);
	}
}

static bool usable(struct hooks *hooks, enum program program)
{
	try_hook(hooks, program);
	return hooks->status[program].state != PROBE_REFUSED;
}

bool hooks__fentry_attaches_again(struct hooks *hooks)
{
	char why[128];
	int fd, link;

	if (hooks->again_tried)
		return hooks->again;
	hooks->again_tried = true;
	fd = try_traced(hooks, &programs[SENDMSG_ENTER], why, sizeof(why));
	for (int times = 0; fd >= 0 && times < 2; times++) {
		link = bpf_raw_tracepoint_open(NULL, fd);
		hooks->again = link >= 0;
		if (link >= 0)
			close(link);
	}
	if (fd >= 0)
		close(fd);
	return hooks->again;
}

/* Whether this use is one of this group's way, for whoever is traced. */
static bool is_of(const struct hooks *hooks, const struct use *use, enum group group, enum way way)
{
	unsigned int others = hooks->options->traced & TRACE_OTHERS;
	unsigned int left_out = others ? FOR_RUNS : FOR_OTHERS;

	return use->group == group && use->ways & BIT(way) && !(use->ways & left_out);
}

/* Whether all of this way's programs can be had; marks them as needed if so and asked to. */
static bool way_works(struct hooks *hooks, enum group group, enum way way)
{
	bool any = false, either_wanted = false, either_found = false;

	for (size_t i = 0; i < COUNT(uses); i++) {
		if (!is_of(hooks, &uses[i], group, way))
			continue;
		any = true;
		if (uses[i].unless && hooks__arguments(hooks, uses[i].unless))
			return false;
		if (uses[i].either) {
			either_wanted = true;
			either_found = either_found || usable(hooks, uses[i].program);
		} else if (!usable(hooks, uses[i].program)) {
			return false;
		}
	}
	return any && either_wanted == either_found;
}

static void need_programs(struct hooks *hooks, enum group group, enum way way)
{
	bool either_chosen = false;

	for (size_t i = 0; i < COUNT(uses); i++) {
		if (!is_of(hooks, &uses[i], group, way) || !usable(hooks, uses[i].program))
			continue;
		if (uses[i].either && either_chosen)
			continue;
		either_chosen = either_chosen || uses[i].either;
		hooks->needed[uses[i].program] = true;
		hooks->status[uses[i].program].sites |= groups[group].sites;
	}
}

static enum way choose_way(struct hooks *hooks, enum group group)
{
	enum attach asked = hooks->options->attach;

	if (asked == ATTACH_AUTO && !(hooks->options->traced & TRACE_OTHERS) &&
	    !hooks->closed[group] && way_works(hooks, group, groups[group].in_runs))
		return groups[group].in_runs;
	for (enum way way = 0; way < WAY_COUNT && !hooks->closed[group]; way++)
		if ((asked == ATTACH_AUTO || asked == way_names[way]) &&
		    way_works(hooks, group, way))
			return way;
	return WAY_COUNT;
}

/* A refused program still says which sites it would have served. */
static void note_sites(struct hooks *hooks)
{
	for (size_t i = 0; i < COUNT(uses); i++) {
		struct probe_status *status = &hooks->status[uses[i].program];

		if (status->state == PROBE_REFUSED)
			status->sites |= groups[uses[i].group].sites;
	}
}

/*
 * The refused program of a way that says why it is closed: one left out by the user if there is
 * any, as another kernel's function for the same is missing all the time, else the first.
 */
static const struct probe_status *refused_one(const struct hooks *hooks, enum group group,
					      enum attach asked)
{
	const struct probe_status *status, *first = NULL;

	for (size_t i = 0; i < COUNT(uses); i++) {
		for (enum way way = 0; way < WAY_COUNT; way++) {
			status = &hooks->status[uses[i].program];
			if (!is_of(hooks, &uses[i], group, way) || way_names[way] != asked ||
			    status->state != PROBE_REFUSED)
				continue;
			if (status->error == -ECANCELED)
				return status;
			first = first ?: status;
		}
	}
	return first;
}

static int check_asked_way(struct hooks *hooks)
{
	static const enum group vital[] = {GROUP_SEND, GROUP_RECEIVE};
	const struct probe_status *refused;

	if (hooks->options->attach == ATTACH_AUTO || !(hooks->options->traced & TRACE_COPIES))
		return 0;
	for (size_t i = 0; i < COUNT(vital); i++) {
		if (hooks->way[vital[i]] != WAY_COUNT)
			continue;
		refused = refused_one(hooks, vital[i], hooks->options->attach);
		if (refused && refused->error == -ECANCELED)
			continue; /* the user's own wish: unknown, not impossible */
		fprintf(stderr,
			"harness: --attach %s cannot work here: %s: %s; try --attach auto\n",
			attach__name(hooks->options->attach), refused ? refused->function : "?",
			refused ? refused->why : "nothing to attach to");
		return -EOPNOTSUPP;
	}
	return 0;
}

int hooks__choose(struct hooks *hooks)
{
	memset(hooks->needed, 0, sizeof(hooks->needed));
	for (size_t i = 0; i < hooks->count; i++)
		hooks->status[i].sites = 0;
	for (int group = 0; group < GROUP_COUNT; group++) {
		hooks->way[group] = WAY_COUNT;
		if (!(groups[group].traced & hooks->options->traced))
			continue;
		hooks->way[group] = choose_way(hooks, group);
		if (hooks->way[group] != WAY_COUNT)
			need_programs(hooks, group, hooks->way[group]);
	}
	note_sites(hooks);
	return check_asked_way(hooks);
}

int hooks__open(struct hooks *hooks, const struct tracer_options *options)
{
	memset(hooks, 0, sizeof(*hooks));
	hooks->options = options;
	hooks->count = PROGRAM_COUNT;
	for (int program = 0; program < PROGRAM_COUNT; program++) {
		struct probe_status *status = &hooks->status[program];

		status->program = programs[program].name;
		status->function = programs[program].function;
		status->attach = attach_of_kind[programs[program].kind];
		status->state = PROBE_NOT_NEEDED;
	}
	hooks->own_btf = !options->btf_path;
	hooks->btf =
		options->btf_path ? btf__parse(options->btf_path, NULL) : btf__load_vmlinux_btf();
	if (!hooks->btf) {
		int err = -errno;

		if (options->btf_path)
			fprintf(stderr, "harness: --btf %s: cannot read BTF from it: %s\n",
				options->btf_path, strerror(-err));
		else
			fprintf(stderr,
				"harness: cannot read the kernel's types from "
				"/sys/kernel/btf/vmlinux: %s; give them with --btf FILE (the "
				"kernel is "
				"built without CONFIG_DEBUG_INFO_BTF)\n",
				strerror(-err));
		return -EOPNOTSUPP;
	}
	return 0;
}

void hooks__close(struct hooks *hooks)
{
	btf__free(hooks->btf);
	hooks->btf = NULL;
}

bool hooks__idles(size_t program, enum lending lending)
{
	static const unsigned int idle[] = {
		[LENDING_UNKNOWN] = 0,
		[LENDING_NONE] = IDLE_NONE,
		[LENDING_ALL] = IDLE_ALL,
	};
	bool idles = false;

	for (size_t i = 0; i < COUNT(uses); i++) {
		if (uses[i].program != program)
			continue;
		if (!(uses[i].ways & idle[lending]))
			return false;
		idles = true;
	}
	return idles;
}

unsigned int hooks__sites(enum group group)
{
	return groups[group].sites;
}

unsigned int hooks__traced(enum group group)
{
	return groups[group].traced;
}

void hooks__describe(struct hooks *hooks, enum group group, enum way way, struct hook_way *found)
{
	static const char *const kinds[] = {
		[KIND_FENTRY] = "fentry",	  [KIND_FEXIT] = "fexit",
		[KIND_TRACEPOINT] = "tracepoint", [KIND_KPROBE] = "kprobe",
		[KIND_KRETPROBE] = "kretprobe",
	};

	*found = (struct hook_way){};
	for (size_t i = 0; i < COUNT(uses) && found->count < HOOK_PARTS_MAX; i++) {
		if (uses[i].group != group || !(uses[i].ways & BIT(way)) ||
		    uses[i].ways & FOR_OTHERS)
			continue;
		try_hook(hooks, uses[i].program);
		found->parts[found->count++] = (struct hook_part){
			.kind = kinds[programs[uses[i].program].kind],
			.status = &hooks->status[uses[i].program],
			.either = uses[i].either,
		};
		if (uses[i].unless && hooks__arguments(hooks, uses[i].unless))
			found->passed_by = uses[i].unless;
	}
	found->works = way_works(hooks, group, way);
}

/* The last line of a verifier's log that is not its statistics. */
static void last_line(char *log, char *line, size_t size)
{
	char *rest = log, *at;

	while ((at = strsep(&rest, "\n")))
		if (*at && strncmp(at, "processed ", 10))
			snprintf(line, size, "%s", at);
}

void hooks__verifier_line(const struct hooks *hooks, const char *name, char *line, size_t size)
{
	static const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	static const enum bpf_attach_type types[] = {
		[KIND_FENTRY] = BPF_TRACE_FENTRY,
		[KIND_FEXIT] = BPF_TRACE_FEXIT,
		[KIND_TRACEPOINT] = BPF_TRACE_RAW_TP,
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_level = 1);
	char target[128], log[4096] = "";
	bool tracepoint;
	int fd;

	line[0] = '\0';
	for (int program = 0; program < PROGRAM_COUNT && hooks->own_btf; program++) {
		const struct program_info *info = &programs[program];

		if (strcmp(info->name, name) || info->kind > KIND_TRACEPOINT)
			continue;
		tracepoint = info->kind == KIND_TRACEPOINT;
		snprintf(target, sizeof(target), "%s%s", tracepoint ? "btf_trace_" : "",
			 info->function);
		fd = btf__find_by_name_kind(hooks->btf, target,
					    tracepoint ? BTF_KIND_TYPEDEF : BTF_KIND_FUNC);
		if (fd < 0)
			return;
		opts.attach_btf_id = fd;
		opts.expected_attach_type = types[info->kind];
		opts.log_buf = log;
		opts.log_size = sizeof(log);
		fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "try", "GPL", nothing, COUNT(nothing),
				   &opts);
		if (fd >= 0)
			close(fd);
		else
			last_line(log, line, size);
	}
}
