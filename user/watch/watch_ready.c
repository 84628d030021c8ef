// SPDX-License-Identifier: GPL-2.0
/* Reports that counting begins: a line for people, and one for scripts. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "watch/watch_parts.h"

#define LINE 512

int watch__check_ready(const struct watch *watch)
{
	int fd = watch->options->ready_fd;
	int flags = fd ? fcntl(fd, F_GETFL) : O_WRONLY;

	if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY) {
		/* the command must not inherit it */
		if (fd)
			fcntl(fd, F_SETFD, FD_CLOEXEC);
		return 0;
	}
	fprintf(stderr, "harness: watch: --ready-fd %d: want a descriptor open for writing: %s\n",
		fd, flags < 0 ? strerror(errno) : "it is open for reading only");
	return -EBADF;
}

/* Appends the attach methods in use: "fentry", or "fentry and tracepoint". */
static void add_methods(const struct watch *watch, char *text, size_t size)
{
	unsigned int used = 0, shown = 0;
	size_t count;
	const struct probe_status *probes = tracer__probes(watch->tracer, &count);

	for (size_t i = 0; i < count; i++)
		if (probes[i].state == PROBE_ATTACHED && probes[i].attach < ATTACH_COUNT)
			used |= 1u << probes[i].attach;
	for (int method = 0; method < ATTACH_COUNT; method++)
		if (used & 1u << method)
			text__append(text, size, "%s%s", shown++ ? " and " : "",
				     attach__name(method));
}

static void add_target(const struct watch *watch, char *text, size_t size)
{
	if (watch->child.pid)
		text__append(text, size, "process %d (%s)", watch->child.pid,
			     watch->target.command);
	else if (watch->target.processes.named)
		processes__describe(&watch->target.processes, text, size);
	else
		text__append(text, size, "%s", watch->target.command);
}

void watch__report_ready(struct watch *watch)
{
	int fd = watch->options->ready_fd;
	char line[LINE] = "counting (";

	add_methods(watch, line, sizeof(line));
	text__append(line, sizeof(line), "): ");
	add_target(watch, line, sizeof(line));
	fprintf(stderr, "harness: %s\n", line);
	if (!fd)
		return;
	text__append(line, sizeof(line), "\n");
	/* a script that no longer reads is no failure of the count */
	if (write(fd, line, strlen(line)) < 0)
		fprintf(stderr, "harness: watch: --ready-fd %d: %s\n", fd, strerror(errno));
	close(fd);
}

void watch__report_left(const struct watch *watch, size_t count)
{
	fprintf(stderr,
		"harness: %s has ended; %zu process%s that it started run%s on: the watch ends "
		"with %s, or with Ctrl-C\n",
		watch->options->command[0], count, count == 1 ? "" : "es", count == 1 ? "s" : "",
		count == 1 ? "it" : "them");
}
