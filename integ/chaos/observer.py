# SPDX-License-Identifier: ISC
"""Asks name servers for the A records of names, all the time, and tells what changed.
It sits where the servers are: no fault of the network hides anything from it."""

import multiprocessing
import select
import socket
import struct
import time

import dns.message

STEP_S = 0.02
AT_ONCE = 4  # names asked for at each step
HEADER = 12
RECORD = 16  # an A record whose name is a pointer
ANSWERED = {0: True, 3: True}  # NOERROR, NXDOMAIN


def addresses(wire, question_length):
    """Those of an answer; None when it says nothing about them."""
    if len(wire) < HEADER or wire[3] & 15 not in ANSWERED:
        return None
    count = struct.unpack_from("!H", wire, 6)[0]
    found, at = set(), HEADER + question_length
    for _ in range(count):
        owner, rdtype, _, _, length = struct.unpack_from("!HHHIH", wire, at)
        if owner != 0xC00C or (rdtype, length) != (1, 4):
            raise ValueError(f"not an A record: {wire.hex()}")
        found.add(socket.inet_ntoa(wire[at + 12 : at + RECORD]))
        at += RECORD
    return frozenset(found)


class Watch:
    """One server, asked over one socket."""

    def __init__(self, name, server, names):
        self.name = name
        self.names = names
        self.questions = [dns.message.make_query(n, "A", flags=0).to_wire()[2:] for n in names]
        with server.machine.entered():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.connect((server.ip, server.port))
        self.socket.setblocking(False)
        self.next = 0
        self.last = {}

    def ask(self):
        for _ in range(AT_ONCE):
            i = self.next = (self.next + 1) % len(self.names)
            try:
                self.socket.send(struct.pack("!H", i) + self.questions[i])
            except OSError:
                pass  # it is being restarted

    def changes(self):
        while True:
            try:
                wire = self.socket.recv(65536)
            except BlockingIOError:
                return
            except OSError:
                continue  # an ICMP error of an earlier question
            i = struct.unpack_from("!H", wire)[0]
            now = addresses(wire, len(self.questions[i]) - HEADER + 2)
            if now is not None and self.last.get(i) != now:
                self.last[i] = now
                yield self.names[i], now


def run(pipe, servers, names):
    watches = [Watch(name, server, names) for name, server in servers.items()]
    due = time.monotonic()
    while not pipe.poll():
        for watch in watches:
            watch.ask()
        due = max(due + STEP_S, time.monotonic())
        while (left := due - time.monotonic()) > 0:
            ready = select.select([w.socket for w in watches], [], [], left)[0]
            for watch in watches:
                if watch.socket in ready:
                    for fqdn, now in watch.changes():
                        pipe.send((time.monotonic(), watch.name, fqdn, now))


class Observer:
    """A process of its own, so that it is on time whatever we do."""

    def __init__(self, servers, names):
        self.pipe, theirs = multiprocessing.Pipe()
        self.child = multiprocessing.get_context("fork").Process(target=run, args=(theirs, servers, names), daemon=True)
        self.child.start()

    def seen(self):
        """(time, server, name, addresses) of each change since the last call."""
        while self.pipe.poll():
            yield self.pipe.recv()

    def stop(self):
        assert self.child.is_alive(), "the observer ended by itself"
        self.pipe.send("end")
        self.child.join(5)
