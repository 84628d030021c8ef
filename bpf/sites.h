/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tables of all sites and of the probes that count them. BPF programs, user space, the JSON,
 * doctor and analysis/ use them.
 *
 * A new site needs a row of SITES, a row of PROBES for each of its probes, and a handler in a
 * .bpf.c file.
 */
#ifndef HARNESS_BPF_SITES_H
#define HARNESS_BPF_SITES_H

/* What a site's bytes mean for the sums. */
#define SITE_CPU_COPY 1 /* counts in copies per byte */
#define SITE_PART     2 /* a part of what its side's calls returned: counts in the residual */

/*
 * X(id, name, roles, side, group of its probes, evidence by fentry, by kprobe, by tracepoint,
 *   the kernel function that does it, meaning)
 *
 * The order is the order of the columns and of the JSON keys.
 */
#define SITES(X)                                                                                   \
	X(USER_MEMCPY, "user_memcpy", SITE_CPU_COPY, SENDER, NONE, SELF_REPORTED, SELF_REPORTED,   \
	  SELF_REPORTED, "memcpy", "bytes the program itself copied")                              \
	X(SEND_COPY, "send_copy", SITE_CPU_COPY | SITE_PART, SENDER, SEND, DERIVED, DERIVED,       \
	  DERIVED, "tcp_sendmsg", "user memory to socket buffers, in tcp_sendmsg")                 \
	X(SEND_PIN, "send_pin", SITE_PART, SENDER, SEND, EXACT, DERIVED, DERIVED,                  \
	  "skb_zerocopy_iter_stream", "user pages referenced instead of copied")                   \
	X(SEND_SPLICE, "send_splice", SITE_PART, SENDER, SEND, EXACT, DERIVED, DERIVED,            \
	  "skb_splice_from_iter", "page-cache pages referenced (sendfile, splice)")                \
	X(DEFERRED_COPY, "deferred_copy", SITE_CPU_COPY, SENDER, DEFERRED, EXACT, EXACT, EXACT,    \
	  "skb_copy_ubufs", "referenced pages copied after all")                                   \
	X(TRANSMIT_COPY, "transmit_copy", SITE_CPU_COPY, SENDER, TRANSMIT, EXACT, EXACT, DERIVED,  \
	  "__pskb_pull_tail, skb_segment", "payload copied on the way to the device")              \
	X(TAP_COPY, "tap_copy", 0, SENDER, TAP, EXACT, EXACT, DERIVED, "dev_queue_xmit_nit",       \
	  "a packet tap's own copy, not in copies per byte")                                       \
	X(RECEIVE_COPY, "receive_copy", SITE_CPU_COPY | SITE_PART, RECEIVER, RECEIVE, EXACT,       \
	  EXACT, EXACT, "skb_copy_datagram_iter", "socket buffers to user memory")                 \
	X(RECEIVE_MAP, "receive_map", SITE_PART, RECEIVER, RECEIVE, DERIVED, DERIVED, DERIVED,     \
	  "tcp_zerocopy_receive", "pages mapped into the receiver instead")                        \
	X(RECEIVE_SPLICE, "receive_splice", SITE_PART, RECEIVER, RECEIVE, DERIVED, DERIVED,        \
	  DERIVED, "tcp_splice_read", "pages spliced out of the socket")                           \
	X(RECEIVE_READ, "receive_read", SITE_PART, RECEIVER, RECEIVE, DERIVED, DERIVED, DERIVED,   \
	  "tcp_read_sock", "taken by a reader in the kernel, such as nvme-tcp")                    \
	X(DMA_OUT, "dma_out", 0, SENDER, LEAVE, EXACT, EXACT, EXACT, "net_dev_start_xmit",         \
	  "payload handed to a device with hardware behind it")                                    \
	X(DMA_IN, "dma_in", 0, RECEIVER, RECEIVE, EXACT, EXACT, EXACT, "netif_receive_skb",        \
	  "payload taken from a device with hardware behind it")

/*
 * X(group, its name in JSON, what must be traced for it, the group that finds a socket's owner)
 *
 * A group is a set of sites and extras that are counted together or not at all.
 */
#define GROUPS(X)                                                                                  \
	X(SEND, "sends", COPIES, NONE)                                                             \
	X(PIN_ATTEMPT, "pin_attempted", COPIES, NONE)                                              \
	X(RECEIVE, "receives", COPIES, NONE)                                                       \
	X(SK_MSG, "sockmap_copies", COPIES, SEND)                                                  \
	X(MPTCP, "mptcp", COPIES, SEND)                                                            \
	X(ZCRX, "zcrx_copies", COPIES, RECEIVE)                                                    \
	X(DEFERRED, "deferred_copies", COPIES, SEND)                                               \
	X(TAP, "tap_copies", COPIES, SEND)                                                         \
	X(RING, "tap_ring_copies", COPIES, SEND)                                                   \
	X(TRANSMIT, "transmit_copies", COPIES, SEND)                                               \
	X(LEAVE, "departures", COPIES, SEND)                                                       \
	X(RETRANSMIT, "retransmits", COPIES, SEND)                                                 \
	X(COMPLETIONS, "completions", COPIES, SEND)                                                \
	X(FOLLOW, "processes", COPIES, NONE)                                                       \
	X(NOT_COVERED, "not_covered", COPIES, NONE)                                                \
	X(SWITCHES, "context_switches", SCHED, NONE)                                               \
	X(GAPS, "gaps", GAPS, NONE)                                                                \
	X(PROVE_SEND, "send_proof", PROVE, SEND)                                                   \
	X(PROVE_RECEIVE, "receive_copy_proof", PROVE, RECEIVE)                                     \
	X(PROVE_DEFERRED, "deferred_copy_proof", PROVE, DEFERRED)                                  \
	X(TIME_SEND, "send_copy_time", TIME, SEND)                                                 \
	X(TIME_RECEIVE, "receive_copy_time", TIME, RECEIVE)                                        \
	X(TIME_DEFERRED, "deferred_copy_time", TIME, DEFERRED)                                     \
	X(TIME_TRANSMIT, "transmit_copy_time", TIME, TRANSMIT)

/*
 * X(group, methods, program, ALL: the method needs it | ANY: the method uses those that this kernel
 * has, at least one, a kernel function whose bytes the method misses, or NULL)
 *
 * The program's section (SEC) names its hook and its kind. KPROBE_CALL and TRACEPOINT_CALL are the
 * same two methods on kernels without sock_send_length (before 6.3) or without a tracepoint in
 * tcp_sendmsg_locked (before 6.16): there the system call gives what a send returned, or how it
 * began. KPROBE_RETURN is KPROBE where no return is lost (since 6.14).
 */
#define PROBES(X)                                                                                  \
	X(SEND, FENTRY, sendmsg_enter, ALL, NULL)                                                  \
	X(SEND, FENTRY, sendmsg_exit, ALL, NULL)                                                   \
	X(SEND, FENTRY, iter_stream_exit, ALL, NULL)                                               \
	X(SEND, FENTRY, splice_exit, ANY, NULL)                                                    \
	X(SEND, FENTRY, sendpages_enter, ANY, NULL)                                                \
	X(SEND, FENTRY, sendpages_exit, ANY, NULL)                                                 \
	X(SEND, TRACEPOINT, sendmsg_locked, ALL, NULL)                                             \
	X(SEND, TRACEPOINT | KPROBE, send_length, ALL, NULL)                                       \
	X(SEND, KPROBE_RETURN, sendmsg_probe, ALL, NULL)                                           \
	X(SEND, KPROBE_RETURN, sendmsg_return, ALL, NULL)                                          \
	X(SEND, KPROBE, sendmsg_probe, ALL, "do_tcp_sendpages")                                    \
	X(SEND, KPROBE_CALL, sendmsg_probe, ALL, NULL)                                             \
	X(SEND, KPROBE_CALL, sendpages_probe, ALL, NULL)                                           \
	X(SEND, TRACEPOINT_CALL, send_call_enter, ALL, NULL)                                       \
	X(SEND, TRACEPOINT_CALL | KPROBE_CALL, send_call_exit, ALL, NULL)                          \
	X(PIN_ATTEMPT, FENTRY, sg_from_iter_exit, ALL, NULL)                                       \
	X(PIN_ATTEMPT, KPROBE_RETURN | KPROBES, sg_from_iter_probe, ALL, NULL)                     \
	X(PIN_ATTEMPT, KPROBE_RETURN, sg_from_iter_return_multi, ALL, NULL)                        \
	X(PIN_ATTEMPT, KPROBES, sg_from_iter_return, ALL, NULL)                                    \
	X(RECEIVE, FENTRY, datagram_iter_exit, ALL, NULL)                                          \
	X(RECEIVE, KPROBES, datagram_iter_probe, ALL, NULL)                                        \
	X(RECEIVE, TRACEPOINTS, datagram_iovec, ALL, NULL)                                         \
	X(RECEIVE, FENTRY | TRACEPOINTS, space_adjust, ALL, NULL)                                  \
	X(RECEIVE, KPROBES, space_adjust_probe, ALL, NULL)                                         \
	X(RECEIVE, EVERY_METHOD, socket_state, ALL, NULL)                                          \
	X(RECEIVE, KPROBES, socket_state_probe, ALL, NULL)                                         \
	X(SK_MSG, FENTRY, msg_copy_enter, ALL, NULL)                                               \
	X(SK_MSG, FENTRY, msg_copy_exit, ALL, NULL)                                                \
	X(SK_MSG, FENTRY, msg_receive_enter, ALL, NULL)                                            \
	X(SK_MSG, FENTRY, msg_receive_exit, ALL, NULL)                                             \
	X(SK_MSG, KPROBES, msg_copy_probe, ALL, NULL)                                              \
	X(SK_MSG, KPROBES, msg_copy_return, ALL, NULL)                                             \
	X(SK_MSG, KPROBES, msg_receive_probe, ALL, NULL)                                           \
	X(SK_MSG, KPROBES, msg_receive_return, ALL, NULL)                                          \
	X(MPTCP, FENTRY, mptcp_send_enter, ALL, NULL)                                              \
	X(MPTCP, FENTRY, mptcp_frag_enter, ALL, NULL)                                              \
	X(MPTCP, KPROBES, mptcp_send_probe, ALL, NULL)                                             \
	X(MPTCP, KPROBES, mptcp_frag_probe, ALL, NULL)                                             \
	X(ZCRX, FENTRY, zcrx_copy_exit, ALL, NULL)                                                 \
	X(ZCRX, KPROBES, zcrx_copy_return, ALL, NULL)                                              \
	X(DEFERRED, FENTRY, copy_ubufs_enter, ALL, NULL)                                           \
	X(DEFERRED, FENTRY, copy_ubufs_exit, ALL, NULL)                                            \
	X(DEFERRED, KPROBES, copy_ubufs_probe, ALL, NULL)                                          \
	X(DEFERRED, KPROBES, copy_ubufs_return, ALL, NULL)                                         \
	X(DEFERRED, TRACEPOINTS, device_receive, ALL, NULL)                                        \
	X(DEFERRED, TRACEPOINTS, dropped, ALL, NULL)                                               \
	X(DEFERRED, TRACEPOINTS, page_alloc, ALL, NULL)                                            \
	X(DEFERRED, TRACEPOINTS, start_xmit, ALL, NULL) /* for timestamps */                       \
	X(TAP, FENTRY, copy_ubufs_enter, ALL, NULL)                                                \
	X(TAP, FENTRY, copy_ubufs_exit, ALL, NULL)                                                 \
	X(TAP, KPROBES, copy_ubufs_probe, ALL, NULL)                                               \
	X(TAP, KPROBES, copy_ubufs_return, ALL, NULL)                                              \
	X(TAP, TRACEPOINTS, start_xmit, ALL, NULL)                                                 \
	X(RING, FENTRY, ring_enter, ALL, NULL)                                                     \
	X(RING, FENTRY, ring_exit, ALL, NULL)                                                      \
	X(RING, FENTRY, copy_bits_enter, ALL, NULL)                                                \
	X(RING, KPROBES, ring_probe, ALL, NULL)                                                    \
	X(RING, KPROBES, ring_return, ALL, NULL)                                                   \
	X(RING, KPROBES, copy_bits_probe, ALL, NULL)                                               \
	X(TRANSMIT, FENTRY, pull_tail_enter, ALL, NULL)                                            \
	X(TRANSMIT, FENTRY, pull_tail_exit, ALL, NULL)                                             \
	X(TRANSMIT, FENTRY, segment_enter, ALL, NULL)                                              \
	X(TRANSMIT, FENTRY, segment_exit, ALL, NULL)                                               \
	X(TRANSMIT, KPROBES, pull_tail_probe, ALL, NULL)                                           \
	X(TRANSMIT, KPROBES, pull_tail_return, ALL, NULL)                                          \
	X(TRANSMIT, KPROBES, segment_probe, ALL, NULL)                                             \
	X(TRANSMIT, KPROBES, segment_return, ALL, NULL)                                            \
	X(TRANSMIT, TRACEPOINTS, start_xmit, ALL, NULL)                                            \
	X(LEAVE, EVERY_METHOD, start_xmit, ALL, NULL)                                              \
	X(LEAVE, EVERY_METHOD, dropped, ALL, NULL)                                                 \
	X(RETRANSMIT, EVERY_METHOD, retransmit, ALL, NULL)                                         \
	X(COMPLETIONS, EVERY_METHOD, completion, ALL, NULL)                                        \
	X(COMPLETIONS, KPROBES, completion_probe, ALL, NULL)                                       \
	X(FOLLOW, EVERY_METHOD, process_fork, ALL, NULL)                                           \
	X(FOLLOW, EVERY_METHOD, process_exec, ALL, NULL)                                           \
	X(FOLLOW, EVERY_METHOD, process_free, ALL, NULL)                                           \
	X(FOLLOW, EVERY_METHOD, socket_destroy, ALL, NULL)                                         \
	X(NOT_COVERED, TRACEPOINT | KPROBE | FENTRY, send_length, ALL, NULL)                       \
	X(NOT_COVERED, TRACEPOINT | KPROBE | FENTRY, receive_length, ALL, NULL)                    \
	X(NOT_COVERED, FENTRY_INET, inet_sendmsg_exit, ALL, NULL)                                  \
	X(NOT_COVERED, FENTRY_INET, inet6_sendmsg_exit, ALL, NULL)                                 \
	X(NOT_COVERED, FENTRY_INET, inet_recvmsg_exit, ALL, NULL)                                  \
	X(NOT_COVERED, FENTRY_INET, inet6_recvmsg_exit, ALL, NULL)                                 \
	X(NOT_COVERED, TRACEPOINT_CALL | KPROBE_CALL, not_covered_call, ALL, NULL)                 \
	X(SWITCHES, EVERY_METHOD, thread_switch, ALL, NULL)                                        \
	X(GAPS, EVERY_METHOD, switch_gaps, ALL, NULL)                                              \
	X(PROVE_SEND, EVERY_METHOD, prove_leave, ALL, NULL)                                        \
	X(PROVE_RECEIVE, EVERY_METHOD, prove_iter_probe, ALL, NULL)                                \
	X(PROVE_RECEIVE, EVERY_METHOD, prove_iter_return, ALL, NULL)                               \
	X(PROVE_DEFERRED, EVERY_METHOD, prove_ubufs_probe, ALL, NULL)                              \
	X(PROVE_DEFERRED, EVERY_METHOD, prove_ubufs_return, ALL, NULL)                             \
	X(TIME_SEND, FENTRY, time_send_enter, ALL, NULL)                                           \
	X(TIME_SEND, FENTRY, time_send_exit, ALL, NULL)                                            \
	X(TIME_SEND, FENTRY, time_push_enter, ALL, NULL)                                           \
	X(TIME_SEND, FENTRY, time_push_exit, ALL, NULL)                                            \
	X(TIME_SEND, FENTRY, time_push_one_enter, ALL, NULL)                                       \
	X(TIME_SEND, FENTRY, time_push_one_exit, ALL, NULL)                                        \
	X(TIME_SEND, FENTRY, time_pages_enter, ALL, NULL)                                          \
	X(TIME_SEND, FENTRY, time_pages_exit, ALL, NULL)                                           \
	X(TIME_SEND, FENTRY, time_wait_enter, ALL, NULL)                                           \
	X(TIME_SEND, FENTRY, time_wait_exit, ALL, NULL)                                            \
	X(TIME_SEND, FENTRY, time_switch, ALL, NULL)                                               \
	X(TIME_RECEIVE, FENTRY, time_receive_enter, ALL, NULL)                                     \
	X(TIME_RECEIVE, FENTRY, time_receive_exit, ALL, NULL)                                      \
	X(TIME_RECEIVE, KPROBES, time_receive_probe, ALL, NULL)                                    \
	X(TIME_RECEIVE, KPROBES, time_receive_return, ALL, NULL)                                   \
	X(TIME_RECEIVE, FENTRY | KPROBES, time_switch, ALL, NULL)                                  \
	X(TIME_DEFERRED, FENTRY, time_ubufs_enter, ALL, NULL)                                      \
	X(TIME_DEFERRED, FENTRY, time_ubufs_exit, ALL, NULL)                                       \
	X(TIME_DEFERRED, KPROBES, time_ubufs_probe, ALL, NULL)                                     \
	X(TIME_DEFERRED, KPROBES, time_ubufs_return, ALL, NULL)                                    \
	X(TIME_TRANSMIT, FENTRY, time_pull_enter, ALL, NULL)                                       \
	X(TIME_TRANSMIT, FENTRY, time_pull_exit, ALL, NULL)                                        \
	X(TIME_TRANSMIT, KPROBES, time_pull_probe, ALL, NULL)                                      \
	X(TIME_TRANSMIT, KPROBES, time_pull_return, ALL, NULL)                                     \
	X(TIME_TRANSMIT, FENTRY, time_segment_enter, ALL, NULL)                                    \
	X(TIME_TRANSMIT, FENTRY, time_segment_exit, ALL, NULL)                                     \
	X(TIME_TRANSMIT, KPROBES, time_segment_probe, ALL, NULL)                                   \
	X(TIME_TRANSMIT, KPROBES, time_segment_return, ALL, NULL)

/*
 * X(program, other)
 *
 * Both see the same events, and the second that runs finds nothing new. So an event is lost only if
 * both were skipped: the tracepoint, which some kernels preempt, and the kprobe, which is skipped
 * in a softirq that interrupts another kprobe.
 */
#define PAIRS(X)                                                                                   \
	X(completion, completion_probe)                                                            \
	X(socket_state, socket_state_probe)

#endif
