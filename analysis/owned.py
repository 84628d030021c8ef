# SPDX-License-Identifier: GPL-2.0
"""
Files that no other user can have redirected. Each directory of a path must belong to this user, to root, or to
the user that called sudo. A new file belongs to that user and replaces the old one. user/base/owned.h is the
same for the harness.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path

LINKS_MAX = 40


def caller() -> tuple[int, int] | None:
    """The user and the group that root was called by, with sudo."""
    user, group = (os.environ.get(name, "") for name in ("SUDO_UID", "SUDO_GID"))
    if os.geteuid() != 0 or not user.isdecimal() or int(user) == 0:
        return None
    return int(user), int(group if group.isdecimal() else user)


def is_trusted(owner: int) -> bool:
    return owner in {0, os.geteuid(), *(caller() or ())[:1]}


def give(fd: int) -> None:
    """What was just made becomes the caller's; without the privilege it stays root's."""
    owner = caller()
    if owner:
        with contextlib.suppress(PermissionError):
            os.fchown(fd, *owner)


def foreign(name: str) -> OSError:
    what = "it belongs to another user and is not trusted (SUDO_UID=UID trusts one)"
    return OSError(errno.EPERM, what, name)


def mkdir(folder: int, name: str) -> bool:
    try:
        os.mkdir(name, dir_fd=folder)
    except FileExistsError:
        return False
    return True


def give_folder(path_fd: int) -> None:
    fd = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=path_fd)
    give(fd)
    os.close(fd)


def step(folder: int, name: str, create: bool, links: int) -> int:
    """One name of a path, from the folder before it, as a descriptor."""
    made = create and mkdir(folder, name)
    fd = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    status = os.fstat(fd)
    if made:
        give_folder(fd)
    if not stat.S_ISLNK(status.st_mode):
        return fd
    target = os.readlink("", dir_fd=fd)
    os.close(fd)
    if not is_trusted(status.st_uid):
        raise foreign(name)
    if links == LINKS_MAX:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name)
    return walk(folder, target, create, links + 1)


def walk(folder: int | None, path: str, create: bool, links: int = 0) -> int:
    flags = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
    fd = os.open("/" if path.startswith("/") else ".", flags, dir_fd=folder)
    for name in filter(None, path.split("/")):
        before = fd
        try:
            fd = step(before, name, create, links)
        finally:
            os.close(before)
    return fd


def open_folder(path: Path, create: bool = False) -> int:
    """The folder's descriptor; its owner is trusted."""
    try:
        fd = walk(None, str(path), create)
    except OSError as error:
        error.filename = str(path)
        raise
    if not is_trusted(os.fstat(fd).st_uid):
        os.close(fd)
        raise foreign(str(path))
    return fd


def make_folder(path: Path) -> None:
    os.close(open_folder(path, create=True))


def is_special(name: str, folder: int) -> bool:
    """Whether a device, a pipe or a link is there: it is written to, not replaced."""
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    if not is_trusted(status.st_uid):
        raise foreign(name)
    return not stat.S_ISREG(status.st_mode)


def create(name: str, folder: int) -> int:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        pass
    fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666, dir_fd=folder)
    give(fd)
    return fd


def write(path: Path, content: str | bytes) -> None:
    """Replaces a file, or makes it."""
    folder = open_folder(path.parent)
    new = f".{path.name}.new"
    try:
        special = is_special(path.name, folder)
        flags = os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC
        fd = os.open(path.name, flags, dir_fd=folder) if special else create(new, folder)
        with os.fdopen(fd, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        if not special:
            os.replace(new, path.name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        os.close(folder)
