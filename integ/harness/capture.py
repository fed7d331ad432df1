# SPDX-License-Identifier: ISC
"""What is on the wire of a machine: TCP streams put together, datagrams, and the
gossip and DNS messages in them."""

import collections
import contextlib
import ctypes
import re
import socket
import struct
import threading
import time

from .dnsproxy import is_update

ETH_P_ALL = 3
SO_ATTACH_FILTER = 26
PACKET_OUTGOING = 4
REQUEST = re.compile(
    rb"POST /quorum/v1/gossip HTTP/1\.1\r\n(?P<head>.*?)\r\n\r\n", re.S
)

Flow = collections.namedtuple("Flow", "source sport destination dport")
Message = collections.namedtuple("Message", "at flow body auth")


class Stream:
    """One direction of a connection; what arrives twice or out of order is put
    right."""

    def __init__(self):
        self.next = None
        self.early = {}
        self.data = b""
        self.marks = []  # (length so far, time)

    def take(self, sequence, payload, at):
        if self.next is None:
            self.next = sequence
        self.early[sequence] = payload
        while self.next in self.early:
            piece = self.early.pop(self.next)
            self.data += piece
            self.next = (self.next + len(piece)) % 2**32
            self.marks.append((len(self.data), at))

    def complete_at(self, length):
        """When so many bytes had arrived."""
        return next(at for total, at in self.marks if total >= length)


def port_filter(port):
    """For SO_ATTACH_FILTER: IPv4 from or to this port."""
    code = [
        (0xB1, 0, 0, 14),  # X: length of the IP header behind the Ethernet one
        (0x48, 0, 0, 14),  # source port
        (0x15, 2, 0, port),
        (0x48, 0, 0, 16),  # destination port
        (0x15, 0, 1, port),
        (0x06, 0, 0, 262144),
        (0x06, 0, 0, 0),
    ]
    return ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in code)), len(code)


class Capture:
    """with Capture("lo") as c: ...; machine: where the interface is; port: nothing but
    what comes from or goes to it."""

    def __init__(self, interface="lo", machine=None, port=None):
        where = machine.entered() if machine else contextlib.nullcontext()
        with where:
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 << 20)
            if port:
                code, length = port_filter(port)
                program = struct.pack("HL", length, ctypes.addressof(code))
                self.socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
            self.socket.bind((interface, 0))
        self.loopback = interface == "lo"  # where everything is seen twice
        self.socket.settimeout(0.1)
        self.over = threading.Event()
        self.streams = collections.defaultdict(Stream)
        self.datagrams = []
        self.bytes = 0  # of IP packets
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.socket.close()

    def watch(self):
        while not self.over.is_set():
            try:
                frame, where = self.socket.recvfrom(262144)
            except TimeoutError:
                continue
            if not self.loopback or where[2] != PACKET_OUTGOING:
                with self.lock:
                    self.take(frame[14:], time.monotonic())

    def take(self, packet, at):
        if len(packet) < 20 or packet[0] >> 4 != 4:
            return
        total, protocol = struct.unpack_from("!H", packet, 2)[0], packet[9]
        source, destination = (socket.inet_ntoa(packet[i : i + 4]) for i in (12, 16))
        self.bytes += total
        inner = packet[(packet[0] & 15) * 4 : total]
        if protocol not in (socket.IPPROTO_TCP, socket.IPPROTO_UDP):
            return
        sport, dport = struct.unpack_from("!HH", inner)
        flow = Flow(source, sport, destination, dport)
        if protocol == socket.IPPROTO_UDP:
            self.datagrams.append((at, flow, inner[8:]))
            return
        payload = inner[(inner[12] >> 4) * 4 :]
        if payload:
            self.streams[flow].take(struct.unpack_from("!I", inner, 4)[0], payload, at)

    def gossip(self):
        """The requests so far, oldest first."""
        found = []
        with self.lock:
            for flow, stream in self.streams.items():
                for match in REQUEST.finditer(stream.data):
                    head = match["head"].decode()
                    auth = re.search(r"(?mi)^rrdnsd-auth: (.*?)\r?$", head)
                    length = re.search(r"(?mi)^content-length: (\d+)", head)
                    end = match.end() + int(length[1])
                    if auth and end <= len(stream.data):
                        body = stream.data[match.end() : end]
                        found.append(Message(stream.complete_at(end), flow, body, auth[1]))
        return sorted(found)

    def dns(self, port=53):
        """(time, flow, wire) of each DNS message to or from this port so far."""
        found = []
        with self.lock:
            for at, flow, wire in self.datagrams:
                if port in (flow.sport, flow.dport):
                    found.append((at, flow, wire))
            for flow, stream in self.streams.items():
                at = 0
                while port in (flow.sport, flow.dport) and at + 2 <= len(stream.data):
                    end = at + 2 + struct.unpack_from("!H", stream.data, at)[0]
                    if end <= len(stream.data):
                        found.append((stream.complete_at(end), flow, stream.data[at + 2 : end]))
                    at = end
        return sorted(found)

    def updates(self, port=53):
        """(time, address of the sender) of each DNS UPDATE so far."""
        return [(at, flow.source) for at, flow, wire in self.dns(port) if flow.dport == port and is_update(wire)]
