// SPDX-License-Identifier: GPL-2.0
#include "base/side.h"

const char *const side_names[SIDE_COUNT] = {[SENDER] = "sender", [RECEIVER] = "receiver"};
