# SPDX-License-Identifier: ISC
"""Fixtures: a running server of each kind, endpoints, and rrdnsd."""

import itertools
import os
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))

from harness import process  # noqa: E402
from harness.bind import Bind  # noqa: E402
from harness.ca import CertificateAuthority  # noqa: E402
from harness.daemon import Rrdnsd, end, is_instrumented, service  # noqa: E402
from harness.excerpt import excerpts  # noqa: E402
from harness.knot import Knot  # noqa: E402
from harness.nameserver import ZONE  # noqa: E402
from harness.pdns import PowerDns  # noqa: E402
from harness.process import Process  # noqa: E402
from harness.web import Endpoint  # noqa: E402

KINDS = {"knot": Knot, "bind": Bind, "pdns": PowerDns}
names = itertools.count(1)
hosts = itertools.count(2)

# Tests run in several processes: each has addresses of its own.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])

# Sanitizers and valgrind take their time.
if "RRDNSD" in os.environ and is_instrumented():
    process.patience = 3


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call" and report.failed:
        report.sections += excerpts(list(Process.everyone))


@pytest.fixture(autouse=True)
def nothing_goes_on():
    """A fixture that fails before it yields leaves its nodes, and these would
    work beside all tests after it."""
    before = set(Process.everyone)
    yield
    for left in set(Process.everyone) - before:
        if left.name == "rrdnsd":
            left.stop()


def shared(kind, tmp_path_factory):
    server = KINDS[kind](tmp_path_factory.mktemp(kind))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def knot(tmp_path_factory):
    yield from shared("knot", tmp_path_factory)


@pytest.fixture(scope="session")
def bind(tmp_path_factory):
    yield from shared("bind", tmp_path_factory)


@pytest.fixture(scope="session")
def pdns(tmp_path_factory):
    yield from shared("pdns", tmp_path_factory)


@pytest.fixture(params=sorted(KINDS))
def server(request):
    """Each test that asks for it runs against all three."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def make_server(tmp_path):
    """A server for one test alone, which may stop it."""
    made = []

    def make(kind, **options):
        made.append(KINDS[kind](tmp_path / f"{kind}{len(made)}", **options))
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def fqdn():
    return f"t{next(names)}.{ZONE}"


@pytest.fixture
def endpoints():
    """endpoints(n) gives n web servers on one port of different addresses."""
    made = []

    def make(n, **options):
        webs = [Endpoint(ip(), **options)]
        while len(webs) < n:
            webs.append(Endpoint(ip(), webs[0].port, **options))
        made.extend(webs)
        return webs

    def ip():
        host = next(hosts)
        return f"127.{WORKER}.{1 + host // 250}.{1 + host % 250}"

    yield make
    for endpoint in made:
        endpoint.down()


@pytest.fixture
def rrdnsd(tmp_path):
    """rrdnsd(server, [service...], **options) starts one; without a server the
    options have to say where records are."""
    made = []

    def make(server, services, **options):
        if server is not None:
            options.setdefault("update_resolvers", [server.address])
            options.setdefault("update_credentials", server.credentials())
        made.append(Rrdnsd(tmp_path / f"rrdnsd{len(made)}", services, **options))
        return made[-1]

    yield make
    end(made)


@pytest.fixture
def publish(rrdnsd, endpoints, fqdn):
    """The usual setting: n endpoints, their records, and rrdnsd that has seen
    all of them up. Returns (rrdnsd, endpoints)."""

    def make(server, n=2, **options):
        webs = endpoints(n)
        server.set(fqdn, [web.ip for web in webs], ttl=5)
        one = service(
            fqdn, f"http://{{}}:{webs[0].port}/", [web.ip for web in webs], ttl=5,
            **options.pop("service", {}),
        )  # fmt: skip
        daemon = rrdnsd(server, [one], **options)
        daemon.wait_log(r"undecided -> up", times=n)
        return daemon, webs

    return make


@pytest.fixture(scope="session")
def ca(tmp_path_factory):
    return CertificateAuthority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def drop_udp():
    """Drops datagrams to a server's port, as a firewall would, by nft."""
    tables = []

    def drop(server):
        table = f"rrdnsd_test_{os.getpid()}_{len(tables)}"
        rules = f"""table inet {table} {{
  chain in {{
    type filter hook input priority 0
    udp dport {server.port} drop
  }}
}}
"""
        done = subprocess.run(["nft", "-f", "-"], input=rules, text=True, capture_output=True)
        assert done.returncode == 0, done.stderr
        tables.append(table)

    yield drop
    for table in tables:
        subprocess.run(["nft", "delete", "table", "inet", table], check=True)
