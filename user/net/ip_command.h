/* SPDX-License-Identifier: GPL-2.0 */
/* The ip program (iproute2), which makes, moves and configures interfaces. */
#ifndef HARNESS_IP_COMMAND_H
#define HARNESS_IP_COMMAND_H

#include <stddef.h>

/*
 * Runs it in the network namespace of this thread. `words` ends with NULL. 0, or a negative errno
 * with one line on stderr.
 */
int ip__run(const char *const words[]);

/* ip("link", "set", "lo", "up") */
#define ip(...) ip__run((const char *const[]){"ip", __VA_ARGS__, NULL})

#endif
