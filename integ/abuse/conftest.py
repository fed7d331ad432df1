# SPDX-License-Identifier: ISC
"""What all who abuse rrdnsd have in common: it must not be disturbed by it."""

import contextlib
import os
import socket
import threading

import pytest
from disturbance import URGENT, Disturbed, Watch
from harness.daemon import service
from harness.punctual import Helper

ATTEMPTS = 3


@pytest.fixture
def undisturbed():
    """undisturbed(daemon, grows_mb, abuse): what abuse() does delays its loop by less than
    50 ms (99 of 100 times; longer where the machine lets everybody wait), takes no more
    memory than that, and changes nothing that it says, but where quiet is False. Others may
    need the machine just then: it is done once more, and once more."""
    idle = Helper([f"{os.path.dirname(os.path.abspath(__file__))}/idle.py"], URGENT)

    def watch(daemon, grows_mb, abuse, quiet=True):
        for left in range(ATTEMPTS - 1, -1, -1):
            seen = Watch(daemon, idle)
            abuse()
            try:
                return seen.judge(grows_mb, quiet)
            except Disturbed:
                if not left:
                    raise

    yield watch
    idle.stop()


@pytest.fixture
def victim(rrdnsd, endpoints, knot, fqdn):
    """victim() gives (rrdnsd, web servers) where all is well: 3 endpoints; more options
    are of rrdnsd, further services may be there."""

    def make(*others, **options):
        webs = endpoints(3)
        ips = [web.ip for web in webs]
        knot.set(fqdn, ips, ttl=5)
        own = service(fqdn, f"http://{{}}:{webs[0].port}/", ips, ttl=5)
        daemon = rrdnsd(knot, [own, *others], prefix=URGENT, **options)
        daemon.wait_log(rf"{fqdn} .*undecided -> up", times=3)
        return daemon, webs

    return make


class Server:
    """serve(connection) for each connection, in a thread of its own."""

    def __init__(self, serve, ip="127.0.0.1"):
        self.work = serve
        self.listener = socket.create_server((ip, 0), backlog=1024)
        self.address = f"{ip}:{self.listener.getsockname()[1]}"
        self.port = self.listener.getsockname()[1]
        self.served = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.served += 1
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, contextlib.suppress(OSError):
            connection.settimeout(30)
            self.work(connection)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture
def serve():
    made = []

    def make(work, **options):
        made.append(Server(work, **options))
        return made[-1]

    yield make
    for server in made:
        server.stop()
