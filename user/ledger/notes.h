/* SPDX-License-Identifier: GPL-2.0 */
/* Plain sentences about what would surprise in a ledger, computed from its numbers. Pure. */
#ifndef HARNESS_NOTES_H
#define HARNESS_NOTES_H

#include "ledger/ledger.h"

/* Adds what there is to say about a ledger that has all its numbers. */
void notes__add(struct ledger *ledger);

#endif
