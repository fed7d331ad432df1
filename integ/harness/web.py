# SPDX-License-Identifier: ISC
"""Endpoints that answer well, badly, slowly or not at all."""

import socket
import ssl
import struct
import threading
import time


class Endpoint:
    """A TCP listener on ip:port whose behaviour can be changed at any time:
    ok, status N, hang, reset, drip, huge, garbage, close, mute, headers,
    endless, keep, stale."""

    def __init__(self, ip, port=0, mode="ok", body=b"ok\n", tls=None):
        self.ip = ip
        self.mode = mode
        self.body = body
        self.tls = self.context = None
        self.present(tls)
        self.handshakes = []  # True: a session was resumed
        self.status = 200
        self.requests = []
        self.listener = None
        self.port = port
        self.up()

    def present(self, tls):
        """From now on this (certificate file, key file); sessions are resumed all the same."""
        self.tls = tls
        if tls:
            self.context = self.context or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*tls)

    def up(self):
        if self.listener:
            return self
        family = socket.AF_INET6 if ":" in self.ip else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.ip, self.port))
        listener.listen(128)
        self.port = listener.getsockname()[1]
        self.listener = listener
        threading.Thread(target=self.accept, args=(listener,), daemon=True).start()
        return self

    def down(self):
        """From now on connections are refused."""
        listener, self.listener = self.listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            connection.settimeout(30)
            if self.mode == "mute":  # connects, and nothing more
                time.sleep(5)
                return
            if self.tls:
                connection = self.context.wrap_socket(connection, server_side=True)
                self.handshakes.append(connection.session_reused)
            while self.serve_request(connection):
                pass
        except (OSError, ValueError):
            pass
        finally:
            connection.close()

    def serve_request(self, connection):
        """True when the connection is good for another one."""
        request = b""
        while b"\r\n\r\n" not in request:
            piece = connection.recv(65536)
            if not piece:
                return False
            request += piece
        self.requests.append(request.decode(errors="replace"))
        self.answer(connection, self.mode)
        return self.mode == "keep"

    def answer(self, connection, mode):
        ok = (
            f"HTTP/1.1 {self.status} X\r\nContent-Length: {len(self.body)}\r\n"
            "Connection: close\r\n\r\n"
        ).encode()
        if mode == "ok":
            connection.sendall(ok + self.body)
        elif mode == "hang":
            time.sleep(5)
        elif mode == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif mode == "drip":
            for byte in ok + self.body:
                connection.sendall(bytes([byte]))
                time.sleep(0.1)
        elif mode == "huge":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
            for _ in range(1024):
                connection.sendall(b"x" * 1048576)
        elif mode == "garbage":
            connection.sendall(b"\x00\xffSSH-2.0-whatever\r\n\r\n" * 10)
        elif mode == "headers":  # without an end
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            for i in range(100000):
                connection.sendall(b"X-%d: %s\r\n" % (i, b"y" * 1000))
        elif mode == "redirect":
            connection.sendall(
                f"HTTP/1.1 302 X\r\nLocation: {self.location}\r\n"
                "Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
            )
        elif mode == "endless":  # the body goes on until the end of the connection
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + self.body)
        elif mode in ("keep", "stale"):  # stale: closed in spite of what is said
            connection.sendall(ok.replace(b"Connection: close\r\n", b"") + self.body)
        # "close": says nothing
