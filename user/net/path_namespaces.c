// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/path_namespaces.h"

static const char *missing_capability(int err)
{
	return err == -EPERM ? "; missing CAP_SYS_ADMIN (root has it)" : "";
}

/* A new namespace. Only the returned descriptor holds it open. */
static int namespace__new(int home_fd)
{
	int fd;

	if (unshare(CLONE_NEWNET))
		return -errno;
	fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	if (setns(home_fd, CLONE_NEWNET)) {
		if (fd >= 0)
			close(fd);
		return -errno;
	}
	return fd;
}

int path__add_namespaces(struct path *path)
{
	int fd;

	path->home_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	fd = path->home_fd < 0 ? -errno : 0;
	for (int side = 0; side < SIDE_COUNT && fd >= 0; side++) {
		fd = namespace__new(path->home_fd);
		if (fd >= 0)
			path->namespace_fd[side] = fd;
	}
	if (fd >= 0)
		return 0;
	fprintf(stderr, "harness: --path %s: cannot create a network namespace: %s%s\n",
		path->spec->name, strerror(-fd), missing_capability(fd));
	return fd;
}

int path__enter(const struct path *path, enum side side)
{
	return setns(path->namespace_fd[side], CLONE_NEWNET) ? -errno : 0;
}

int path__leave(const struct path *path)
{
	return setns(path->home_fd, CLONE_NEWNET) ? -errno : 0;
}

int path__socket(const struct path *path, enum side side)
{
	int fd, err = 0;

	if (path->home_fd >= 0)
		err = path__enter(path, side);
	if (err)
		return err;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		fd = -errno;
	if (path->home_fd >= 0)
		err = path__leave(path);
	if (err && fd >= 0)
		close(fd);
	return err ? err : fd;
}

/* The namespaces that ip netns add made. */
int path__find_namespaces(struct path *path)
{
	char name[128];

	path->home_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (path->home_fd < 0)
		return -errno;
	for (int side = 0; side < SIDE_COUNT; side++) {
		snprintf(name, sizeof(name), "/run/netns/%s", path->spec->word[side]);
		path->namespace_fd[side] = open(name, O_RDONLY | O_CLOEXEC);
		if (path->namespace_fd[side] < 0) {
			int err = -errno;

			fprintf(stderr,
				"harness: --path %s: no namespace %s: %s; ip netns lists them\n",
				path->spec->name, path->spec->word[side], strerror(-err));
			return err == -ENOENT ? -ENODEV : err;
		}
	}
	return 0;
}

/*
 * The first interface in a side's namespace that has an IPv4 address and is not the loopback. The
 * bytes cross it; on the sender's side its address is the one to listen on.
 */
int path__find_address(struct path *path, enum side side)
{
	struct ifaddrs *list = NULL;
	int err = path__enter(path, side);

	if (err) {
		fprintf(stderr, "harness: --path %s: cannot enter namespace %s: %s%s\n",
			path->spec->name, path->spec->word[side], strerror(-err),
			missing_capability(err));
		return err;
	}
	if (getifaddrs(&list))
		err = -errno;
	for (struct ifaddrs *each = list; each && !path->device[side][0]; each = each->ifa_next) {
		const struct sockaddr_in *address = (const void *)each->ifa_addr;

		if (!address || address->sin_family != AF_INET || (each->ifa_flags & IFF_LOOPBACK))
			continue;
		snprintf(path->device[side], IF_NAMESIZE, "%s", each->ifa_name);
		if (side == SENDER)
			path->address = address->sin_addr;
	}
	freeifaddrs(list);
	if (path__leave(path) && !err)
		err = -errno;
	if (!err && !path->device[side][0])
		err = -EADDRNOTAVAIL;
	if (err)
		fprintf(stderr, "harness: --path %s: namespace %s has no IPv4 address: %s\n",
			path->spec->name, path->spec->word[side], strerror(-err));
	return err;
}
