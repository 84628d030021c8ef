# SPDX-License-Identifier: GPL-2.0
"""wireguard.py NEAR FAR: a tunnel between two network namespaces.

Each has a device "under" with an address 10.96.1.1 or .2, and gets a device "wg0" with 10.96.2.1
or .2. What wg(8) does, which few systems have: keys and peers by generic netlink.
"""

import os
import socket
import struct
import subprocess
import sys

NETLINK_GENERIC, CTRL_GETFAMILY, ACK = 16, 3, 5
GET_DEVICE, SET_DEVICE, DUMP = 0, 1, 0x300
NAME, PRIVATE, PUBLIC, PORT, PEERS = 2, 3, 4, 6, 8
PEER_PUBLIC, ENDPOINT, ALLOWED = 1, 4, 9


def attribute(kind, payload):
    return struct.pack("HH", len(payload) + 4, kind) + payload + b"\0" * (-len(payload) % 4)


def attributes(payload):
    found, at = {}, 0
    while at + 4 <= len(payload):
        length, kind = struct.unpack_from("HH", payload, at)
        found[kind & 0x3FFF] = payload[at + 4 : at + length]
        at += (length + 3) & ~3
    return found


def ask(link, family, flags, command, payload):
    message = struct.pack("BBH", command, 1, 0) + payload
    link.send(struct.pack("IHHII", len(message) + 16, family, flags, 1, 0) + message)
    answer = link.recv(65536)
    if struct.unpack_from("H", answer, 4)[0] == 2 and struct.unpack_from("i", answer, 16)[0]:
        raise OSError(-struct.unpack_from("i", answer, 16)[0], "generic netlink")
    return attributes(answer[20 : struct.unpack_from("I", answer)[0]])


def enter(namespace):
    with open("/run/netns/" + namespace, encoding="ascii") as there:
        import ctypes

        if ctypes.CDLL(None, use_errno=True).setns(there.fileno(), 0):
            raise OSError(ctypes.get_errno(), "setns")


def connect(namespace):
    enter(namespace)
    link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
    link.bind((0, 0))
    found = ask(link, 16, 1, CTRL_GETFAMILY, attribute(2, b"wireguard\0"))
    return link, struct.unpack("H", found[1])[0]


sides = []
for number, name in enumerate(sys.argv[1:3], 1):
    for words in ("link add wg0 type wireguard", "address add 10.96.2.%d/24 dev wg0" % number):
        subprocess.check_call(["ip", "-n", name] + words.split())
    link, family = connect(name)
    device = attribute(NAME, b"wg0\0")
    ask(link, family, ACK, SET_DEVICE,
        device + attribute(PRIVATE, os.urandom(32)) + attribute(PORT, struct.pack("H", 5790)))
    key = ask(link, family, 1 | DUMP, GET_DEVICE, device)[PUBLIC]
    sides.append((name, number, link, family, key))
for (name, _, link, family, _), (_, number, _, _, key) in zip(sides, reversed(sides)):
    under = struct.pack("=H", socket.AF_INET) + struct.pack("!H", 5790)
    under += socket.inet_aton("10.96.1.%d" % number) + bytes(8)
    allowed = attribute(1, struct.pack("H", socket.AF_INET))
    allowed += attribute(2, socket.inet_aton("10.96.2.%d" % number)) + attribute(3, b"\x20")
    peer = attribute(PEER_PUBLIC, key) + attribute(ENDPOINT, under)
    peer += attribute(ALLOWED | 0x8000, attribute(0x8000, allowed))
    ask(link, family, ACK, SET_DEVICE,
        attribute(NAME, b"wg0\0") + attribute(PEERS | 0x8000, attribute(0x8000, peer)))
    subprocess.check_call(["ip", "-n", name, "link", "set", "wg0", "up"])
