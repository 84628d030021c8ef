/* SPDX-License-Identifier: GPL-2.0 */
/* A pipe that splice() moves pages through. */
#ifndef HARNESS_PIPE_H
#define HARNESS_PIPE_H

#include <stddef.h>

#include "base/failure.h"

struct pipe {
	int out, in;  /* read end, write end; 0: not open */
	size_t bytes; /* bytes in the pipe, counted by its user */
};

/*
 * Opens a pipe of the largest size that needs no privilege (fs.pipe-max-size), 1 MiB at most. 0, or
 * a negative errno with *failure set and nothing open.
 */
int pipe__open(struct pipe *pipe, struct failure *failure);
void pipe__close(struct pipe *pipe);

#endif
