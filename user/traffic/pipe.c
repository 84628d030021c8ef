// SPDX-License-Identifier: GPL-2.0
#include "traffic/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define PIPE_BYTES (1 << 20)

int pipe__open(struct pipe *pipe, struct failure *failure)
{
	int end[2];

	if (pipe2(end, O_CLOEXEC))
		return failure__set(failure, -errno, "pipe: %m%s",
				    errno == EMFILE ? "; raise ulimit -n or use fewer threads"
						    : "");
	*pipe = (struct pipe){.out = end[0], .in = end[1]};
	/* Fails at fs.pipe-user-pages-soft; a small pipe works too. */
	fcntl(pipe->in, F_SETPIPE_SZ, PIPE_BYTES);
	return 0;
}

void pipe__close(struct pipe *pipe)
{
	if (!pipe->in)
		return;
	close(pipe->out);
	close(pipe->in);
	*pipe = (struct pipe){};
}
