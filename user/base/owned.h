/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that no other user can have redirected. Root writes into folders where others may have put
 * a symbolic link, a hard link or a pipe first: each step of a path, and what is opened at its end,
 * must be this user's, root's, or of the user that called sudo (SUDO_UID).
 */
#ifndef HARNESS_OWNED_H
#define HARNESS_OWNED_H

#include <stdbool.h>
#include <sys/types.h>

/* In place of an errno. */
#define OWNED_BY_ANOTHER 4096
#define OWNED_SPECIAL	 4097 /* no regular file, or one with several names */

/* The user that root was called by, with sudo: false when that is root, too, or there was none. */
bool owned__caller(uid_t *user, gid_t *group);

/* strerror(), and the sentences of these. `err` is negative. */
const char *owned__strerror(int err);

/*
 * A directory to work in, made if `create`: its descriptor or a negative error. What is made here
 * and below belongs to the user that called sudo.
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
