/* SPDX-License-Identifier: GPL-2.0 */
/* The devices for which the kernel linearises or segments packets by copying. */
#ifndef HARNESS_WATCH_DEVICES_H
#define HARNESS_WATCH_DEVICES_H

#include "ledger/account.h"

/*
 * Reads the offloads of each device that is up, in the network namespace of the account's process,
 * and sets account->copying. Call it only after transmit copies were counted.
 */
void watch_devices__find(struct account *account);

#endif
