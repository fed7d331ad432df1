# SPDX-License-Identifier: ISC
"""Nodes on machines of their own whose links are cut and made bad."""

import signal
import time

import pytest
from harness.capture import Capture
from harness.cluster import SECRET, changes, wait_changes, wait_status
from harness.daemon import Rrdnsd, service
from harness.knot import Knot
from harness.nameserver import observer
from harness.netns import Network
from harness.process import wait_for
from harness.web import Endpoint

LEFT, RIGHT = "10.77.1.1", "10.77.1.2"
BOTH = {LEFT, RIGHT}
FQDN = "www.rrdnsd.test"
PORT = 8080


class World:
    def __init__(self, directory, n, wire=False, **options):
        self.network = Network(wire)
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
        if self.network.wire:
            self.network.wire.start()
        self.names = names = [f"{machine.ip}:3333" for machine in self.machines]
        one = service(FQDN, f"http://{{}}:{PORT}/", [LEFT, RIGHT], ttl=5)
        options = dict(dict(heartbeat_ms=200, takeover_ms=300, nodes_secret=SECRET, update_timeout_ms=1000), **options)
        self.nodes = []
        for i, machine in enumerate(self.machines):
            self.nodes.append(Rrdnsd(
                directory / f"node{i}", [one], prefix=machine.prefix, local_node=names[i], nodes=names,
                update_resolvers=[self.dns.address], update_credentials=self.dns.credentials(),
                probe_timeout_ms=300, **options,
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

    def writer(self):
        """Who wrote the last change, by its log."""
        return next(self.names[i] for i, node in enumerate(self.nodes) if changes([node], FQDN))

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
    """Left is out of reach for two nodes, right for one: only left goes. Each
    node says who voted how, why, and who writes."""
    w = world()
    with observer(w.dns, FQDN) as seen:
        w.machines[0].cut(LEFT)
        w.machines[1].cut(LEFT, RIGHT)
        w.dns.wait_addresses(FQDN, {RIGHT})
        for node in w.nodes:
            node.wait_log(rf"{FQDN} {LEFT}: .* -> down \(down: 2 of 3 nodes \(connect timeout\)")
            for i, name in enumerate(w.names):
                left = r"down \(connect timeout\)" if i < 2 else "up"
                right = r"down \(connect timeout\)" if i == 1 else "up"
                wait_status(node, rf"^{FQDN} {LEFT}: {name} {left}, \d+ ms old$")
                wait_status(node, rf"^{FQDN} {RIGHT}: {name} {right}, \d+ ms old$")
            wait_status(node, rf"^{FQDN} {RIGHT}: up: 2 of 3 nodes ")
            wait_status(node, rf"^{FQDN}: {w.writer()} writes first, we are writer [123] of 3$")
        time.sleep(1)
        for machine in w.machines:
            machine.heal()
        w.dns.wait_addresses(FQDN, BOTH)
    assert seen == [BOTH, {RIGHT}, BOTH]
    wait_changes(w.nodes, FQDN, 2)


@pytest.mark.parametrize("third", [0, 1, 2])
def test_one_dead_and_one_without_dns(world, third):
    """The third still acts, whatever its rank is."""
    w = world()
    dead, deaf = (i for i in range(3) if i != third)
    w.nodes[dead].kill()
    w.machines[deaf].cut(w.dns_machine)
    w.webs[LEFT].down()
    w.dns.wait_addresses(FQDN, {RIGHT}, timeout=20)
    w.nodes[deaf].wait_log(rf"{FQDN} {LEFT}: .* -> down \(down: 2 of 3 nodes \(connection refused\)")
    wait_for(lambda: changes([w.nodes[third]], FQDN) == 1, what="one change in the logs")
    assert changes([w.nodes[deaf]], FQDN) == 0


def test_a_node_cut_off_from_its_peers_does_nothing(world):
    """Not even what the majority had agreed on when it was still heard: votes
    end after vote_ttl_ms, and with them the right to write."""
    w = world()
    with Capture("eth0", w.dns_machine) as wire:
        # All agree, and none of them can tell the server yet.
        for machine in w.machines:
            machine.cut(w.dns_machine)
        w.webs[LEFT].down()
        for node in w.nodes:
            for name in w.names:
                wait_status(node, rf"^{FQDN} {LEFT}: {name} down \(connection refused\), \d+ ms old$")
        for i in range(3):
            w.machines[i].cut(w.dns_machine, *(m for m in w.machines if m is not w.machines[i]))
        for node in w.nodes:
            node.wait_log(r"is lost: its votes no longer count", times=2)
            node.wait_log(rf"{FQDN} {LEFT}: down -> undecided \(undecided: 0 up, [01] down, 2 of 3 needed")
        # Each of them, whatever its rank, reaches the server again, alone.
        for i in range(3):
            w.machines[i].cut(*(m for m in w.machines if m is not w.machines[i]))
        w.unchanged_for(3)
        assert wire.updates() == []
        wait_status(w.nodes[0], rf"^{FQDN}: we must not write now: 1 of 3 nodes have our definition and are heard, "
                                r"2 are needed$")
        wait_status(w.nodes[0], rf"^{FQDN} {LEFT}: {w.names[1]} down \(connection refused\), \d+ ms old: stale, "
                                r"does not count$")
        for machine in w.machines:
            machine.heal()
        w.dns.wait_addresses(FQDN, {RIGHT}, timeout=15)
        assert {source for _, source in wire.updates()} <= {m.ip for m in w.machines}


def test_a_cut_node_that_sees_everything_down(world):
    """Its own view changes nothing while it is alone, nor when it is back."""
    w = world()
    w.machines[0].cut(w.machines[1], w.machines[2], LEFT, RIGHT)
    w.nodes[0].wait_log(r"is lost: its votes no longer count", times=2)
    w.nodes[0].wait_log(rf"{LEFT}: (up|unknown) -> down here")
    w.unchanged_for(2)
    w.machines[0].cut(LEFT, RIGHT)
    w.nodes[0].wait_log(r"its votes count from now on", times=4)
    w.unchanged_for(1)


def test_two_that_reach_each_other_through_a_third_only(world):
    w = world()
    w.machines[0].cut(w.machines[1])
    w.nodes[0].wait_log(rf"node {w.names[1]}: does not answer \(.*(imed out|Timeout was reached)")
    w.nodes[1].wait_log(rf"node {w.names[0]}: does not answer \(.*(imed out|Timeout was reached)")
    w.webs[LEFT].down()
    w.dns.wait_addresses(FQDN, {RIGHT})
    # Each learns the other's vote, and that it lives, from the third.
    for ours, theirs in ((0, 1), (1, 0)):
        wait_status(w.nodes[ours], rf"^{FQDN} {LEFT}: {w.names[theirs]} down \(connection refused\), \d+ ms old$")
        wait_status(w.nodes[ours], rf"^{FQDN} {LEFT}: down: 3 of 3 nodes")
    assert not any(node.count("is lost") for node in w.nodes)
    wait_for(lambda: changes(w.nodes, FQDN) == 1, what="one change in the logs")


def test_two_and_one(world):
    w = world()
    with observer(w.dns, FQDN) as seen:
        w.machines[2].cut(w.machines[0], w.machines[1])
        w.nodes[2].wait_log(r"is lost", times=2)
        w.webs[LEFT].down()
        w.dns.wait_addresses(FQDN, {RIGHT})
        assert changes(w.nodes[2:], FQDN) == 0
        wait_status(w.nodes[2], rf"^{FQDN}: we must not write now: 1 of 3 nodes")
        w.machines[2].heal()
        w.nodes[2].wait_log(rf"{FQDN} {LEFT}: .* -> down \(down: [23] of 3 nodes")
        time.sleep(1)
    assert seen == [BOTH, {RIGHT}]
    wait_for(lambda: changes(w.nodes, FQDN) == 1, what="one change in the logs")


def test_two_and_two(world):
    w = world(4)
    for machine in w.machines[:2]:
        machine.cut(*w.machines[2:])
    for node in w.nodes:
        node.wait_log(r"is lost", times=2)
    w.webs[LEFT].down()
    for node in w.nodes:
        wait_status(node, rf"^{FQDN} {LEFT}: undecided: 0 up, 2 down, 3 of 4 needed")
        wait_status(node, rf"^{FQDN}: we must not write now: 2 of 4 nodes have our definition and are heard, "
                          r"3 are needed$")
    w.unchanged_for(2)
    for machine in w.machines[:2]:
        machine.heal()
    w.dns.wait_addresses(FQDN, {RIGHT}, timeout=15)
    wait_for(lambda: changes(w.nodes, FQDN) == 1, what="one change in the logs")


def test_flapping_links(world):
    """Between the nodes, and to the name server, 30 % of all packets are lost
    and the rest comes 300 ms late, each way, now and then nothing at all: no
    wrong change is seen. The right one comes when the losses end, at the
    latest; that all is late hinders nothing."""
    w = world(wire=True, heartbeat_ms=1000, takeover_ms=1500, update_timeout_ms=5000)
    ends = [w.dns_machine.ip] + [machine.ip for machine in w.machines]
    links = [(a, b) for i, a in enumerate(ends) for b in ends[:i]]

    def all_links(percent, seconds):
        for a, b in links:
            w.network.wire.link(a, b, percent, seconds)

    with observer(w.dns, FQDN) as seen:
        for _ in range(3):
            all_links(30, 0.3)
            time.sleep(2.5)
            all_links(100, 0)
            time.sleep(1)
        all_links(30, 0.3)
        w.webs[LEFT].down()
        time.sleep(3)
        all_links(0, 0.3)
        w.dns.wait_addresses(FQDN, {RIGHT}, timeout=30)
        all_links(30, 0.3)
        w.up(LEFT)
        time.sleep(3)
        all_links(0, 0)
        w.dns.wait_addresses(FQDN, BOTH, timeout=30)
    assert seen == [BOTH, {RIGHT}, BOTH]


def test_a_peer_that_hangs(world):
    """It accepts connections, and that is all."""
    w = world()
    hanging = w.nodes[0]
    hanging.process.send(signal.SIGSTOP)
    try:
        for node in w.nodes[1:]:
            node.wait_log(rf"node {w.names[0]}: is lost")
            node.wait_log(rf"node {w.names[0]}: does not answer \(.*(imed out|Timeout was reached)")
        w.webs[LEFT].down()
        w.dns.wait_addresses(FQDN, {RIGHT}, timeout=15)
        w.up(LEFT)
        w.dns.wait_addresses(FQDN, BOTH, timeout=15)
        serial = w.dns.serial()
    finally:
        hanging.process.send(signal.SIGCONT)
    for node in w.nodes[1:]:
        node.wait_log(rf"node {w.names[0]}: its votes count from now on", times=2)
    time.sleep(1)
    assert w.now() == BOTH
    assert w.dns.serial() == serial


def test_nodes_that_are_far_from_each_other(tmp_path):
    """A new connection and the first message over it take two round trips, which is
    longer than half of the time for which a vote is fresh."""
    world = World(tmp_path, 2, wire=True, heartbeat_ms=400)
    try:
        world.network.wire.link(*(machine.ip for machine in world.machines), seconds=0.3)
        for node in world.nodes:
            node.stop()
        for node in world.nodes:
            node.start()
        for node in world.nodes:
            node.wait_log("there is a majority: 2 of 2 nodes", timeout=30)
            node.wait_log(rf"{FQDN} .*undecided -> up", times=2, timeout=30)
        world.webs[LEFT].down()
        wait_for(lambda: world.now() == {RIGHT}, 30, "the change")
    finally:
        world.close()
