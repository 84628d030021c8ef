# SPDX-License-Identifier: GPL-2.0
"""
The table of sites, and the names of transports.

The table is the program's: what it exports with the environment of the runs ("sites") replaces the fall-back
below, which is for runs of programs that export none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# In the order in which they are shown; another one in a run is shown after these.
TRANSPORTS = ("two_copy", "eight_sends", "one_copy", "zero_copy")


@dataclass(frozen=True)
class Site:
    name: str
    cpu_copy: bool  # counted in copies per byte
    side: str  # whose bytes: sender or receiver
    words: str
    function: str = ""  # of the kernel, which moves the bytes

    @property
    def by(self) -> str:
        return "the program" if self.name == "user_memcpy" else "the kernel"


# name, is it a CPU copy, side, meaning (a test compares these with the program's), function
FALL_BACK = (
    ("user_memcpy", 1, "sender", "bytes the program itself copied", "memcpy"),
    ("send_copy", 1, "sender", "user memory to socket buffers, in tcp_sendmsg", "tcp_sendmsg"),
    ("send_pin", 0, "sender", "user pages referenced instead of copied", "skb_zerocopy_iter_stream"),
    ("send_splice", 0, "sender", "page-cache pages referenced (sendfile, splice)", "skb_splice_from_iter"),
    ("deferred_copy", 1, "sender", "referenced pages copied after all", "skb_copy_ubufs"),
    ("transmit_copy", 1, "sender", "payload copied on the way to the device", "__pskb_pull_tail, skb_segment"),
    ("tap_copy", 0, "sender", "a packet tap's own copy, not in copies per byte", "skb_copy_ubufs"),
    ("receive_copy", 1, "receiver", "socket buffers to user memory", "skb_copy_datagram_iter"),
    ("receive_map", 0, "receiver", "pages mapped into the receiver instead", "tcp_zerocopy_receive"),
    ("receive_splice", 0, "receiver", "pages spliced out of the socket", "tcp_splice_read"),
    ("dma_out", 0, "sender", "payload handed to a device with hardware behind it", "net_dev_start_xmit"),
    ("dma_in", 0, "receiver", "payload taken from a device with hardware behind it", "netif_receive_skb"),
)  # fmt: skip

SITES = {row[0]: Site(row[0], bool(row[1]), *row[2:]) for row in FALL_BACK}


def adopt(rows: Any) -> None:
    """What a program exported, an array of objects; ValueError when it is none."""
    if not isinstance(rows, list) or not rows:
        raise ValueError("'sites' must be a list of objects")
    found = {}
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("site"), str):
            raise ValueError("a row of 'sites' without 'site'")
        name, known = row["site"], SITES.get(row["site"])
        if not isinstance(row.get("cpu_copy"), bool):
            raise ValueError(f"'cpu_copy' of site {name!r} must be true or false")
        function = row.get("function") or (known.function if known else "")
        words = row.get("meaning") or row.get("label") or name
        found[name] = Site(name, row["cpu_copy"], row.get("side", ""), words, function)
    SITES.clear()
    SITES.update(found)


def copies() -> list[str]:
    """The sites that are in copies per byte."""
    return [name for name, site in SITES.items() if site.cpu_copy]


def in_order(names: set[str]) -> list[str]:
    """Transports as they are shown: the known ones first."""
    known = [name for name in TRANSPORTS if name in names]
    return known + sorted(names.difference(TRANSPORTS))
