# SPDX-License-Identifier: ISC
"""Endpoints that are no web servers: tcp with words, tls, dns, programs."""

import os
import socket
import socketserver
import ssl
import struct
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from harness.daemon import run, service
from harness.nameserver import ZONE
from harness.process import free_port, wait_for

HOST = "mail.example.test"


class Talker:
    """A TCP server that says something, hears something, and answers."""

    def __init__(self, ip, greeting=b"", answers=None, tls=None, close=False):
        self.ip, self.heard = ip, []
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                connection = self.request
                try:
                    if tls:
                        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                        context.load_cert_chain(*tls)
                        connection = context.wrap_socket(connection, server_side=True)
                    for byte in greeting:  # in the smallest pieces there are
                        connection.sendall(bytes([byte]))
                    while not close:
                        piece = connection.recv(4096)
                        if not piece:
                            return
                        outer.heard.append(piece)
                        connection.sendall((answers or {}).get(piece, b""))
                except OSError:
                    pass

        socketserver.ThreadingTCPServer.daemon_threads = True
        self.server = socketserver.ThreadingTCPServer((ip, 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def talker():
    made = []

    def make(**options):
        made.append(Talker("127.0.0.1", **options))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def watch(rrdnsd, knot, fqdn):
    """Waits for what the log says of one endpoint."""

    def start(pattern, healthcheck, ip="127.0.0.1", **options):
        one = service(fqdn, healthcheck, [ip], fail_mode="closed", **options)
        daemon = rrdnsd(knot, [one], update_method="none")
        daemon.wait_log(rf"{fqdn} {ip}: undecided -> {pattern}")
        return daemon

    return start


def test_tcp_greeting(talker, watch):
    one = talker(greeting=b"220 mail ESMTP\r\n")
    watch("up", f"tcp://{{}}:{one.port}", expect_regex="^220 .*ESMTP")


def test_tcp_question_and_answer(talker, watch):
    one = talker(answers={b"PING\r\n\0\xff": b"+PONG\r\n"})
    watch("up", f"tcp://{{}}:{one.port}", send="PING\\r\\n\\x00\\xfF", expect="+PONG\\r\\n")
    assert one.heard[0] == b"PING\r\n\0\xff"


def test_tcp_wrong_answer(talker, watch):
    one = talker(greeting=b"554 go away\r\n")
    watch("down .*answer did not match", f"tcp://{{}}:{one.port}", expect="220 ")


def test_tcp_wrong_answer_and_closed(talker, watch):
    one = talker(greeting=b"554 go away\r\n", close=True)
    watch("down .*answer did not match", f"tcp://{{}}:{one.port}", expect="220 ")


def test_tcp_no_answer(talker, watch):
    watch("down .*response timeout", f"tcp://{{}}:{talker().port}", expect="220 ")


def test_tcp_closed_without_a_word(talker, watch):
    watch("down .*closed without a response", f"tcp://{{}}:{talker(close=True).port}", expect="220 ")


def test_tcp_with_words_refused(watch):
    watch("down .*connection refused", f"tcp://{{}}:{free_port()}", expect="220 ")


def test_tls(talker, watch, ca):
    watch("up", f"tls://{{}}:{talker(tls=ca.issue(HOST)).port}", host=HOST, tls_ca_file=ca.cert)


def test_tls_with_words(talker, watch, ca):
    one = talker(tls=ca.issue(HOST), greeting=b"* OK ready\r\n")
    watch("up", f"tls://{{}}:{one.port}", host=HOST, tls_ca_file=ca.cert, expect="* OK")


@pytest.mark.parametrize(
    "name, options, reason",
    [
        ("else.example.test", {}, "TLS name mismatch"),
        (HOST, {"days": 3, "clock": "-20d"}, "certificate expired"),
    ],
)
def test_tls_certificate(talker, watch, ca, name, options, reason):
    one = talker(tls=ca.issue(name, **options))
    watch(f"down .*{reason}", f"tls://{{}}:{one.port}", host=HOST, tls_ca_file=ca.cert)


def test_tls_unknown_ca(talker, watch, ca):
    one = talker(tls=ca.issue(HOST))
    watch("down .*certificate from an unknown CA", f"tls://{{}}:{one.port}", host=HOST)


def test_tls_to_a_plain_port(talker, watch):
    watch("down .*TLS handshake", f"tls://{{}}:{talker(greeting=b'220 plain').port}", host=HOST)


def test_tls_certificate_that_ends_soon(talker, watch, ca, fqdn):
    one = talker(tls=ca.issue(HOST, days=10))
    daemon = watch("up", f"tls://{{}}:{one.port}", host=HOST, tls_ca_file=ca.cert, tls_min_days=20)
    daemon.wait_log(rf"{fqdn} 127.0.0.1: the certificate ends in (9|10) days")


def test_dns_of_each_server(server, rrdnsd, fqdn):
    """The zone's SOA by default, any name's address on request."""
    server.set(fqdn, ["192.0.2.7"])
    ip, port = server.address.rsplit(":", 1)
    services = [
        service(f"soa.{ZONE}", f"dns://{{}}:{port}", [ip], zone=ZONE),
        service(f"a.{ZONE}", f"dns://{{}}:{port}", [ip], zone=ZONE, dns_name=fqdn),
        service(f"none.{ZONE}", f"dns://{{}}:{port}", [ip], zone=ZONE, dns_name=f"no-such.{ZONE}", fail_mode="closed"),
        service(f"six.{ZONE}", f"dns://{{}}:{port}", [ip], zone=ZONE, dns_name=fqdn, dns_type="AAAA", fail_mode="closed"),
        service(f"other.{ZONE}", f"dns://{{}}:{port}", [ip], zone=ZONE, dns_name="example.net", fail_mode="closed"),
    ]
    daemon = rrdnsd(server, services, update_method="none")
    daemon.wait_log(rf"soa.{ZONE} {ip}: undecided -> up")
    daemon.wait_log(rf"a.{ZONE} {ip}: undecided -> up")
    daemon.wait_log(rf"none.{ZONE} {ip}: undecided -> down")
    daemon.wait_log(rf"none.{ZONE} {ip}: unknown -> down here \(rcode NXDOMAIN")
    daemon.wait_log(rf"six.{ZONE} {ip}: undecided -> down .*no record in the answer")
    daemon.wait_log(rf"other.{ZONE} {ip}: unknown -> down here \(rcode REFUSED")


def test_dns_refused(watch):
    watch("down .*connection refused", f"dns://{{}}:{free_port()}")


class Asked:
    """A name server that loses, truncates or spoils what it is asked."""

    def __init__(self, lose=0, truncate=False, forge=False, garbage=False, mute=False):
        self.lose, self.truncate, self.forge, self.garbage, self.mute = lose, truncate, forge, garbage, mute
        self.queries = []
        self.port = free_port()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        self.tcp = socket.create_server(("127.0.0.1", self.port))
        for serve in (self.serve_udp, self.serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    def answer(self, wire):
        query = dns.message.from_wire(wire)
        answer = dns.message.make_response(query)
        question = query.question[0]
        answer.answer.append(dns.rrset.from_text(question.name, 5, "IN", "A", "192.0.2.1"))
        return answer

    def serve_udp(self):
        while True:
            try:
                wire, peer = self.udp.recvfrom(4096)
            except OSError:
                return
            self.queries.append(wire)
            if self.mute or self.queries.count(wire) <= self.lose:
                continue
            answer = self.answer(wire)
            if self.forge:
                other = self.answer(wire)
                other.id ^= 1
                other.set_rcode(dns.rcode.SERVFAIL)
                self.udp.sendto(other.to_wire(), peer)
            if self.truncate:
                answer.answer.clear()
                answer.flags |= dns.flags.TC
            reply = answer.to_wire()
            self.udp.sendto(reply[:2] + b"\x84" + b"x" * 30 if self.garbage else reply, peer)

    def serve_tcp(self):
        while True:
            try:
                connection, _ = self.tcp.accept()
            except OSError:
                return
            with connection:
                wire = connection.recv(4096)
                reply = self.answer(wire[2:]).to_wire()
                reply = struct.pack("!H", len(reply)) + reply
                for byte in reply:
                    connection.sendall(bytes([byte]))
                self.tcp_seen = True

    def stop(self):
        self.udp.close()
        self.tcp.shutdown(socket.SHUT_RDWR)
        self.tcp.close()


@pytest.fixture
def asked():
    made = []

    def make(**options):
        made.append(Asked(**options))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.mark.parametrize("how", [{}, {"lose": 1}, {"truncate": True}, {"forge": True}])
def test_dns_answered_in_spite(asked, watch, how):
    one = asked(**how)
    watch("up", f"dns://{{}}:{one.port}", dns_name="www.example.test", probe_timeout_ms=1500)
    assert not how.get("truncate") or one.tcp_seen


def test_dns_garbage(asked, watch):
    watch("down .*malformed response", f"dns://{{}}:{asked(garbage=True).port}", dns_name="www.example.test")


def test_dns_silence_is_asked_three_times(asked, watch):
    one = asked(mute=True)
    watch("down .*response timeout", f"dns://{{}}:{one.port}", dns_name="www.example.test")
    assert max(one.queries.count(wire) for wire in one.queries) == 3


@pytest.fixture
def check(tmp_path):
    """A check by a few lines of shell."""

    def make(text, mode=0o755):
        path = tmp_path / "check"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(mode)
        return str(path)

    return make


def test_exec(check, watch, tmp_path):
    path = check(f'echo "$# $1 $2 $RRDNSD_IPADDR $HOME" >{tmp_path}/seen')
    watch("up", f"exec:{path} --to={{}}  x")
    wait_for(lambda: (tmp_path / "seen").read_text() == "2 --to=127.0.0.1 x 127.0.0.1 \n", 5, "arguments")


def test_exec_says_why(check, watch, fqdn):
    path = check("echo the disk is full; echo more; exit 1")
    daemon = watch(r"down .*the disk is full", f"exec:{path} {{}}")
    daemon.wait_log(rf"{fqdn} 127.0.0.1: unknown -> down here \(the disk is full")


def test_exec_timeout(check, watch):
    watch("down .*check timeout", f"exec:{check('sleep 1000')} {{}}")


@pytest.mark.parametrize("text, reason", [("echo what; exit 3", "status 3: what"), ("kill -9 $$", "signal 9")])
def test_exec_that_cannot_tell_counts_neither_way(check, rrdnsd, knot, fqdn, text, reason):
    one = service(fqdn, f"exec:{check(text)} {{}}", ["127.0.0.1"])
    daemon = rrdnsd(knot, [one], update_method="none")
    daemon.wait_log(rf"{fqdn} 127.0.0.1: probe: check ended with {reason}", times=8)
    assert not daemon.count("undecided -> ")


def test_exec_is_checked_with_the_configuration(check, rrdnsd, knot, fqdn):
    for healthcheck, why in [
        ("exec:check {}", "absolute path"),
        (f"exec:{check('exit 0', mode=0o644)} {{}}", "can't be executed"),
        ("exec:/nonexistent/check {}", "No such file"),
        ("exec:/usr/bin {}", "no regular file"),
    ]:
        daemon = rrdnsd(knot, [service(fqdn, healthcheck, ["127.0.0.1"])], start=False)
        status, _, stderr = run("-n", "-c", daemon.conf)
        assert status == 1 and why in stderr, stderr


def test_more_checks_than_places(check, rrdnsd, knot, fqdn, tmp_path):
    """100 checks of 0.2 s share 32 places; all get their turn."""
    path = check(f"sleep 0.2; echo >>{tmp_path}/runs")
    one = service(fqdn, f"exec:{path} {{}}", [f"127.9.0.{i}" for i in range(1, 101)], probe_interval_ms=3000, probe_timeout_ms=30000)
    daemon = rrdnsd(knot, [one], update_method="none", fast_interval_ms=1000)
    daemon.wait_log(rf"{fqdn} 127.9.0.\d+: undecided -> up", timeout=60, times=100)
    assert os.path.getsize(tmp_path / "runs") >= 200
