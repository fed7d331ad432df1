# SPDX-License-Identifier: ISC
"""A StatsD listener that keeps every line."""

import contextlib
import socket
import threading

from .process import wait_for


class StatsD:
    def __init__(self, ip="127.0.0.1", port=0):
        self.socket = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((ip, port))
        self.port = self.socket.getsockname()[1]
        self.address = f"[{ip}]:{self.port}" if ":" in ip else f"{ip}:{self.port}"
        self.datagrams = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            try:
                datagram = self.socket.recv(65536)
            except OSError:
                return
            if not datagram:
                return
            self.datagrams.append(datagram)

    def values(self, name, kind):
        """All that came for a name, which must be of that type."""
        values = []
        for datagram in list(self.datagrams):
            for line in datagram.decode().split("\n"):
                key, rest = line.split(":")
                value, got_kind = rest.split("|")
                if key == name:
                    assert got_kind == kind, line
                    values.append(float(value))
        return values

    def count(self, name):
        return sum(self.values(name, "c"))

    def wait_count(self, name, atleast, timeout=10):
        wait_for(lambda: self.count(name) >= atleast, timeout, f"{name} >= {atleast}")

    def stop(self):
        with contextlib.suppress(OSError):  # it has no peer, but recv() ends
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
