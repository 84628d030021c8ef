/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Remarks: why a ledger is invalid, what in it would surprise a reader, and what harness doctor
 * finds. A remark is a code with values; words.c has the sentences.
 */
#ifndef HARNESS_REMARK_H
#define HARNESS_REMARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether another run may change a reason. */
enum remark_class {
	CLASS_PLAIN,
	CLASS_MISSED,  /* events were missed: another run may miss none */
	CLASS_FOLLOWS, /* it may follow from missed events, if the kernel counted any */
};

/* X(id, code in JSON, class) */
#define REASON_CODES(X)                                                                            \
	X(BYTES_DISAGREE, "bytes_disagree", PLAIN)                                                 \
	X(COMPLETIONS_MISSING, "completions_missing", PLAIN)                                       \
	X(REQUESTS_UNANSWERED, "requests_unanswered", PLAIN)                                       \
	X(NUMBER_UNKNOWN, "number_unknown", PLAIN)                                                 \
	X(NOTHING_RECEIVED, "nothing_received", PLAIN)                                             \
	X(PATH_NOT_COUNTED, "path_not_counted", PLAIN)                                             \
	X(RESIDUAL_NOT_ZERO, "residual_not_zero", FOLLOWS)                                         \
	X(UNCOVERED_BYTES, "uncovered_bytes", FOLLOWS)                                             \
	X(REQUEST_RESIDUAL_NOT_ZERO, "request_residual_not_zero", FOLLOWS)                         \
	X(WITNESS_DISAGREES, "witness_disagrees", MISSED)                                          \
	X(SWITCHES_UNKNOWN, "switches_unknown", PLAIN)                                             \
	X(MISSED_EVENTS, "missed_events", MISSED)                                                  \
	X(LOST_EVENTS, "lost_events", FOLLOWS)                                                     \
	X(DEPARTURES_UNSEEN, "departures_unseen", MISSED)                                          \
	X(DELIVERY_UNSEEN, "delivery_unseen", MISSED)                                              \
	X(LINEAR_UNSEEN, "linear_unseen", MISSED)                                                  \
	X(PINNED_BYTES_UNCOPIED, "pinned_bytes_uncopied", MISSED)

#define NOTE_CODES(X)                                                                              \
	X(DEPARTURES_UNKNOWN, "departures_unknown", PLAIN)                                         \
	X(MISSED_ELSEWHERE, "missed_elsewhere", PLAIN)                                             \
	X(DEFERRED_COPIES, "deferred_copies", PLAIN)                                               \
	X(REMEDY, "remedy", PLAIN)                                                                 \
	X(TRANSMIT_COPIES, "transmit_copies", PLAIN)                                               \
	X(PAYLOAD_HIDDEN, "payload_hidden", PLAIN)                                                 \
	X(TAP_COPIES, "tap_copies", PLAIN)                                                         \
	X(TUN_COPIES, "tun_copies", PLAIN)                                                         \
	X(CAUSE_UNKNOWN, "cause_unknown", PLAIN)                                                   \
	X(PIN_REFUSED, "pin_refused", PLAIN)                                                       \
	X(PINS_UNDONE, "pins_undone", PLAIN)                                                       \
	X(FLAG_DISAGREES, "flag_disagrees", PLAIN)                                                 \
	X(OWN_COPIES, "own_copies", PLAIN)                                                         \
	X(RETRANSMITS, "retransmits", PLAIN)                                                       \
	X(COLLAPSED, "collapsed", PLAIN)                                                           \
	X(COMPLETION_WAITS, "completion_waits", PLAIN)                                             \
	X(STRANGERS, "strangers", PLAIN)                                                           \
	X(THREADS_TAKE_TURNS, "threads_take_turns", PLAIN)                                         \
	X(SEND_COPIES, "send_copies", PLAIN)                                                       \
	X(RECEIVE_COPIES, "receive_copies", PLAIN)                                                 \
	X(FLAG_IGNORED, "flag_ignored", PLAIN)                                                     \
	X(REPAIRED, "repaired", PLAIN)                                                             \
	X(PEEKED, "peeked", PLAIN)                                                                 \
	X(DISCARDED, "discarded", PLAIN)                                                           \
	X(KERNEL_READERS, "kernel_readers", PLAIN)                                                 \
	X(IN_FLIGHT, "in_flight", PLAIN)                                                           \
	X(NOT_COVERED, "not_covered", PLAIN)                                                       \
	X(IO_URING_NOT_COVERED, "io_uring_not_covered", PLAIN)                                     \
	X(NOT_COVERED_UNKNOWN, "not_covered_unknown", PLAIN)                                       \
	X(COPIES_TIMED, "copies_timed", PLAIN)                                                     \
	X(COPIES_UNTIMED, "copies_untimed", PLAIN)                                                 \
	X(DEPARTURES_PENDING, "departures_pending", PLAIN)                                         \
	X(TAP_RING_UNSEEN, "tap_ring_unseen", PLAIN)                                               \
	X(TURNS_MIXED, "turns_mixed", PLAIN)                                                       \
	X(UNSENT, "unsent", PLAIN)                                                                 \
	X(COPIES_PENDING, "copies_pending", PLAIN)                                                 \
	X(SITE_UNAVAILABLE, "site_unavailable", PLAIN)                                             \
	X(TIME_UNAVAILABLE, "time_unavailable", PLAIN)                                             \
	X(RECEIVES_UNKNOWN, "receives_unknown", PLAIN)                                             \
	X(SENDS_UNCOMPARED, "sends_uncompared", PLAIN)                                             \
	X(WITHOUT_A_ROW, "without_a_row", PLAIN)                                                   \
	X(RETRIED, "retried", PLAIN)                                                               \
	X(TURNED_TO_KPROBES, "turned_to_kprobes", PLAIN)

/* Findings of harness doctor: values, and their consequences. */
#define FINDING_CODES(X)                                                                           \
	X(FOUND, "found", PLAIN)                                                                   \
	X(BTF_FILE, "btf_file", PLAIN)                                                             \
	X(UNREADABLE, "unreadable", PLAIN)                                                         \
	X(SECURITYFS_ABSENT, "securityfs_absent", PLAIN)                                           \
	X(LOCKDOWN_ABSENT, "lockdown_absent", PLAIN)                                               \
	X(LOCKDOWN_STRANGE, "lockdown_strange", PLAIN)                                             \
	X(CAPABILITIES_HELD, "capabilities_held", PLAIN)                                           \
	X(CAPABILITIES_MISSING, "capabilities_missing", PLAIN)                                     \
	X(FIRST_USER_NAMESPACE, "first_user_namespace", PLAIN)                                     \
	X(OTHER_USER_NAMESPACE, "other_user_namespace", PLAIN)                                     \
	X(OPTMEM, "optmem", PLAIN)                                                                 \
	X(MEMLOCK, "memlock", PLAIN)                                                               \
	X(NAMESPACES_WORK, "namespaces_work", PLAIN)                                               \
	X(NAMESPACE_REFUSED, "namespace_refused", PLAIN)                                           \
	X(COUNTER_WORKS, "counter_works", PLAIN)                                                   \
	X(COUNTER_USER_ONLY, "counter_user_only", PLAIN)                                           \
	X(COUNTER_ABSENT, "counter_absent", PLAIN)                                                 \
	X(COUNTER_REFUSED, "counter_refused", PLAIN)                                               \
	X(BPF_RUNS, "bpf_runs", PLAIN)                                                             \
	X(BPF_KEPT_AWAY, "bpf_kept_away", PLAIN)                                                   \
	X(BPF_KEPT_AWAY_FROM_MORE, "bpf_kept_away_from_more", PLAIN)                               \
	X(NOT_TRACED, "not_traced", PLAIN)                                                         \
	X(TYPES_MISSING, "types_missing", PLAIN)                                                   \
	X(TYPES_FROM_FILE, "types_from_file", PLAIN)                                               \
	X(NO_SYS_ADMIN, "no_sys_admin", PLAIN)                                                     \
	X(NO_BPF, "no_bpf", PLAIN)                                                                 \
	X(NO_PERFMON, "no_perfmon", PLAIN)                                                         \
	X(NO_NET_ADMIN, "no_net_admin", PLAIN)                                                     \
	X(NO_SYS_PTRACE, "no_sys_ptrace", PLAIN)                                                   \
	X(NO_SYSLOG, "no_syslog", PLAIN)                                                           \
	X(NO_IPC_LOCK, "no_ipc_lock", PLAIN)                                                       \
	X(NAMESPACE_RIGHTS, "namespace_rights", PLAIN)                                             \
	X(LOCKDOWN_CONFIDENTIALITY, "lockdown_confidentiality", PLAIN)                             \
	X(LOCKDOWN_INTEGRITY, "lockdown_integrity", PLAIN)                                         \
	X(UNPRIVILEGED_BPF, "unprivileged_bpf", PLAIN)                                             \
	X(KERNEL_NOT_COUNTED, "kernel_not_counted", PLAIN)                                         \
	X(NO_COUNTER, "no_counter", PLAIN)                                                         \
	X(ADDRESSES_HIDDEN, "addresses_hidden", PLAIN)                                             \
	X(OPTMEM_SENDS, "optmem_sends", PLAIN)                                                     \
	X(OPTMEM_UNMEASURED, "optmem_unmeasured", PLAIN)                                           \
	X(MEMLOCK_EXEMPT, "memlock_exempt", PLAIN)                                                 \
	X(MEMLOCK_SENDS, "memlock_sends", PLAIN)                                                   \
	X(NAMESPACES_NEEDED, "namespaces_needed", PLAIN)                                           \
	X(SOFTIRQS_UNSEEN, "softirqs_unseen", PLAIN)                                               \
	X(NOTHING_ATTACHES, "nothing_attaches", PLAIN)                                             \
	X(NOT_TRIED, "not_tried", PLAIN)                                                           \
	X(NO_METHOD, "no_method", PLAIN)                                                           \
	X(DATA_NOT_FOUND, "data_not_found", PLAIN)                                                 \
	X(CALLS_MISSED, "calls_missed", PLAIN)                                                     \
	X(MEMCPY_PROVED, "memcpy_proved", PLAIN)                                                   \
	X(MEMCPY_UNTRIED, "memcpy_untried", PLAIN)                                                 \
	X(MEMCPY_UNPROVED, "memcpy_unproved", PLAIN)                                               \
	X(NO_PROBE, "no_probe", PLAIN)                                                             \
	X(HOOKS_REFUSED, "hooks_refused", PLAIN)                                                   \
	X(PASSED_BY, "passed_by", PLAIN)                                                           \
	X(VERIFIER, "verifier", PLAIN)                                                             \
	X(METHOD_UNTRIED, "method_untried", PLAIN)                                                 \
	X(SLOWS_SYSTEM_CALLS, "slows_system_calls", PLAIN)                                         \
	X(SCATTER_GATHER_OFF, "scatter_gather_off", PLAIN)                                         \
	X(TX_CHECKSUM_OFF, "tx_checksum_off", PLAIN)                                               \
	X(DELIVERS_HERE, "delivers_here", PLAIN)                                                   \
	X(DELIVERS_TO_PEER, "delivers_to_peer", PLAIN)                                             \
	X(XDP_COPIES, "xdp_copies", PLAIN)                                                         \
	X(TAP_CLONES, "tap_clones", PLAIN)                                                         \
	X(TAP_STOPPED, "tap_stopped", PLAIN)                                                       \
	X(TAP_RECEIVES, "tap_receives", PLAIN)                                                     \
	X(TAP_OWNERS_HIDDEN, "tap_owners_hidden", PLAIN)                                           \
	X(TAP_OWNERS_ABSENT, "tap_owners_absent", PLAIN)                                           \
	X(LEDGER_COMPLETE, "ledger_complete", PLAIN)                                               \
	X(LEDGER_INCOMPLETE, "ledger_incomplete", PLAIN)                                           \
	X(LEDGER_IMPOSSIBLE, "ledger_impossible", PLAIN)

/* Actions that would change a finding, the most useful first. */
#define ACTION_CODES(X)                                                                            \
	X(GIVE_TYPES, "give_types", PLAIN)                                                         \
	X(RUN_AS_ROOT, "run_as_root", PLAIN)                                                       \
	X(LEAVE_CONTAINER, "leave_container", PLAIN)                                               \
	X(BOOT_WITHOUT_LOCKDOWN, "boot_without_lockdown", PLAIN)                                   \
	X(SET_SYSCTL, "set_sysctl", PLAIN)                                                         \
	X(TURN_ON_OFFLOAD, "turn_on_offload", PLAIN)                                               \
	X(END_TAP, "end_tap", PLAIN)                                                               \
	X(RAISE_MEMLOCK, "raise_memlock", PLAIN)

#define REMARK_ID(id, ...) REMARK_##id,
enum remark_code {
	REASON_CODES(REMARK_ID)
	NOTE_CODES(REMARK_ID) FINDING_CODES(REMARK_ID) ACTION_CODES(REMARK_ID) REMARK_COUNT
};
#undef REMARK_ID

enum value_kind {
	VALUE_NONE,
	VALUE_WHOLE,
	VALUE_REAL,
	VALUE_WORD
};

struct value {
	const char *name; /* static: the key in JSON; NULL ends an array */
	enum value_kind kind;
	union {
		int64_t whole;
		double real;
		const char *word; /* a name, not a sentence; the remark's own copy */
	};
};

#define WHOLE(key, number)                                                                         \
	{                                                                                          \
		.name = (key), .kind = VALUE_WHOLE, .whole = (number)                              \
	}
#define REAL(key, number)                                                                          \
	{                                                                                          \
		.name = (key), .kind = VALUE_REAL, .real = (number)                                \
	}
#define WORD(key, text)                                                                            \
	{                                                                                          \
		.name = (key), .kind = VALUE_WORD, .word = (text)                                  \
	}
#define VALUES(...) ((const struct value[]){__VA_ARGS__, {}})
#define NO_VALUES   VALUES({})
#define VALUES_MAX  10

struct remark {
	enum remark_code code;
	struct value value[VALUES_MAX];
	size_t value_count;
};

struct remarks {
	struct remark *remark; /* owned; free with remarks__free() */
	size_t count;
};

/* The code of a remark in JSON. */
const char *remark__name(enum remark_code code);

/* Adds a remark. Copies the values up to the first without a name. 0 or -ENOMEM. */
int remarks__add(struct remarks *remarks, enum remark_code code, const struct value *values);
/* Adds a copy of a remark. 0 or -ENOMEM. */
int remarks__add_copy(struct remarks *remarks, const struct remark *remark);
void remarks__free(struct remarks *remarks);

/* The number of remarks with this code. */
size_t remarks__of(const struct remarks *remarks, enum remark_code code);
/* Whether there are remarks and each has missed events as its cause, certainly or perhaps. */
bool remarks__only_missed(const struct remarks *remarks);

/* A value by its name; NULL: there is none. */
const struct value *remark__value(const struct remark *remark, const char *name);
int64_t remark__whole(const struct remark *remark, const char *name);	 /* 0: there is none */
const char *remark__word(const struct remark *remark, const char *name); /* "": there is none */

#endif
