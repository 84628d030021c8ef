/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Proof of a transport's counts. In a short run other probes count the effects of the copies, in
 * bytes. Each must equal the bytes of its site.
 */
#ifndef HARNESS_PROOF_H
#define HARNESS_PROOF_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/causes.h"
#include "tracer/sites.h"

#define PROOF_PARTS 5

/* A site that is proved, and the extra that counts its effect. */
struct proof_site {
	enum site site;
	enum extra proved;
	enum group group;     /* the group of the proving probes */
	const char *programs; /* prefix of their names */
	const char *by;	      /* what they count, for people */
};
extern const struct proof_site proof_sites[PROOF_PARTS];

struct proof_part {
	bool known;	  /* the proving probes were attached; else `why` is set */
	uint64_t counted; /* bytes at the site */
	uint64_t proved;  /* bytes of its effect */
	char why[192];
	const char *code; /* likewise: "not_counted", or a refusal's; static */
};

struct proof {
	const char *transport; /* static */
	struct proof_part part[PROOF_PARTS];
};

/* Takes the site's bytes, from the tally or the causes, and those of its effect. */
void proof__take(struct proof *proof, int part, const struct tally *tally,
		 const struct causes *causes);
bool proof__equal(const struct proof *proof); /* whether all known parts are equal */

#endif
