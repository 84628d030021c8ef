/* SPDX-License-Identifier: GPL-2.0 */
/* A pipe that splice() moves pages through. */
#ifndef HARNESS_PIPE_H
#define HARNESS_PIPE_H

#include <stddef.h>

#include "base/failure.h"

struct pipe {
	int out, in;  /* read end, write end; 0: not open */
	size_t bytes; /* that the pipe holds: its user keeps the count */
};

/* As large as the system allows without a privilege, 1 MiB at most (fs.pipe-max-size). 0, or a
 * negative errno with *failure set and nothing open. */
int pipe__open(struct pipe *pipe, struct failure *failure);
void pipe__close(struct pipe *pipe);

#endif
