/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What there is to remark about a ledger: why it is invalid, and what would surprise in it. A
 * remark is a code with values; words.c has the sentences.
 */
#ifndef HARNESS_REMARK_H
#define HARNESS_REMARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What another run may change about a reason. */
enum remark_class {
	CLASS_PLAIN,
	CLASS_MISSED,  /* events were missed: another run may miss none */
	CLASS_FOLLOWS, /* it may follow from missed events, if the kernel counted some */
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
	X(TAP_COPIES, "tap_copies", PLAIN)                                                         \
	X(PIN_REFUSED, "pin_refused", PLAIN)                                                       \
	X(PINS_UNDONE, "pins_undone", PLAIN)                                                       \
	X(FLAG_DISAGREES, "flag_disagrees", PLAIN)                                                 \
	X(OWN_COPIES, "own_copies", PLAIN)                                                         \
	X(RETRANSMITS, "retransmits", PLAIN)                                                       \
	X(COLLAPSED, "collapsed", PLAIN)                                                           \
	X(COMPLETION_WAITS, "completion_waits", PLAIN)                                             \
	X(THREADS_TAKE_TURNS, "threads_take_turns", PLAIN)                                         \
	X(SEND_COPIES, "send_copies", PLAIN)                                                       \
	X(RECEIVE_COPIES, "receive_copies", PLAIN)                                                 \
	X(PEEKED, "peeked", PLAIN)                                                                 \
	X(DISCARDED, "discarded", PLAIN)                                                           \
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
	X(RETRIED, "retried", PLAIN)                                                               \
	X(TURNED_TO_KPROBES, "turned_to_kprobes", PLAIN)

#define REMARK_ID(id, ...) REMARK_##id,
enum remark_code {
	REASON_CODES(REMARK_ID) NOTE_CODES(REMARK_ID) REMARK_COUNT
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
#define VALUES_MAX  8

struct remark {
	enum remark_code code;
	struct value value[VALUES_MAX];
	size_t value_count;
};

struct remarks {
	struct remark *remark; /* owned; free with remarks__free() */
	size_t count;
};

/* The word in JSON, and back: REMARK_COUNT when there is none. */
const char *remark__name(enum remark_code code);

/* Copies the values, up to the one without a name. 0 or -ENOMEM. */
int remarks__add(struct remarks *remarks, enum remark_code code, const struct value *values);
void remarks__free(struct remarks *remarks);

/* How many are of a code. */
size_t remarks__of(const struct remarks *remarks, enum remark_code code);
/* There are some, and each is of missed events or may follow from them. */
bool remarks__only_missed(const struct remarks *remarks);

/* NULL: there is no such value. */
const struct value *remark__value(const struct remark *remark, const char *name);
int64_t remark__whole(const struct remark *remark, const char *name);	 /* 0: there is none */
const char *remark__word(const struct remark *remark, const char *name); /* "": there is none */

#endif
