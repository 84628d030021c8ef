// SPDX-License-Identifier: GPL-2.0
#include "net/taps.h"
#include "host/tasks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* Adds the process to each tap that it holds. A negative errno: its descriptors cannot be read. */
static int taps__add_owner(struct taps *taps, pid_t pid)
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

		err = pid > 0 ? taps__add_owner(taps, pid) : 0;
		taps->unseen += err && err != -ENOENT && err != -ESRCH;
	}
	if (processes)
		closedir(processes);
}

/* Adds the taps of this thread's namespace; other threads may be in another. */
static int taps__add_here(struct taps *taps, unsigned long namespace)
{
	FILE *file = fopen("/proc/thread-self/net/packet", "re");
	size_t i = taps->count;
	int err;

	if (!file)
		return -errno;
	err = taps__parse(file, taps);
	fclose(file);
	for (; i < taps->count; i++) {
		taps->tap[i].namespace = namespace;
		if (!if_indextoname(taps->tap[i].index, taps->tap[i].device))
			taps->tap[i].device[0] = '\0';
	}
	return err;
}

void taps__read(struct taps *taps)
{
	*taps = (struct taps){};
	taps->error = taps__add_here(taps, 0);
	if (taps->count)
		taps__find_owners(taps);
}

/* The network namespaces whose taps were read. */
struct namespaces {
	unsigned long *inode;
	size_t count;
};

/* false: it was there, or there is no memory. */
static bool namespaces__add(struct namespaces *namespaces, unsigned long inode)
{
	unsigned long *more;

	for (size_t i = 0; i < namespaces->count; i++)
		if (namespaces->inode[i] == inode)
			return false;
	more = reallocarray(namespaces->inode, namespaces->count + 1, sizeof(*more));
	if (!more)
		return false;
	namespaces->inode = more;
	namespaces->inode[namespaces->count++] = inode;
	return true;
}

/* Adds the taps of a process's namespace if it is a new one. Another user's is left out. */
static void taps__add_namespace(struct taps *taps, int home, struct namespaces *read, pid_t process)
{
	char path[64];
	struct stat status;
	int there;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)process);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (there < 0)
		return;
	if (!fstat(there, &status) && namespaces__add(read, status.st_ino) &&
	    !setns(there, CLONE_NEWNET)) {
		taps__add_here(taps, status.st_ino);
		/* cannot fail: this is our own namespace */
		if (setns(home, CLONE_NEWNET))
			perror("harness: cannot return to the network namespace");
	}
	close(there);
}

void taps__read_all(struct taps *taps)
{
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	DIR *processes = home < 0 ? NULL : opendir("/proc");
	struct namespaces read = {};
	struct dirent *entry;
	struct stat status;

	*taps = (struct taps){};
	taps->error = taps__add_here(taps, 0);
	if (home >= 0 && !fstat(home, &status))
		namespaces__add(&read, status.st_ino);
	while (processes && (entry = readdir(processes)))
		if (atoi(entry->d_name) > 0)
			taps__add_namespace(taps, home, &read, atoi(entry->d_name));
	if (processes)
		closedir(processes);
	if (home >= 0)
		close(home);
	free(read.inode);
	if (taps->count)
		taps__find_owners(taps);
}

void taps__free(struct taps *taps)
{
	free(taps->tap);
	*taps = (struct taps){};
}
