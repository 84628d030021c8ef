/* SPDX-License-Identifier: GPL-2.0 */
/* --time: what the copies of a ledger took, and what their removal can win. Pure. */
#ifndef HARNESS_COPY_TIMES_H
#define HARNESS_COPY_TIMES_H

#include "ledger/ledger.h"

/*
 * The evidence for the time of a site's copies. EVIDENCE_UPPER_BOUND: the timed code does more than
 * copy.
 */
enum evidence time__evidence(enum site site);

/* Whether the site is a copy by the CPU, of payload or for a tap. */
bool site__is_copy(enum site site);

/* Sets the times, after the sites. */
void ledger__take_times(struct ledger *ledger, const struct counted *counted);
/* Notes the time of copies, and copies that were not timed. */
void ledger__note_times(struct ledger *ledger, const struct counted *counted);
/* Notes the kernel's copies that nothing on this kernel can time. */
void ledger__note_times_unavailable(struct ledger *ledger, const struct known *known);

#endif
