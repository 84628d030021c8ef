/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ledger: what the kernel counted of two sides, combined and checked. The sides are the two
 * processes of a run, or the sends and the receives of one program. Pure: no system calls, so each
 * rule is tested without root.
 */
#ifndef HARNESS_LEDGER_H
#define HARNESS_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/known.h"
#include "ledger/remark.h"
#include "net/xdp.h"
#include "tracer/causes.h"
#include "tracer/readers.h"
#include "tracer/sites.h"

struct site_value {
	enum evidence evidence; /* EVIDENCE_UNAVAILABLE: unknown, null and never 0 */
	uint64_t bytes;
	uint64_t calls;
};

/* A number that may be unknown. */
struct maybe {
	bool known;
	double value;
};

struct copy_time {
	struct maybe ns;
	uint64_t bytes; /* whose copies were timed */
};

struct switches {
	bool known;
	uint64_t voluntary;
	uint64_t involuntary;
	bool blocked_known;		  /* blocked_in is known */
	uint64_t blocked_in[DOING_COUNT]; /* voluntary ones, by what the thread was doing */
};

/* The input of a ledger, besides the causes. All of it is borrowed. */
struct counted {
	const struct known *known;
	const struct tally *tally[SIDE_COUNT]; /* the same for both of a watched program */
	const struct times *times[SIDE_COUNT]; /* as the tallies; NULL: time is not traced */
	double seconds;			       /* of the counting */
	struct side_bytes {
		bool known;
		uint64_t returned; /* bytes that calls returned: the sum of the side's parts */
		uint64_t payload;  /* payload that copies are counted for, without peeks */
	} side[SIDE_COUNT];
	bool own_copies_known; /* the program's own copies (user_memcpy), as it counts them */
	struct counter own_copies;
	struct completed {
		bool known, complete; /* complete: of each send that pinned */
		uint64_t all, copied; /* numbers of completions; copied: with the COPIED flag */
	} completed;
	unsigned int traced;   /* enum trace bits: the numbers that must be known */
	bool stream;	       /* one side received what the other one sent: copies add up */
	struct xdp_copies xdp; /* of the path */
	const char *tappers;   /* processes that hold taps, "tcpdump, pid 812"; "": not known */
	const char *copying; /* devices that cause transmit_copy, "veth1:scatter_gather_off", or why
				none is named, "process_ended"; NULL: not looked for */
	bool advise;	     /* add notes on what would avoid copies */
};

struct ledger {
	struct site_value site[SITE_COUNT];
	/*
	 * The causes of deferred_copy and tap_copy. Owned; set by the caller; sorted once composed.
	 */
	struct causes causes;
	struct readers readers;		   /* likewise, of receive_read and of uncovered bytes */
	struct copy_time time[SITE_COUNT]; /* --time */
	struct maybe copying_ns;	   /* the sum of the known times */
	struct maybe copies[SIDE_COUNT];   /* CPU copies per byte of a direction */
	struct maybe copies_per_byte;	   /* of a stream: copies of both sides per received byte */
	enum evidence copies_evidence;	   /* the weakest of its parts */
	struct maybe residual[SIDE_COUNT]; /* bytes, signed */
	bool retransmit_known;
	uint64_t retransmit_bytes, retransmit_segments;
	struct maybe pin_attempted; /* bytes, in __zerocopy_sg_from_iter */
	/*
	 * Received bytes that tcp_collapse copied within the receive queue, perhaps more than once:
	 * a lower bound of its copies. No site has them.
	 */
	struct maybe collapsed;
	/* of deferred_copy, bytes of plain sends in pinned packets, and bytes of files' pages */
	struct maybe deferred_own, deferred_files;
	struct counter in_flight; /* calls that began before counting did; no site has them */
	struct switches switches[SIDE_COUNT]; /* the same for both of a watched program */
	bool valid;
	struct remarks reasons; /* why it is invalid; owned */
	struct remarks notes;	/* what would surprise a reader; owned */
};

/* Computes all that the caller does not set. Keeps earlier remarks. */
void ledger__compose(struct ledger *ledger, const struct counted *counted);
/* Adds the reasons why the ledger is invalid, and notes on missed events. */
void ledger__judge(struct ledger *ledger, const struct counted *counted);
void ledger__add_notes(struct ledger *ledger, const struct counted *counted);
/* Removes the remarks of an earlier judgement. */
void ledger__forget(struct ledger *ledger);
void ledger__free(struct ledger *ledger);

void ledger__invalidate(struct ledger *ledger, enum remark_code code, const struct value *values);
void ledger__note(struct ledger *ledger, enum remark_code code, const struct value *values);

/* Of deferred_copy, bytes that were not pinned: they share packets with pinned ones. */
uint64_t ledger__deferred_beside(const struct ledger *ledger);

bool ledger__knows(const struct ledger *ledger, enum site site);
/* The bytes of a site; 0 if unknown. */
uint64_t ledger__bytes(const struct ledger *ledger, enum site site);

/*
 * Pinned bytes that left for this host, were not seen to be dropped, and were not copied. No pinned
 * page reaches a socket of this host: skb_orphan_frags_rx() copies it before, unless a device did.
 * 0 if something went to hardware, which takes pinned pages.
 */
uint64_t ledger__undelivered(const struct ledger *ledger, const struct tally *sender);

#endif
