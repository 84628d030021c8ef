// SPDX-License-Identifier: GPL-2.0
#include "base/owned.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 40 /* the kernel follows no more */

const char *owned__strerror(int err)
{
	if (err == -OWNED_BY_ANOTHER)
		return "belongs to another user and is not trusted (SUDO_UID=UID trusts one)";
	return err == -OWNED_SPECIAL ? "is no regular file, or has several names" : strerror(-err);
}

/* A number in the environment, and no more than that. */
static bool environment_id(const char *name, unsigned int *id)
{
	const char *text = getenv(name);
	char *end;

	if (!text || *text < '0' || *text > '9')
		return false;
	*id = strtoul(text, &end, 10);
	return !*end;
}

bool owned__caller(uid_t *user, gid_t *group)
{
	if (geteuid() || !environment_id("SUDO_UID", user) || !*user)
		return false;
	if (!environment_id("SUDO_GID", group))
		*group = *user;
	return true;
}

static bool is_trusted(uid_t owner)
{
	uid_t caller;
	gid_t group;

	return owner == 0 || owner == geteuid() ||
	       (owned__caller(&caller, &group) && owner == caller);
}

/* What was just made becomes the caller's; without the privilege it stays root's. */
static void give(int fd)
{
	uid_t user;
	gid_t group;

	if (owned__caller(&user, &group) && fchown(fd, user, group))
		return;
}

static int walk(int from, const char *path, unsigned int links);

/* One name of a path, from the directory before it, as a descriptor of O_PATH. */
static int step(int from, const char *name, unsigned int links)
{
	int fd = openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char target[PATH_MAX];
	struct stat status;
	ssize_t length;

	if (fd < 0 || fstat(fd, &status))
		return -errno;
	if (!S_ISLNK(status.st_mode))
		return fd;
	length = readlinkat(fd, "", target, sizeof(target) - 1);
	close(fd);
	if (!is_trusted(status.st_uid))
		return -OWNED_BY_ANOTHER;
	if (length < 0 || links == LINKS_MAX)
		return length < 0 ? -errno : -ELOOP;
	target[length] = '\0';
	return walk(from, target, links + 1);
}

/* The directory or file that a path leads to, from a directory. */
static int walk(int from, const char *path, unsigned int links)
{
	char *copy = strdup(path), *rest = copy, *name;
	int fd = openat(from, *path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC), next;

	fd = fd < 0 ? -errno : fd;
	while (copy && fd >= 0 && (name = strsep(&rest, "/"))) {
		if (!*name)
			continue;
		next = step(fd, name, links);
		close(fd);
		fd = next;
	}
	free(copy);
	return copy ? fd : -ENOMEM;
}

/* The directory that has the last name of a path; `name` then points at that name in the path. */
static int walk_to_parent(const char *path, const char **name)
{
	size_t length = strlen(path);
	char *parent = strdup(path), *slash;
	int fd;

	if (!parent)
		return -ENOMEM;
	while (length > 1 && parent[length - 1] == '/')
		parent[--length] = '\0';
	slash = strrchr(parent, '/');
	*name = slash ? path + (slash - parent) + 1 : path;
	if (slash)
		slash[1] = '\0';
	fd = walk(AT_FDCWD, slash ? parent : ".", 0);
	free(parent);
	return fd;
}

/* Closes the file when it belongs to another user. */
static int check(int fd, bool regular)
{
	struct stat status;
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status))
		err = -errno;
	else if (!is_trusted(status.st_uid))
		err = -OWNED_BY_ANOTHER;
	else if (regular ? !S_ISREG(status.st_mode) || status.st_nlink > 1
			 : S_ISREG(status.st_mode) && status.st_nlink > 1)
		err = -OWNED_SPECIAL;
	if (err)
		close(fd);
	return err ?: fd;
}

int owned__directory(const char *name, bool create)
{
	bool made = false;
	const char *last;
	int parent, fd, opened;

	if (create) {
		parent = walk_to_parent(name, &last);
		if (parent < 0)
			return parent;
		made = !mkdirat(parent, last, 0777);
		if (!made && errno != EEXIST) {
			opened = -errno;
			close(parent);
			return opened;
		}
		close(parent);
	}
	fd = walk(AT_FDCWD, name, 0);
	if (fd < 0)
		return fd;
	opened = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	opened = check(opened, false);
	if (made && opened >= 0)
		give(opened);
	close(fd);
	return opened;
}

/* openat(), and whether the file was made. */
static int open_or_make(int directory, const char *name, int flags, bool *made)
{
	int fd = -1;

	if (flags & O_CREAT)
		fd = openat(directory, name, flags | O_EXCL, 0666);
	*made = fd >= 0;
	if (fd < 0 && (!(flags & O_CREAT) || errno == EEXIST) && !(flags & O_EXCL))
		fd = openat(directory, name, flags & ~O_CREAT);
	return fd;
}

int owned__open_at(int directory, const char *name, int flags)
{
	bool made;
	int fd = open_or_make(directory, name,
			      (flags & ~O_TRUNC) | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
			      &made);

	fd = check(fd, true);
	if (fd >= 0 && made)
		give(fd);
	if (fd >= 0 && flags & O_TRUNC && ftruncate(fd, 0)) {
		close(fd);
		return -errno;
	}
	return fd;
}

int owned__write(const char *path)
{
	const int flags = O_WRONLY | O_CREAT | O_NOCTTY | O_CLOEXEC;
	struct stat status;
	const char *name;
	int parent = walk_to_parent(path, &name), fd;
	bool made;

	if (parent < 0)
		return parent;
	fd = open_or_make(parent, name, flags | O_NOFOLLOW, &made);
	/* a link that is not another user's cannot become one */
	if (fd < 0 && errno == ELOOP && !fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) &&
	    is_trusted(status.st_uid))
		fd = openat(parent, name, flags, 0666);
	else if (fd < 0 && errno == ELOOP)
		errno = OWNED_BY_ANOTHER;
	fd = check(fd, false);
	close(parent);
	if (fd >= 0 && made)
		give(fd);
	/* a file that is not regular cannot be truncated (EINVAL) */
	if (fd >= 0 && ftruncate(fd, 0) && errno != EINVAL) {
		close(fd);
		return -errno;
	}
	return fd;
}
