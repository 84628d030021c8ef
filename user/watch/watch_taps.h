/* SPDX-License-Identifier: GPL-2.0 */
/* The processes whose packet taps made the kernel copy pinned pages. */
#ifndef HARNESS_WATCH_TAPS_H
#define HARNESS_WATCH_TAPS_H

#include "ledger/account.h"
#include "net/taps.h"

/*
 * Finds the packet taps that now exist in the process's network namespace and see the devices of
 * the account's tap copies. Adds their processes to account->tappers. It reads every process's
 * descriptors, so call it only after tap copies were counted. What cannot be read adds nothing.
 */
void watch_taps__find(struct account *account);

/* Pure: adds the processes whose taps see `device` (NULL or "": every device). */
void watch_taps__add(struct account *account, const struct taps *taps, const char *device);

#endif
