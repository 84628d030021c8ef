/* SPDX-License-Identifier: GPL-2.0 */
/* How each system call receives. */
#ifndef HARNESS_CALLS_H
#define HARNESS_CALLS_H

#include <linux/types.h>

#include "bpf/shared.h"

enum receives receives__by_system_call(long number);

#endif
