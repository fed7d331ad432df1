# SPDX-License-Identifier: ISC
"""A proxy before a name server that spoils what passes through it."""

import contextlib
import socket
import struct
import threading

from .process import free_port

OPCODE_UPDATE = 5


def is_update(wire):
    return len(wire) > 2 and wire[2] >> 3 & 15 == OPCODE_UPDATE


class Raw(bytes):
    """Goes onto a TCP stream as it is, without a length before it."""


class DnsProxy:
    """request(wire, tcp) and answer(wire, tcp) may be set at any time; they
    return the list of messages that go on instead of the one that came, or
    None, which on TCP ends the connection."""

    def __init__(self, server):
        self.server = server
        self.ip = "127.0.0.1"
        self.port = free_port(self.ip)
        self.address = f"{self.ip}:{self.port}"
        self.over = threading.Event()
        self.sockets = set()
        self.honest()
        self.udp = self.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.udp.bind((self.ip, self.port))
        self.tcp = self.keep(socket.socket())
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.tcp.bind((self.ip, self.port))
        self.tcp.listen(16)
        self.run(self.serve_udp)
        self.run(self.serve_tcp)

    def honest(self):
        self.request = self.answer = lambda wire, tcp: [wire]

    def credentials(self, *argv, **options):
        return self.server.credentials(*argv, **options)

    def keep(self, sock):
        self.sockets.add(sock)
        return sock

    def run(self, work, *argv):
        def quietly():
            with contextlib.suppress(OSError):
                work(*argv)

        threading.Thread(target=quietly, daemon=True).start()

    def stop(self):
        self.over.set()
        for sock in list(self.sockets):
            self.end(sock)

    def end(self, sock):
        self.sockets.discard(sock)
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        sock.close()

    def serve_udp(self):
        while not self.over.is_set():
            wire, client = self.udp.recvfrom(65535)
            for message in self.request(wire, False) or []:
                self.run(self.pass_datagram, message, client)

    def pass_datagram(self, wire, client):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as upstream:
            upstream.settimeout(10)
            upstream.connect((self.server.ip, self.server.port))
            upstream.send(wire)
            for message in self.answer(upstream.recv(65535), False) or []:
                self.udp.sendto(message, client)

    def serve_tcp(self):
        while not self.over.is_set():
            client = self.keep(self.tcp.accept()[0])
            upstream = self.keep(socket.create_connection((self.server.ip, self.server.port)))
            self.run(self.pass_stream, client, upstream, "request")
            self.run(self.pass_stream, upstream, client, "answer")

    def pass_stream(self, source, sink, hook):
        try:
            with source.makefile("rb") as stream:
                while len(head := stream.read(2)) == 2:
                    wire = stream.read(struct.unpack("!H", head)[0])
                    messages = getattr(self, hook)(wire, True)
                    if messages is None:
                        return
                    for m in messages:
                        sink.sendall(m if isinstance(m, Raw) else struct.pack("!H", len(m)) + m)
        finally:
            self.end(source)
            self.end(sink)
