/* SPDX-License-Identifier: GPL-2.0 */
/* The sentences: the one place where a remark becomes English. */
#ifndef HARNESS_WORDS_H
#define HARNESS_WORDS_H

#include "ledger/ledger.h"

#define SENTENCE_MAX 1024

/* Of a remark of this ledger; cut short if it does not fit. */
void words__sentence(const struct ledger *ledger, const struct remark *remark, char *text,
		     size_t size);

#endif
