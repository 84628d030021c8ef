// SPDX-License-Identifier: GPL-2.0
#include "net/taps.h"
#include "host/tasks.h"

#include <dirent.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool tap__sees_sends(const struct tap *tap)
{
	return tap->running && tap->protocol == ETH_P_ALL;
}

/* A line as packet_seq_show() writes it. */
static bool tap__parse(const char *line, struct tap *tap)
{
	unsigned int running;

	*tap = (struct tap){};
	if (sscanf(line, "%*s %*d %*d %x %u %u %*u %*u %lu", &tap->protocol, &tap->index, &running,
		   &tap->inode) != 4)
		return false;
	tap->running = running;
	return true;
}

int taps__parse(FILE *stream, struct taps *taps)
{
	char *line = NULL;
	size_t room = 0;
	struct tap *more, tap;
	int err = 0;

	if (getline(&line, &room, stream) < 0 || strncmp(line, "sk ", 3))
		err = -EINVAL;
	while (!err && getline(&line, &room, stream) > 0) {
		if (!tap__parse(line, &tap)) {
			err = -EINVAL;
			break;
		}
		more = reallocarray(taps->tap, taps->count + 1, sizeof(*taps->tap));
		if (!more) {
			err = -ENOMEM;
			break;
		}
		taps->tap = more;
		taps->tap[taps->count++] = tap;
	}
	free(line);
	return err;
}

static void tap__add_owner(struct tap *tap, pid_t pid)
{
	struct tap_owner *owner = &tap->owner[tap->owner_count];

	/* a process that holds two descriptors of it is one owner */
	if (tap->owner_count == TAP_OWNERS_MAX || (tap->owner_count && owner[-1].pid == pid))
		return;
	owner->pid = pid;
	tasks__name(pid, owner->comm, sizeof(owner->comm));
	tap->owner_count++;
}

/* 0, or a negative errno when the process's descriptors cannot be read. */
static int taps__look_into(struct taps *taps, pid_t pid)
{
	char path[64], target[64];
	struct dirent *entry;
	unsigned long inode;
	ssize_t length;
	DIR *directory;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	directory = opendir(path);
	if (!directory)
		return -errno;
	while ((entry = readdir(directory))) {
		length = readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1);
		if (length < 0)
			continue;
		target[length] = '\0';
		if (sscanf(target, "socket:[%lu]", &inode) != 1)
			continue;
		for (size_t i = 0; i < taps->count; i++)
			if (taps->tap[i].inode == inode)
				tap__add_owner(&taps->tap[i], pid);
	}
	closedir(directory);
	return 0;
}

static void taps__find_owners(struct taps *taps)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	int err;

	while (processes && (entry = readdir(processes))) {
		pid_t pid = atoi(entry->d_name);

		err = pid > 0 ? taps__look_into(taps, pid) : 0;
		taps->unseen += err && err != -ENOENT && err != -ESRCH;
	}
	if (processes)
		closedir(processes);
}

void taps__read(struct taps *taps)
{
	/* the namespace of this thread; other threads may be in another */
	FILE *file = fopen("/proc/thread-self/net/packet", "re");

	*taps = (struct taps){};
	if (!file) {
		taps->error = -errno;
		return;
	}
	taps->error = taps__parse(file, taps);
	fclose(file);
	for (size_t i = 0; i < taps->count; i++)
		if (!if_indextoname(taps->tap[i].index, taps->tap[i].device))
			taps->tap[i].device[0] = '\0';
	if (taps->count)
		taps__find_owners(taps);
}

void taps__free(struct taps *taps)
{
	free(taps->tap);
	*taps = (struct taps){};
}
