# SPDX-License-Identifier: GPL-2.0
"""tun.py NEAR FAR: a VPN in user space, without its cipher.

Makes a tun device "vpn" in each of two network namespaces and passes packets between them, until
it is killed. Prints a line when it does.
"""
import fcntl
import os
import selectors
import struct
import subprocess
import sys

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000


def device(namespace, name, address):
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    subprocess.check_call(["ip", "link", "set", name, "netns", namespace, "name", "vpn"])
    inside = ["ip", "-n", namespace]
    subprocess.check_call(inside + ["address", "add", address, "dev", "vpn"])
    subprocess.check_call(inside + ["link", "set", "vpn", "up"])
    return tun


near = device(sys.argv[1], "vpn%da" % os.getpid(), "10.97.0.1/24")
far = device(sys.argv[2], "vpn%db" % os.getpid(), "10.97.0.2/24")
other = {near: far, far: near}
waiting = selectors.DefaultSelector()
for tun in other:
    waiting.register(tun, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in waiting.select():
        os.write(other[key.fd], os.read(key.fd, 65536))
