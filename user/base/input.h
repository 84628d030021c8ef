/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads whole files that may have any fault: a pipe without a writer, a device without an end, more
 * bytes than memory has.
 */
#ifndef HARNESS_INPUT_H
#define HARNESS_INPUT_H

#include <stddef.h>

#define INPUT_MAX     (256ul << 20)
#define INPUT_WAIT_MS 10000 /* the longest wait for more bytes of a pipe */

struct input {
	char *text; /* `length` bytes, which may be 0, and a 0 after them */
	size_t length;
};

/* 0 or a negative error, and nothing to free. From the start of an open file, or of one by name. */
int input__read(int fd, struct input *input);
int input__open(const char *path, struct input *input);
void input__free(struct input *input);

/* The text of an error: that of strerror(), or of another fault of a file. */
const char *input__strerror(int err);

#endif
