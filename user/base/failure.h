/* SPDX-License-Identifier: GPL-2.0 */
/* The failure of a thread that must not print: one line, for its caller to print. */
#ifndef HARNESS_FAILURE_H
#define HARNESS_FAILURE_H

#define FAILURE_TEXT 256

struct failure {
	int err; /* negative errno, 0: none */
	char text[FAILURE_TEXT];
};

/* Keeps the first failure, because later ones are its consequences. Returns err. */
int failure__set(struct failure *failure, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
