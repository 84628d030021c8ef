/* SPDX-License-Identifier: GPL-2.0 */
/* The sentences: where a remark becomes English. */
#ifndef HARNESS_WORDS_H
#define HARNESS_WORDS_H

#include "ledger/ledger.h"

#define SENTENCE_MAX 1024

/*
 * The sentence of a remark; cut short if it does not fit. `ledger`: the one it is about, or NULL
 * for what doctor finds.
 */
void words__sentence(const struct ledger *ledger, const struct remark *remark, char *text,
		     size_t size);
/* The sentences of several, joined by semicolons; empty if there are none. */
void words__sentences(const struct ledger *ledger, const struct remarks *remarks, char *text,
		      size_t size);

/* The sentence of a code, with {name} where its values go; words.c says what else there is. */
const char *words__template(enum remark_code code);
/* Against a cause of deferred copies, by its code. */
const char *words__remedy(const char *cause);
/* Why packets are copied on the way to a device, by its code; "": it was not asked. */
const char *words__device(const char *code);
/* What no probe counts, by its code: a template like that of a remark. */
const char *words__uncounted(const char *why);
/* What moved bytes past the sites, by its code. */
const char *words__mover(const char *by);
/* How to send without a copy to there: "card", or a peer on this host. */
const char *words__instead(const char *to);

#endif
