/* SPDX-License-Identifier: GPL-2.0 */
/* The devices for which packets are made linear, or cut, before they take them. */
#ifndef HARNESS_WATCH_DEVICES_H
#define HARNESS_WATCH_DEVICES_H

#include "ledger/account.h"

/*
 * Reads the offloads of every device that is up, in the network namespace of the account's process,
 * into account->copying. Call it only after transmit copies were counted.
 */
void watch_devices__find(struct account *account);

#endif
