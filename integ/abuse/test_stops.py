# SPDX-License-Identifier: ISC
"""rrdnsd itself gets no processor, again and again, in the middle of its probes."""

import contextlib
import signal
import ssl
import time

import pytest
from harness.daemon import service

ANSWERS_AFTER_S = 0.1
TIMEOUT_MS = 400
RUNS_S = 0.06  # between two stops: no answer comes in that time
STOPS = 20
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_its_own_stops_are_held_against_nobody(rrdnsd, serve, knot, fqdn, ca, scheme):
    """Each stop is somewhat longer than what a probe may take."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*ca.issue("www.test"))
    alive = True

    def slow(connection):
        if scheme == "https":
            connection = context.wrap_socket(connection, server_side=True)
        with contextlib.closing(connection):
            connection.recv(65536)
            time.sleep(ANSWERS_AFTER_S)
            if alive:
                connection.sendall(ANSWER)
            else:
                time.sleep(1)

    server = serve(slow, ip="0.0.0.0")
    ips = [f"127.202.0.{i + 1}" for i in range(10)]
    own = service(
        fqdn, f"{scheme}://{{}}:{server.port}/", ips, host="www.test", tls_ca_file=ca.cert, update_method="none",
    )  # fmt: skip
    daemon = rrdnsd(knot, [own], probe_interval_ms=200, probe_timeout_ms=TIMEOUT_MS)
    daemon.wait_log(rf"{fqdn} .*undecided -> up", times=len(ips), timeout=20)
    for _ in range(STOPS):
        time.sleep(RUNS_S)
        daemon.process.send(signal.SIGSTOP)
        time.sleep(1.15 * TIMEOUT_MS / 1000)
        daemon.process.send(signal.SIGCONT)
    assert not daemon.count(rf"{fqdn} .*-> down here")
    alive = False
    daemon.wait_log(rf"{fqdn} .*-> down here \(response timeout", timeout=30)
