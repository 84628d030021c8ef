/* SPDX-License-Identifier: GPL-2.0 */
/* The sentences of remarks. */
#ifndef HARNESS_WORDS_H
#define HARNESS_WORDS_H

#include "ledger/ledger.h"

#define SENTENCE_MAX 1024

/*
 * The sentence of a remark, cut short if it does not fit. `ledger`: the remark's, or NULL for a
 * finding of doctor.
 */
void words__sentence(const struct ledger *ledger, const struct remark *remark, char *text,
		     size_t size);
/* The sentences of several remarks, joined by semicolons; "" for none. */
void words__sentences(const struct ledger *ledger, const struct remarks *remarks, char *text,
		      size_t size);

/* The sentence of a code, with {name} for its values; words.c lists the other forms. */
const char *words__template(enum remark_code code);
/* The advice against a cause of deferred copies, by the cause's code. */
const char *words__remedy(const char *cause);
/* Why packets to a device are copied, by its code; "": not looked for. */
const char *words__device(const char *code);
/* What no probe counts, by its code: a template like a remark's. */
const char *words__uncounted(const char *why);
/* What moved bytes past the sites, by its code; NULL: it is a function's name. */
const char *words__mover(const char *by);
/* How to send without a copy, to a "card" or to a peer on this host. */
const char *words__instead(const char *to);

#endif
