/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that no other user can have redirected. Root writes into folders where others may have put
 * a symbolic link, a hard link or a pipe first. So each directory of a path, and the file at its
 * end, must belong to this user, to root, or to the user that called sudo (SUDO_UID).
 */
#ifndef HARNESS_OWNED_H
#define HARNESS_OWNED_H

#include <stdbool.h>
#include <sys/types.h>

/* Used like an errno. */
#define OWNED_BY_ANOTHER 4096
#define OWNED_SPECIAL	 4097 /* no regular file, or one with several names */

/* The user that called sudo to become root: false when it is root, too, or sudo was not used. */
bool owned__caller(uid_t *user, gid_t *group);

/* The text of an error, also of the two above. `err` is negative. */
const char *owned__strerror(int err);

/*
 * A directory to work in, made if `create` is set: its descriptor or a negative error. New
 * directories and files belong to the user that called sudo.
 */
int owned__directory(const char *name, bool create);

/*
 * A regular file in a directory, `flags` as open() has them: its descriptor or a negative error. A
 * symbolic link is not followed.
 */
int owned__open_at(int directory, const char *name, int flags);

/*
 * A file to write from its start, by its path: its descriptor or a negative error. A device, a pipe
 * or a symbolic link will do if it is not another user's.
 */
int owned__write(const char *path);

#endif
