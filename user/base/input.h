/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that are read whole, of which anything may be wrong: a pipe that nothing is written to, a
 * device that never ends, more than memory holds.
 */
#ifndef HARNESS_INPUT_H
#define HARNESS_INPUT_H

#include <stddef.h>

#define INPUT_MAX     (256ul << 20)
#define INPUT_WAIT_MS 10000 /* until a pipe gives more */

struct input {
	char *text; /* `length` bytes, which may be 0, and a 0 after them */
	size_t length;
};

/* 0 or a negative error, and nothing to free. From the start of an open file, or of one by name. */
int input__read(int fd, struct input *input);
int input__open(const char *path, struct input *input);
void input__free(struct input *input);

/* strerror(), and the sentences of what is wrong with a file otherwise. */
const char *input__strerror(int err);

#endif
