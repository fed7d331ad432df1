# SPDX-License-Identifier: ISC
"""Endpoints that answer with whatever harms: twenty of a kind, beside three good ones."""

import itertools
import time

import pytest
from harness.daemon import service
from harness.process import wait_for

EVIL = 20
SECONDS = 4
MEMORY_MB = 16


def request(connection):
    asked = b""
    while b"\r\n\r\n" not in asked:
        piece = connection.recv(65536)
        if not piece:
            raise OSError("it has gone")
        asked += piece
    return asked.decode()


def gigabyte(connection):
    request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
    for _ in range(1024):
        connection.sendall(bytes(1 << 20))


def endless_header(connection):
    request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for i in itertools.count():
        connection.sendall(b"X-%d: %s\r\n" % (i, b"y" * 1000))


def one_endless_line(connection):
    request(connection)
    while True:
        connection.sendall(b"H" * 65536)


def endless_chunks(connection):
    request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"1\r\nx\r\n" * 10000)


def endless_letters(connection):
    """For "[a-z]+: ok" regexec(3) would need 8 s with 64 kB of them."""
    request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def tls_garbage(connection):
    connection.recv(65536)
    for i in itertools.count():  # records of a handshake that make no sense
        connection.sendall(b"\x16\x03\x03\x40\x00" + bytes([i % 256]) * 0x4000)


def no_tls_at_all(connection):
    connection.recv(65536)
    while True:
        connection.sendall(b"\x00\xffSSH-2.0-whatever\r\n" * 1000)


def redirects(connection):
    """300 of them."""
    hop = int(request(connection).split(" ", 2)[1].strip("/") or 0)
    if hop < 300:
        ip, port = connection.getsockname()
        connection.sendall(
            f"HTTP/1.1 302 X\r\nLocation: http://{ip}:{port}/{hop + 1}\r\n"
            "Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
        )
    else:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@pytest.mark.parametrize(
    "work, scheme, verdict, options",
    [
        (gigabyte, "http", "up", {}),
        (gigabyte, "http", r"down .*body did not match", {"expect_body": "nowhere"}),
        (endless_header, "http", r"down .*response header too large", {}),
        (one_endless_line, "http", r"down .*(malformed response|response header too large)", {}),
        (endless_chunks, "http", r"down .*response header too large", {"expect_body": "nowhere"}),
        (endless_chunks, "http", r"down .*response header too large", {"expect_body_regex": "no(w|W)here|never"}),
        (endless_chunks, "http", r"down .*response header too large", {"expect_body": "nowhere", "follow_redirects": True}),
        (endless_letters, "http", r"down .*body took the expression too long", {"expect_body_regex": "[a-z]+: ok"}),
        (tls_garbage, "https", r"down .*TLS handshake failed", {"tls_verify": False}),
        (no_tls_at_all, "https", r"down .*TLS handshake failed", {"tls_verify": False}),
        (redirects, "http", r"down .*redirect", {"follow_redirects": True}),
    ],
)
def test_evil_endpoints(victim, serve, undisturbed, fqdn, work, scheme, verdict, options):
    server = serve(work, ip="0.0.0.0")
    ips = [f"127.201.0.{i + 1}" for i in range(EVIL)]
    evil = service(
        f"evil.{fqdn}", f"{scheme}://{{}}:{server.port}/", ips, update_method="none",
        zone=fqdn.split(".", 1)[1], **options,
    )  # fmt: skip
    daemon, webs = victim(evil)
    daemon.wait_log(rf"evil\.{fqdn} .*undecided -> {verdict}", times=EVIL, timeout=20)
    before = server.served
    undisturbed(daemon, MEMORY_MB, lambda: time.sleep(SECONDS))
    assert server.served > before + EVIL
    webs[0].down()
    wait_for(lambda: daemon.count(rf"{fqdn} {webs[0].ip}: up -> down \("), what="it is seen down")
