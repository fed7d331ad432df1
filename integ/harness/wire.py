# SPDX-License-Identifier: ISC
"""The links between machines, packet by packet: lost and late as a test wants.
(tc's netem would do, but not every kernel has it.)"""

import ctypes
import fcntl
import heapq
import itertools
import random
import select
import socket
import struct
import threading
import time

ETH_P_ALL = 3
PACKET_OUTGOING = 4
SIOCETHTOOL = 0x8946
ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO = 0x17, 0x1F, 0x24


def whole_packets(interface):
    """What it sends bears its checksum and is no larger than the link takes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for command in (ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO):
            value = ctypes.create_string_buffer(struct.pack("II", command, 0))
            fcntl.ioctl(sock, SIOCETHTOOL, struct.pack("16sP", interface.encode(), ctypes.addressof(value)))


class Wire:
    """A switch without a spanning tree: attach() each port, then links may be
    made bad at any time."""

    def __init__(self, seed=1):
        self.random = random.Random(seed)
        self.ports = {}  # socket: name
        self.owner = {}  # MAC address: socket
        self.bad = {}  # frozenset of two names: (percent lost, seconds late)
        self.waiting = []
        self.numbers = itertools.count()
        self.over = threading.Event()
        self.thread = None

    def attach(self, interface, name):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        sock.bind((interface, 0))
        sock.setblocking(False)
        self.ports[sock] = name

    def start(self):
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def stop(self):
        self.over.set()
        if self.thread:
            self.thread.join()
        for sock in self.ports:
            sock.close()

    def link(self, a, b, percent=0, seconds=0.0):
        """From now on so many packets between these two are lost, and all of
        them so late, each way."""
        self.bad[frozenset((a, b))] = (percent, seconds)

    def run(self):
        while not self.over.is_set():
            wait = self.waiting[0][0] - time.monotonic() if self.waiting else 0.1
            for sock in select.select(list(self.ports), [], [], max(0, min(wait, 0.1)))[0]:
                self.receive(sock)
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                _, _, sock, frame = heapq.heappop(self.waiting)
                sock.send(frame)

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
