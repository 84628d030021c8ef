/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Proof of a transport's counts: in a short run other probes look for the effect of the copies,
 * which must be the bytes that the sites counted, to the byte.
 */
#ifndef HARNESS_PROOF_H
#define HARNESS_PROOF_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/causes.h"
#include "tracer/sites.h"

#define PROOF_PARTS 5

/* The sites that are proved, and where the effect of each is counted. */
struct proof_site {
	enum site site;
	enum extra proved;
	enum group group;     /* of the proving probes */
	const char *programs; /* how their names begin */
	const char *by;	      /* what they look at, for people */
};
extern const struct proof_site proof_sites[PROOF_PARTS];

struct proof_part {
	bool known;	  /* the proving probes were attached; else `why` says why not */
	uint64_t counted; /* bytes at the site */
	uint64_t proved;  /* bytes of its effect */
	char why[192];
	const char *code; /* likewise: "not_counted", or a refusal's; static */
};

struct proof {
	const char *transport; /* static */
	struct proof_part part[PROOF_PARTS];
};

/* The site's bytes, in the tally or by cause and those of its effect. */
void proof__take(struct proof *proof, int part, const struct tally *tally,
		 const struct causes *causes);
bool proof__equal(const struct proof *proof); /* of the parts that are known */

#endif
