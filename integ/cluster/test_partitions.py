# SPDX-License-Identifier: ISC
"""Nodes on machines of their own whose links are cut and made bad."""

import signal
import time

import pytest
from harness.daemon import Rrdnsd, service
from harness.knot import Knot
from harness.nameserver import observer
from harness.netns import Network
from harness.web import Endpoint

LEFT, RIGHT = "10.77.1.1", "10.77.1.2"
BOTH = {LEFT, RIGHT}
FQDN = "www.rrdnsd.test"
PORT = 8080


class World:
    def __init__(self, directory, n, **options):
        self.network = Network()
        self.processes = []
        self.webs = {}
        try:
            self.build(directory, n, options)
        except BaseException:
            self.close()
            raise

    def build(self, directory, n, options):
        self.dns_machine = self.network.machine()
        self.web_machine = self.network.machine(LEFT, RIGHT)
        self.dns = Knot(directory / "knot", ip=self.dns_machine.ip, port=53, machine=self.dns_machine)
        self.processes.append(self.dns)
        self.dns.set(FQDN, BOTH, ttl=5)
        with self.web_machine.entered():
            for ip in (LEFT, RIGHT):
                self.webs[ip] = Endpoint(ip, PORT)
        self.machines = [self.network.machine() for _ in range(n)]
        names = [f"{machine.ip}:3333" for machine in self.machines]
        one = service(FQDN, f"http://{{}}:{PORT}/", [LEFT, RIGHT], ttl=5)
        options = dict(dict(heartbeat_ms=200, takeover_ms=300, nodes_secret="a secret for all of them, long enough"),
                       **options)
        self.nodes = []
        for i, machine in enumerate(self.machines):
            self.nodes.append(Rrdnsd(
                directory / f"node{i}", [one], prefix=machine.prefix, local_node=names[i], nodes=names,
                update_resolvers=[self.dns.address], update_credentials=self.dns.credentials(),
                probe_timeout_ms=300, update_timeout_ms=1000, **options,
            ))  # fmt: skip
            self.processes.append(self.nodes[-1])
        for node in self.nodes:
            node.wait_log(rf"{FQDN} .*undecided -> up", times=2)

    def close(self):
        for web in self.webs.values():
            web.down()
        for process in reversed(self.processes):
            process.stop()
        self.network.close()

    def now(self):
        return self.dns.addresses(FQDN)

    def up(self, ip):
        with self.web_machine.entered():
            self.webs[ip].up()

    def unchanged_for(self, seconds):
        serial = self.dns.serial()
        time.sleep(seconds)
        assert self.now() == BOTH
        assert self.dns.serial() == serial


@pytest.fixture
def world(tmp_path):
    made = []

    def make(n=3, **options):
        made.append(World(tmp_path, n, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
        for node in one.nodes:
            assert "Sanitizer" not in node.log(), node.log()


def test_only_what_the_majority_does_not_reach_goes(world):
    """Left is out of reach for two nodes, right for one: only left goes."""
    w = world()
    with observer(w.dns, FQDN) as seen:
        w.machines[0].cut(LEFT)
        w.machines[1].cut(LEFT, RIGHT)
        w.dns.wait_addresses(FQDN, {RIGHT})
        time.sleep(2)
        for machine in w.machines:
            machine.heal()
        w.dns.wait_addresses(FQDN, BOTH)
    assert seen == [BOTH, {RIGHT}, BOTH]


def test_one_dead_and_one_without_dns(world):
    """The third still acts, whatever their ranks are."""
    w = world()
    w.nodes[0].kill()
    w.machines[1].cut(w.dns_machine)
    w.webs[LEFT].down()
    w.dns.wait_addresses(FQDN, {RIGHT}, timeout=20)


def test_a_node_cut_off_from_its_peers_does_nothing(world):
    w = world()
    w.machines[0].cut(w.machines[1], w.machines[2], LEFT)
    w.nodes[0].wait_log(r"is lost: its votes no longer count", times=2)
    w.nodes[0].wait_log(rf"{LEFT}: up -> down here")
    w.unchanged_for(3)
    w.machines[0].heal()
    w.nodes[0].wait_log(r"its votes count from now on", times=4)
    w.unchanged_for(1)


def test_two_that_reach_each_other_through_a_third_only(world):
    w = world()
    w.machines[0].cut(w.machines[1])
    time.sleep(2)
    assert not any(node.count("is lost") for node in w.nodes)
    w.webs[LEFT].down()
    w.dns.wait_addresses(FQDN, {RIGHT})
    for node in w.nodes:
        node.wait_log(rf"{LEFT}: .* -> down \(down: 3 of 3 nodes|{LEFT}: .* -> down \(down: 2 of 3 nodes")


def test_two_and_one(world):
    w = world()
    w.machines[2].cut(w.machines[0], w.machines[1])
    w.nodes[2].wait_log(r"is lost", times=2)
    w.webs[LEFT].down()
    w.dns.wait_addresses(FQDN, {RIGHT})
    assert not w.nodes[2].count(r"\[updater\].* -> ")
    w.machines[2].heal()
    time.sleep(2)
    assert w.now() == {RIGHT}


def test_two_and_two(world):
    w = world(4)
    for machine in w.machines[:2]:
        machine.cut(*w.machines[2:])
    for node in w.nodes:
        node.wait_log(r"is lost", times=2)
    w.webs[LEFT].down()
    w.unchanged_for(3)
    for machine in w.machines[:2]:
        machine.heal()
    w.dns.wait_addresses(FQDN, {RIGHT}, timeout=15)


def test_bad_links(world):
    """Each node loses 30 % of what arrives: slow, but never wrong."""
    w = world(heartbeat_ms=500, takeover_ms=1500)
    for machine in w.machines:
        machine.lose(30)
    with observer(w.dns, FQDN) as seen:
        time.sleep(8)
        w.webs[LEFT].down()
        time.sleep(10)
        for machine in w.machines:
            machine.heal()
        w.dns.wait_addresses(FQDN, {RIGHT}, timeout=30)
    assert set() not in seen, seen


def test_a_peer_that_hangs(world):
    w = world()
    w.nodes[0].process.send(signal.SIGSTOP)
    try:
        w.webs[LEFT].down()
        w.dns.wait_addresses(FQDN, {RIGHT}, timeout=15)
        w.up(LEFT)
        w.dns.wait_addresses(FQDN, BOTH, timeout=15)
        serial = w.dns.serial()
        time.sleep(2)
    finally:
        w.nodes[0].process.send(signal.SIGCONT)
    time.sleep(2)
    assert w.now() == BOTH
    assert w.dns.serial() == serial
