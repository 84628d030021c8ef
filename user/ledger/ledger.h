/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ledger: what the kernel counted of two sides, brought together and checked. The sides are the
 * two processes of a run, or the sends and the receives of one program. Pure: no system calls, so
 * that every rule here is tested without root.
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
#include "tracer/sites.h"

struct site_value {
	enum evidence evidence; /* EVIDENCE_UNAVAILABLE: the rest means nothing: null, never 0 */
	uint64_t bytes;
	uint64_t calls;
};

/* A number that may be unknown. */
struct maybe {
	bool known;
	double value;
};

struct switches {
	bool known;
	uint64_t voluntary;
	uint64_t involuntary;
	bool blocked_known;		  /* the kernel says what a thread was doing */
	uint64_t blocked_in[DOING_COUNT]; /* the voluntary ones, by what the thread was doing */
};

/* The input of a ledger, beside the causes. All is borrowed. */
struct counted {
	const struct known *known;
	const struct tally *tally[SIDE_COUNT]; /* of a watched program both are the same */
	struct side_bytes {
		bool known;
		uint64_t returned; /* by the calls: what the parts of the side must sum up to */
		uint64_t payload;  /* payload that copies are counted for; peeks are not in it */
	} side[SIDE_COUNT];
	bool own_copies_known; /* the program's own copies (user_memcpy), by its own count */
	struct counter own_copies;
	struct completed {
		bool known, complete; /* complete: of every send that pinned */
		uint64_t all, copied; /* copied: with the COPIED flag */
	} completed;
	unsigned int traced;   /* enum trace bits: these numbers must be known */
	bool stream;	       /* one side received what the other sent: copies add up */
	struct xdp_copies xdp; /* of the path */
	const char *tappers;   /* processes that hold taps, "tcpdump, pid 812"; "": not known */
	const char *copying;   /* devices that cause transmit_copy, "veth1:scatter_gather_off", or
				* why none is named, "process_ended"; NULL: not looked for */
	bool advise;	       /* remark what would avoid copies */
};

struct ledger {
	struct site_value site[SITE_COUNT];
	/* Of deferred_copy and tap_copy; owned; set by the caller, biggest first once composed. */
	struct causes causes;
	struct maybe copies[SIDE_COUNT];   /* CPU copies for each byte of a direction */
	struct maybe copies_per_byte;	   /* of a stream: of both sides, for each byte received */
	enum evidence copies_evidence;	   /* the weakest of its parts */
	struct maybe residual[SIDE_COUNT]; /* bytes, signed */
	bool retransmit_known;
	uint64_t retransmit_bytes, retransmit_segments;
	struct maybe pin_attempted; /* bytes, __zerocopy_sg_from_iter */
	/*
	 * Received bytes that tcp_collapse had copied within the receive queue, perhaps more than
	 * once, so this is a lower bound of its copies. They are in no site.
	 */
	struct maybe collapsed;
	struct counter in_flight; /* of calls that had begun before counting did: in no site */
	struct switches switches[SIDE_COUNT]; /* of a watched program both are the same */
	bool valid;
	struct remarks reasons; /* why it is invalid; owned */
	struct remarks notes;	/* surprises, computed; owned */
};

/* Computes all but what the caller sets. Keeps the remarks that are there. */
void ledger__compose(struct ledger *ledger, const struct counted *counted);
/* Adds the reasons, and the notes. */
void ledger__judge(struct ledger *ledger, const struct counted *counted);
void ledger__add_notes(struct ledger *ledger, const struct counted *counted);
/* The remarks of an earlier judgement. */
void ledger__forget(struct ledger *ledger);
void ledger__free(struct ledger *ledger);

void ledger__invalidate(struct ledger *ledger, enum remark_code code, const struct value *values);
void ledger__note(struct ledger *ledger, enum remark_code code, const struct value *values);

bool ledger__knows(const struct ledger *ledger, enum site site);
/* 0 while unknown. */
uint64_t ledger__bytes(const struct ledger *ledger, enum site site);

/*
 * Pinned bytes that left for this host, were not seen to be dropped, and have no copy. A pinned
 * page never reaches a socket of this host, because skb_orphan_frags_rx() copies it before, unless
 * a device on the way did. 0 where something went to hardware, which takes pinned pages.
 */
uint64_t ledger__undelivered(const struct ledger *ledger, const struct tally *sender);

#endif
