// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/text.h"
#include "host/tasks.h"

#define WAIT_MS 1000

static bool status__number(const char *status, const char *key, uint64_t *sum)
{
	const char *at = strstr(status, key);

	if (at)
		*sum += strtoull(at + strlen(key), NULL, 10);
	return at;
}

/* Adds the counts of one thread. False when it is not asleep, or gone. */
static bool task__add(int directory, const char *thread, struct task_switches *sum)
{
	char path[64], status[4096];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "%.20s/status", thread);
	fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, status, sizeof(status) - 1);
	close(fd);
	status[length > 0 ? length : 0] = '\0';
	return strstr(status, "\nState:\tS") &&
	       status__number(status, "\nvoluntary_ctxt_switches:", &sum->voluntary) &&
	       status__number(status, "\nnonvoluntary_ctxt_switches:", &sum->involuntary);
}

static struct task_switches tasks__read(pid_t pid)
{
	struct task_switches sum = {.known = true};
	struct dirent *entry;
	DIR *directory;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	directory = opendir(path);
	if (!directory)
		return (struct task_switches){};
	while (sum.known && (entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			sum.known = task__add(dirfd(directory), entry->d_name, &sum);
	closedir(directory);
	return sum;
}

struct task_switches tasks__switches(pid_t pid)
{
	struct task_switches before = {}, now;

	/*
	 * A thread has state S shortly before it leaves the CPU, where the switch is counted. Two
	 * equal readings are final.
	 */
	for (int ms = 0; ms < WAIT_MS; ms++) {
		now = tasks__read(pid);
		if (now.known && before.known && now.voluntary == before.voluntary &&
		    now.involuntary == before.involuntary)
			return now;
		before = now;
		usleep(1000);
	}
	return (struct task_switches){};
}

/* The letter of /proc/PID/stat; 'X' when the process is gone. */
static char tasks__state(pid_t pid)
{
	char path[64], stat[512], *end;
	size_t length = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (file) {
		length = fread(stat, 1, sizeof(stat) - 1, file);
		fclose(file);
	}
	stat[length] = '\0';
	end = strrchr(stat, ')'); /* of the name, which may hold any character */
	return end ? end[2] : 'X';
}

bool tasks__runs(pid_t pid)
{
	return !strchr("ZX", tasks__state(pid));
}

bool tasks__is_stopped(pid_t pid)
{
	return strchr("Tt", tasks__state(pid));
}

void tasks__name(pid_t pid, char *name, size_t size)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	file = fopen(path, "re");
	if (!file || !fgets(name, size, file))
		name[0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	text__clean(name);
	if (file)
		fclose(file);
}

int tasks__check(void)
{
	char self[32] = "";
	int fd;

	if (readlink("/proc/self", self, sizeof(self) - 1) <= 0 || atoi(self) != getpid()) {
		fprintf(stderr, "harness: /proc %s: mount it anew (unshare --mount-proc does)\n",
			*self ? "is another PID namespace's" : "is not mounted");
		return -EOPNOTSUPP;
	}
	fd = pidfd_open(getpid(), 0);
	if (fd < 0) {
		fprintf(stderr, "harness: processes cannot be followed: pidfd_open: %m\n");
		return -EOPNOTSUPP;
	}
	close(fd);
	return 0;
}
