/* SPDX-License-Identifier: GPL-2.0 */
/* The two ends of a connection. */
#ifndef HARNESS_SIDE_H
#define HARNESS_SIDE_H

enum side {
	SENDER,
	RECEIVER,
	SIDE_COUNT
};

/* "sender", "receiver" */
extern const char *const side_names[SIDE_COUNT];

#endif
