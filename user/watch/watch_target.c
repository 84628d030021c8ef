// SPDX-License-Identifier: GPL-2.0
#include "watch/watch_target.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/text.h"

static int check_pid(pid_t pid)
{
	char path[64], line[128];
	int group = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Tgid: %d", &group) == 1)
			break;
	if (file)
		fclose(file);
	if (!group) {
		fprintf(stderr, "harness: watch: --pid %d: there is no such process\n", pid);
		return -ESRCH;
	}
	if (group == pid)
		return 0;
	fprintf(stderr, "harness: watch: --pid %d is a thread of process %d: watch that\n", pid,
		group);
	return -EINVAL;
}

static int open_cgroup(struct watch_target *target, const char *path)
{
	struct statfs about;

	target->cgroup_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (target->cgroup_fd < 0) {
		fprintf(stderr, "harness: watch: --cgroup %s: %s\n", path, strerror(errno));
		return -EINVAL;
	}
	if (fstatfs(target->cgroup_fd, &about) || about.f_type != CGROUP2_SUPER_MAGIC) {
		fprintf(stderr, "harness: watch: --cgroup %s is no control group (version 2)\n",
			path);
		return -EINVAL;
	}
	return 0;
}

static int open_processes(struct watch_target *target, const struct watch_options *options)
{
	struct watch_processes *processes = &target->processes;
	int err = 0;

	for (size_t i = 0; !err && i < options->pid_count; i++) {
		err = check_pid(options->pid[i]);
		if (!err)
			err = processes__add(processes, options->pid[i]);
	}
	if (!err && options->comm)
		err = processes__add_named(processes, options->comm);
	if (!err && options->comm && !processes->count) {
		fprintf(stderr, "harness: watch: --comm %s: no process has this name\n",
			options->comm);
		return -ESRCH;
	}
	if (!err && processes->count) {
		err = processes__open(processes);
		processes__describe(processes, target->command, sizeof(target->command));
	}
	return err;
}

int watch_target__open(struct watch_target *target, const struct watch_options *options)
{
	char *words = target->command;
	int err;

	*target = (struct watch_target){.cgroup_fd = -1};
	err = open_processes(target, options);
	if (err)
		return err;
	if (options->cgroup) {
		snprintf(words, sizeof(target->command), "%s", options->cgroup);
		text__clean(words);
		return open_cgroup(target, options->cgroup);
	}
	if (options->all)
		snprintf(words, sizeof(target->command), "all processes");
	for (char **word = options->command; word && *word; word++)
		text__append(words, sizeof(target->command), "%s%s",
			     word == options->command ? "" : " ", *word);
	text__clean(words);
	return 0;
}

void watch_target__close(struct watch_target *target)
{
	processes__free(&target->processes);
	if (target->cgroup_fd >= 0)
		close(target->cgroup_fd);
	target->cgroup_fd = -1;
}
