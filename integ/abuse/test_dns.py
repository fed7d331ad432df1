# SPDX-License-Identifier: ISC
"""Forged answers, 10,000 a second, while rrdnsd reads and writes by UDP."""

import contextlib
import socket
import struct
import threading
import time

import pytest
from harness.process import wait_for

RATE = 10000
BURST = 100
HELD_S = 1.0  # how long the right answer is kept back meanwhile
MEMORY_MB = 16


class Forger:
    """A way to the server on which an attacker answers first, and all the time. "ids":
    from the right address, with another id; "address": from another one, with the right id;
    "mac": from the right address, with the right id, and no key."""

    def __init__(self, server, kind):
        self.server = server
        self.kind = kind
        self.sent = 0
        self.forging = True
        self.front = self.bound("127.0.0.1")
        self.other = self.bound("127.0.0.99")
        self.address = "127.0.0.1:%d" % self.front.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    @staticmethod
    def bound(ip):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((ip, 0))
        return sock

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                wire, client = self.front.recvfrom(65535)
                threading.Thread(target=self.answer, args=(wire, client), daemon=True).start()

    def answer(self, wire, client):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as upstream, contextlib.suppress(OSError):
            upstream.settimeout(10)
            upstream.connect((self.server.ip, self.server.port))
            upstream.send(wire)
            right = upstream.recv(65535)
            if self.forging:
                self.forge(right, client)
            self.front.sendto(right, client)

    def forge(self, right, client):
        number = struct.unpack_from("!H", right)[0]
        sock = self.other if self.kind == "address" else self.front
        begin = time.monotonic()
        for burst in range(int(HELD_S * RATE / BURST)):
            for i in range(1, BURST + 1):
                wire = right
                if self.kind == "ids":
                    wire = struct.pack("!H", number ^ i) + right[2:]
                elif self.kind == "mac":  # says that the name is not there
                    wire = right[:3] + bytes([right[3] & 0xF0 | 3]) + right[4:]
                sock.sendto(wire, client)
                self.sent += 1
            time.sleep(max(0, begin + (burst + 1) * BURST / RATE - time.monotonic()))

    def stop(self):
        self.front.close()
        self.other.close()


@pytest.fixture
def forger(knot):
    made = []

    def make(kind):
        made.append(Forger(knot, kind))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.mark.parametrize("kind", ["ids", "address", "mac"])
def test_forged_answers(victim, forger, undisturbed, knot, fqdn, kind):
    way = forger(kind)
    daemon, webs = victim(
        update_resolvers=[way.address], update_transport="udp", update_timeout_ms=10000,
        reconcile_interval_ms=2000,
    )  # fmt: skip
    changes = 0

    def change():
        """One goes, and comes back."""
        nonlocal changes
        before = way.sent
        webs[0].down()
        knot.wait_addresses(fqdn, {web.ip for web in webs[1:]}, timeout=30)
        webs[0].up()
        knot.wait_addresses(fqdn, {web.ip for web in webs}, timeout=30)
        wait_for(lambda: way.sent >= before + 3 * RATE, 30, "forged answers")
        changes += 2

    undisturbed(daemon, MEMORY_MB, change, quiet=False)
    way.forging = False
    daemon.wait_log(rf"\[updater\] {fqdn} A at .* -> ", times=changes)
    assert daemon.count(rf"\[updater\] {fqdn} A at .* -> ") == changes
