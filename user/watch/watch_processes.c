// SPDX-License-Identifier: GPL-2.0
#include "watch/watch_processes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "host/tasks.h"

/* The kernel keeps 15 characters of a name. */
#define NAME_MAX_LENGTH 15
#define SHOWN		8

struct process {
	pid_t pid, parent;
	char name[NAME_MAX_LENGTH + 1];
};

static bool processes__has(const struct watch_processes *processes, pid_t pid)
{
	for (size_t i = 0; i < processes->count; i++)
		if (processes->pid[i] == pid)
			return true;
	return false;
}

static int processes__append(struct watch_processes *processes, pid_t pid)
{
	pid_t *more;

	if (processes__has(processes, pid))
		return 0;
	more = reallocarray(processes->pid, processes->count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	processes->pid = more;
	processes->pid[processes->count++] = pid;
	return 0;
}

int processes__add(struct watch_processes *processes, pid_t pid)
{
	int err = processes__append(processes, pid);

	processes->named = processes->count;
	return err;
}

/* Reads /proc/PID/stat. The name in it may hold any character, and ends at the last parenthesis. */
static bool process__read(struct process *process, int proc, const char *number)
{
	char path[64], stat[512], *name, *end;
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "%.20s/stat", number);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, stat, sizeof(stat) - 1);
	close(fd);
	stat[length > 0 ? length : 0] = '\0';
	name = strchr(stat, '(');
	end = strrchr(stat, ')');
	if (!name || !end || sscanf(end, ") %*c %d", &process->parent) != 1)
		return false;
	*end = '\0';
	process->pid = atoi(stat);
	snprintf(process->name, sizeof(process->name), "%s", name + 1);
	return true;
}

/* Calls `take` for each process except this one. */
static int each_process(void *context, int (*take)(void *context, const struct process *process))
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int err = 0;

	if (!proc)
		return -errno;
	while (!err && (entry = readdir(proc))) {
		struct process process;

		if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9' &&
		    process__read(&process, dirfd(proc), entry->d_name) && process.pid != getpid())
			err = take(context, &process);
	}
	closedir(proc);
	return err;
}

struct named {
	struct watch_processes *processes;
	const char *name;
};

static int take_named(void *context, const struct process *process)
{
	struct named *named = context;

	return strncmp(process->name, named->name, NAME_MAX_LENGTH)
		       ? 0
		       : processes__add(named->processes, process->pid);
}

int processes__add_named(struct watch_processes *processes, const char *name)
{
	struct named named = {.processes = processes, .name = name};

	return each_process(&named, take_named);
}

static int take_child(void *context, const struct process *process)
{
	struct watch_processes *processes = context;

	return processes__has(processes, process->parent)
		       ? processes__append(processes, process->pid)
		       : 0;
}

int processes__add_children(struct watch_processes *processes)
{
	size_t before;
	int err;

	/* repeated: a child may have a lower number than its parent, or be new */
	do {
		before = processes->count;
		err = each_process(processes, take_child);
	} while (!err && processes->count > before);
	return err;
}

int processes__open(struct watch_processes *processes)
{
	int err;

	processes->pid_fd = calloc(processes->named + 1, sizeof(*processes->pid_fd));
	if (!processes->pid_fd)
		return -ENOMEM;
	for (size_t i = 0; i < processes->named; i++)
		processes->pid_fd[i] = -1;
	for (size_t i = 0; i < processes->named; i++) {
		processes->pid_fd[i] = syscall(SYS_pidfd_open, processes->pid[i], 0);
		if (processes->pid_fd[i] >= 0 || errno == ESRCH) /* ESRCH: it has ended */
			continue;
		err = -errno;
		fprintf(stderr, "harness: cannot follow process %d: pidfd_open: %s\n",
			processes->pid[i], strerror(-err));
		return err;
	}
	return 0;
}

static size_t processes__first(const struct watch_processes *processes)
{
	size_t i = 0;

	while (i < processes->named && processes->pid_fd[i] < 0)
		i++;
	return i;
}

int processes__running(const struct watch_processes *processes)
{
	size_t first = processes__first(processes);

	return first < processes->named ? processes->pid_fd[first] : -1;
}

void processes__ended(struct watch_processes *processes)
{
	size_t first = processes__first(processes);

	if (first < processes->named) {
		close(processes->pid_fd[first]);
		processes->pid_fd[first] = -1;
	}
}

void processes__describe(const struct watch_processes *processes, char *text, size_t size)
{
	size_t children = processes->count - processes->named;
	char name[NAME_MAX_LENGTH + 1];

	text__append(text, size, "process%s ", processes->named == 1 ? "" : "es");
	for (size_t i = 0; i < processes->named && i < SHOWN; i++)
		text__append(text, size, "%s%d", i ? ", " : "", processes->pid[i]);
	if (processes->named > SHOWN)
		text__append(text, size, " and %zu more", processes->named - SHOWN);
	if (processes->named == 1) {
		tasks__name(processes->pid[0], name, sizeof(name));
		text__append(text, size, " (%s)", name);
	}
	if (children)
		text__append(text, size, " and %zu child%s", children, children == 1 ? "" : "ren");
}

void processes__free(struct watch_processes *processes)
{
	for (size_t i = 0; processes->pid_fd && i < processes->named; i++)
		if (processes->pid_fd[i] >= 0)
			close(processes->pid_fd[i]);
	free(processes->pid_fd);
	free(processes->pid);
	*processes = (struct watch_processes){};
}
