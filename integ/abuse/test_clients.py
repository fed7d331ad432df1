# SPDX-License-Identifier: ISC
"""Too many, too slow and forged requests to the port of API and gossip."""

import contextlib
import json
import re
import resource
import socket
import subprocess
import threading
import time

import pytest
from disturbance import URGENT, memory_kb, metrics
from harness.cluster import SECRET, ips
from harness.daemon import Rrdnsd, service
from harness.gossip import PATH, message
from harness.process import free_port, wait_for

MEMORY_MB = 32
UNSIGNED = 100000


def wrk(address, path, *argv, connections=1000, seconds=5):
    """How many requests; it is nobody's business how fast that was."""
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", *argv,
         f"http://{address}{path}"],
        text=True, capture_output=True, timeout=seconds + 30, check=True,
    )  # fmt: skip
    return int(re.search(r"(\d+) requests in", done.stdout)[1])


@pytest.mark.parametrize("path", ["/api/v1/status", "/metrics", "/dash", "/api/v1/events"])
def test_a_thousand_connections(victim, undisturbed, path):
    daemon, _ = victim()

    def ask():
        """A busy machine may leave little of 5 seconds to wrk."""
        done, rounds = 0, 0
        while done <= 100:
            assert (rounds := rounds + 1) <= 12, f"{done} answers in a minute"
            done += wrk(daemon.options["local_node"], path)

    undisturbed(daemon, MEMORY_MB, ask)


@contextlib.contextmanager
def pipelines(address, n):
    """n connections on each of which there is always a next request, without an end."""
    host, port = address.rsplit(":", 1)
    over = threading.Event()

    def write(sock):
        with contextlib.suppress(OSError):
            while not over.is_set():
                sock.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 500)

    def read(sock):
        with contextlib.suppress(OSError):
            while sock.recv(1 << 20):
                pass

    socks = [socket.create_connection((host, int(port))) for _ in range(n)]
    threads = [threading.Thread(target=work, args=(sock,)) for sock in socks for work in (write, read)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for sock in socks:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()
        for sock in socks:
            sock.close()


def test_pipelines_without_an_end(victim, undisturbed, fqdn):
    """Each endpoint has a timer; none of them is a reason to look at the clients once more."""
    port = free_port()  # nobody listens: that costs the least
    many = [service(
        f"many{i}.{fqdn}", f"tcp://{{}}:{port}", [f"127.{203 + i}.{j // 250}.{1 + j % 250}" for j in range(1000)],
        update_method="none", zone=fqdn.split(".", 1)[1], probe_interval_ms=5000, fall=1,
    ) for i in range(5)]  # fmt: skip
    daemon, _ = victim(*many)
    daemon.wait_log(r"many\d.* undecided -> down", times=5000, timeout=40)
    with pipelines(daemon.options["local_node"], 2):
        undisturbed(daemon, MEMORY_MB, lambda: time.sleep(4))


@contextlib.contextmanager
def slow_clients(address, n, piece, step_s=1.0):
    """n connections at once, on each of which a piece of a request comes each second.
    Who is thrown out comes back."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    host, port = address.rsplit(":", 1)
    over = threading.Event()

    def connect():
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex((host, int(port)))
        return sock

    def run():
        clients = [connect() for _ in range(n)]
        while not over.wait(step_s):
            for i, sock in enumerate(clients):
                try:
                    sock.send(piece)
                except BlockingIOError:
                    pass
                except OSError:
                    sock.close()
                    clients[i] = connect()
        for sock in clients:
            sock.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("piece", [b"G", b"GET / HTTP/1.1\r\nX: y\r\n", b"POST "], ids=["bytes", "headers", "words"])
def test_a_thousand_slow_clients(victim, undisturbed, piece):
    daemon, _ = victim()
    with slow_clients(daemon.options["local_node"], 1000, piece):
        undisturbed(daemon, MEMORY_MB, lambda: time.sleep(5))
    wait_for(lambda: wrk(daemon.options["local_node"], "/health", connections=1, seconds=1), what="room again")


@pytest.fixture
def three(tmp_path, endpoints, knot, fqdn):
    """three(third) gives (two nodes, web servers); the third node is whatever listens there."""
    made = []

    def make(third):
        webs = endpoints(3)
        knot.set(fqdn, ips(webs), ttl=5)
        names = [f"127.0.0.1:{free_port()}" for _ in range(2)] + [third]
        own = service(fqdn, f"http://{{}}:{webs[0].port}/", [web.ip for web in webs], ttl=5)
        for name in names[:2]:
            made.append(Rrdnsd(
                tmp_path / name, [own], prefix=URGENT, local_node=name, nodes=names, nodes_secret=SECRET,
                heartbeat_ms=500, takeover_ms=500, update_resolvers=[knot.address],
                update_credentials=knot.credentials(),
            ))  # fmt: skip
        for node in made:
            node.wait_log(rf"{fqdn} .*undecided -> up", times=3)
        return made, webs

    yield make
    for node in made:
        assert node.stop() == 0, node.log()[-3000:]


def test_slow_clients_keep_no_vote_away(three, undisturbed, knot, fqdn):
    nodes, webs = three(f"127.0.0.1:{free_port()}")
    with slow_clients(nodes[0].options["local_node"], 1000, b"P"):
        undisturbed(nodes[0], MEMORY_MB, lambda: time.sleep(4))
        webs[0].down()
        knot.wait_addresses(fqdn, ips(webs[1:]), timeout=20)


SCRIPT = """wrk.method = "POST"
wrk.body = {body}
wrk.headers["Rrdnsd-Auth"] = "v1 {mac}"
"""


def test_a_hundred_thousand_unsigned_messages(three, undisturbed, knot, fqdn, tmp_path):
    """They say, in the name of the third node, that all is down."""
    nodes, webs = three(f"127.0.0.1:{free_port()}")
    address, third = nodes[0].options["local_node"], nodes[0].options["nodes"][2]
    body = message(third, address, seq=1 << 40, digest={third: {"boot": 1 << 52, "heartbeat": 9, "version": 9, "age": 0}})
    script = tmp_path / "forged.lua"
    script.write_text(SCRIPT.format(body=json.dumps(body.decode()), mac="0" * 64))

    def rejected():
        return metrics(nodes[0]).sum("rrdnsd_gossip_rejected_total")

    def send():
        before, rounds = rejected(), 0
        while rejected() - before < UNSIGNED:
            assert (rounds := rounds + 1) <= 60, f"{rejected() - before} messages in 3 minutes"
            wrk(address, PATH, "-s", str(script), connections=200, seconds=3)

    serial = knot.serial()
    undisturbed(nodes[0], MEMORY_MB, send)
    assert not nodes[0].count("-> down")
    assert not nodes[0].count(rf"{re.escape(third)}.*count from now on")
    assert nodes[0].count("MAC") < 100  # told at a limited rate
    assert knot.serial() == serial
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]), timeout=20)


def test_a_peer_that_answers_a_byte_a_second(three, serve, undisturbed, knot, fqdn):
    def drip(connection):
        connection.recv(65536)
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b" " * 100:
            connection.sendall(bytes([byte]))
            time.sleep(1)

    peer = serve(drip)
    nodes, webs = three(peer.address)
    undisturbed(nodes[0], MEMORY_MB, lambda: time.sleep(5))
    assert peer.served > 2
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]), timeout=20)
    assert memory_kb(nodes[0], "VmHWM") < MEMORY_MB * 1024
