# SPDX-License-Identifier: GPL-2.0
"""
Reads whole files that may have any fault. Each fault is one message that names the file and, if possible, the line
in it. user/base/input.h is the same for the harness.
"""

from __future__ import annotations

import json
import math
import os
import select
import stat
import tomllib
from pathlib import Path
from typing import Any, NoReturn

LONGEST = 256 << 20
PATIENCE = 10  # seconds: the longest wait for more bytes of a pipe


class BadInput(Exception):
    """One line for the user: the fault, with file and line."""

    def __init__(self, place: Path | str, line: int | None, what: str) -> None:
        where = f"{place}:{line}" if line else f"{place}"
        super().__init__(clean(f"{where}: {what}"))


def clean(text: str) -> str:
    """The text, with a ? for each control character and each lone surrogate."""
    return "".join("?" if ord(c) < 32 or 127 <= ord(c) < 160 or "\ud800" <= c <= "\udfff" else c for c in text)


def read_bytes(path: Path) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        mode = os.fstat(fd).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode) and not stat.S_ISDIR(mode):
            raise BadInput(path, None, "neither a file nor a pipe")
        read = bytearray()
        while True:
            try:
                more = os.read(fd, 1 << 20)
            except BlockingIOError:
                if not select.select([fd], [], [], PATIENCE)[0]:
                    raise BadInput(path, None, "a pipe that nothing comes from") from None
                continue
            read += more
            if not more:
                return bytes(read)
            if len(read) > LONGEST:
                raise BadInput(path, None, "longer than 256 MiB")
    finally:
        os.close(fd)


def read_text(path: Path) -> str:
    read = b""
    try:
        read = read_bytes(path)
        return read.decode()
    except OSError as error:
        raise BadInput(path, None, error.strerror or "cannot be read") from None
    except ValueError as error:  # the path itself may hold a NUL
        line = read[: getattr(error, "start", 0)].count(b"\n") + 1
        raise BadInput(path, line, f"not text: {getattr(error, 'reason', error)}") from None


def no_number(text: str) -> NoReturn:
    raise ValueError(f"{text[:40]} is no number here")


def real(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else no_number(text)


def whole(text: str) -> int:
    """As long as the harness can have written it."""
    number = int(text) if len(text) < 32 else no_number(text)
    return number if -(2**63) <= number < 2**64 else no_number(text)


def keys_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"{next(key for key in keys if keys.count(key) > 1)!r} is there twice")
    return found


def parse_json(text: str, path: Path, line: int = 1, torn: bool = False) -> Any:
    """`line`: the first of the text in its file; `torn`: it has no end of line, although it should."""
    try:
        document = json.loads(
            text, parse_constant=no_number, parse_float=real, parse_int=whole, object_pairs_hook=keys_once
        )
        json.dumps(document, ensure_ascii=False).encode()  # a lone surrogate, such as \ud800, is no text
        return document
    except json.JSONDecodeError as error:
        how = "cut off" if torn else "not JSON, or cut off"
        raise BadInput(path, line + error.lineno - 1, f"{how}: {error.msg}") from None
    except UnicodeEncodeError:
        raise BadInput(path, line, "not text: half a surrogate pair") from None
    except RecursionError:
        raise BadInput(path, line, "too deeply nested") from None
    except ValueError as error:
        raise BadInput(path, line, str(error)) from None


def read_json(path: Path) -> Any:
    return parse_json(read_text(path), path)


def parse_toml(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=real)
    except tomllib.TOMLDecodeError as error:
        words = str(error).rsplit("(at line ", 1)
        line = int(words[1].split(",")[0]) if len(words) == 2 else None
        raise BadInput(path, line, f"not TOML: {error}") from None
    except RecursionError:
        raise BadInput(path, None, "too deeply nested") from None
    except ValueError as error:
        raise BadInput(path, None, str(error)) from None
