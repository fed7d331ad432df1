# SPDX-License-Identifier: ISC
"""The links between machines, packet by packet: lost and late as a test wants.
(tc's netem would do, but not every kernel has it.) As a program, it is the switch that
Wire starts; usage: wire.py SEED FD=NAME..., a packet socket for each port."""

import ctypes
import fcntl
import heapq
import itertools
import os
import random
import select
import socket
import struct
import sys
import time

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from harness.punctual import BEAT_S, Beats, Helper  # noqa: E402

ETH_P_ALL = 3
PACKET_OUTGOING = 4
SIOCETHTOOL = 0x8946
ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO = 0x17, 0x1F, 0x24
QUEUE_BYTES = 8 << 20


def whole_packets(interface):
    """What it sends bears its checksum and is no larger than the link takes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for command in (ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO):
            value = ctypes.create_string_buffer(struct.pack("II", command, 0))
            fcntl.ioctl(sock, SIOCETHTOOL, struct.pack("16sP", interface.encode(), ctypes.addressof(value)))


class Wire:
    """attach() each port, then start(); links may be made bad at any time."""

    def __init__(self, seed=1):
        self.seed = seed
        self.ports = {}  # socket: name
        self.helper = None

    def attach(self, interface, name):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        sock.bind((interface, 0))
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, QUEUE_BYTES)
        self.ports[sock] = name

    def start(self):
        """A process of its own: what else we do must not make packets late."""
        ports = [f"{sock.fileno()}={name}" for sock, name in self.ports.items()]
        self.helper = Helper([os.path.abspath(__file__), str(self.seed), *ports],
                             pass_fds=[sock.fileno() for sock in self.ports])  # fmt: skip
        self.close()

    def close(self):
        for sock in self.ports:
            sock.close()

    def stop(self):
        self.close()
        if self.helper:
            self.helper.stop()

    def link(self, a, b, percent=0, seconds=0.0):
        """From now on so many packets between these two are lost, and all of
        them so late, each way."""
        self.helper.tell(f"link {a} {b} {percent} {seconds}")

    def late(self):
        """Between which times all packets were, since the last call."""
        return self.helper.late()


class Switch:
    """Without a spanning tree."""

    def __init__(self, seed, ports):
        self.random = random.Random(seed)
        self.ports = ports  # socket: name
        self.owner = {}  # MAC address: socket
        self.bad = {}  # frozenset of two names: (percent lost, seconds late)
        self.waiting = []
        self.numbers = itertools.count()
        self.beats = Beats()
        self.orders = os.fdopen(0, "rb", buffering=0)

    def run(self):
        print("ready", flush=True)
        while True:
            self.beats.beat()
            wait = self.waiting[0][0] - time.monotonic() if self.waiting else BEAT_S
            ready = select.select([self.orders, *self.ports], [], [], max(0, min(wait, BEAT_S)))[0]
            if self.orders in ready and not self.obey(self.orders.readline().decode().split()):
                return
            for sock in ready:
                if sock is not self.orders:
                    self.receive(sock)
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                _, _, sock, frame = heapq.heappop(self.waiting)
                sock.send(frame)

    def obey(self, words):
        if words == ["late"]:
            print(self.beats.take(), flush=True)
        elif words:
            _, a, b, percent, seconds = words
            self.bad[frozenset((a, b))] = (int(percent), float(seconds))
            print("done", flush=True)
        return words

    def receive(self, source):
        for _ in range(64):
            try:
                frame, where = source.recvfrom(65536)
            except BlockingIOError:
                return
            if where[2] == PACKET_OUTGOING:
                continue
            self.owner[frame[6:12]] = source
            known = self.owner.get(frame[:6])
            for sock in [known] if known else self.ports:
                if sock is not source:
                    self.forward(source, sock, frame)

    def forward(self, source, sock, frame):
        names = frozenset((self.ports[source], self.ports[sock]))
        percent, seconds = self.bad.get(names, (0, 0.0))
        if self.random.randrange(100) >= percent:
            at = time.monotonic() + seconds
            heapq.heappush(self.waiting, (at, next(self.numbers), sock, frame))


def main(seed, *ports):
    by_socket = {}
    for port in ports:
        fd, name = port.split("=", 1)
        by_socket[socket.socket(fileno=int(fd))] = name
    Switch(int(seed), by_socket).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
