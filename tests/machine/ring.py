# SPDX-License-Identifier: GPL-2.0
"""A packet tap on lo with a ring (TPACKET_V1), while a command runs.

Prints, after the command's own line, the TCP payload that the kernel put into the ring, and how many packets found no
room.
"""

import mmap
import socket
import struct
import subprocess
import sys

SOL_PACKET, PACKET_RX_RING, PACKET_STATISTICS = 263, 5, 6
FRAME, FRAMES = 32 * 1024, 1024

tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
tap.setsockopt(SOL_PACKET, PACKET_RX_RING, struct.pack("IIII", FRAME, FRAMES, FRAME, FRAMES))
ring = mmap.mmap(tap.fileno(), FRAME * FRAMES)
tap.bind(("lo", 3))  # ETH_P_ALL
status = subprocess.call(sys.argv[1:])
payload = 0
for at in range(0, FRAME * FRAMES, FRAME):
    # struct tpacket_hdr
    used, _length, copied, _mac, net = struct.unpack_from("LIIHH", ring, at)
    if not used & 1 or ring[at + net] >> 4 != 4 or ring[at + net + 9] != socket.IPPROTO_TCP:
        continue
    tcp = net + (ring[at + net] & 15) * 4
    headers = tcp + (ring[at + tcp + 12] >> 4) * 4 - _mac
    payload += max(copied - headers, 0)
_packets, drops = struct.unpack("II", tap.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
print(payload)
print(drops)
sys.exit(status)
