/* SPDX-License-Identifier: GPL-2.0 */
/* The processes that hold the packet taps for which pinned pages were copied. */
#ifndef HARNESS_WATCH_TAPS_H
#define HARNESS_WATCH_TAPS_H

#include "ledger/account.h"
#include "net/taps.h"

/*
 * Looks for the taps of the process's network namespace that now run and see what is sent by the
 * devices its tap copies were made at, and adds their holders to account->tappers. It reads every
 * process's descriptors: call it only after tap copies were counted. What cannot be read adds
 * nothing.
 */
void watch_taps__find(struct account *account);

/* Pure: adds the holders of the taps that see `device` (NULL or "": every device). */
void watch_taps__add(struct account *account, const struct taps *taps, const char *device);

#endif
