# SPDX-License-Identifier: ISC
"""Three nodes keep min_dwell_ms and max_removals together, whoever writes."""

import time

import pytest
from harness.api import TOKEN, Api
from harness.ctl import Ctl
from harness.daemon import service
from harness.process import free_port, wait_for

N = 4  # services

# Longer than a busy machine keeps the first writer waiting: when another one
# steps in, two count.
TAKEOVER_MS = 3000


class Farm:
    """Service i is at webs[0] and at its own webs[1 + i]."""

    def __init__(self, knot, nodes, names, webs):
        self.knot, self.nodes, self.names, self.webs = knot, nodes, names, webs

    def removed(self):
        return {i for i in range(N) if self.webs[1 + i].ip not in self.knot.addresses(self.names[i])}

    def wait_removed(self, wanted, timeout=15):
        wait_for(lambda: self.removed() == set(wanted), timeout, f"{wanted} removed, and no other")

    def down(self, *services):
        """All nodes that live have seen that the endpoints of these are down."""
        for i in services:
            self.webs[1 + i].down()
        self.wait_verdict("down", services)

    def up(self, *services):
        for i in services:
            self.webs[1 + i].up()
        self.wait_verdict("up", services)

    def wait_verdict(self, verdict, services):
        for api in map(Api, self.alive()):
            for i in services:
                name, ip = self.names[i], self.webs[1 + i].ip
                wait_for(lambda: api.endpoint(name, ip)["verdict"] == verdict, 10, f"{name} {ip} is {verdict}")

    def alive(self):
        return [node for node in self.nodes if node.process.alive()]

    def wait_held(self):
        for node in self.alive():
            node.wait_log(r"all records are held")

    def writer(self, i):
        """Who changed the records of service i last; DNS shows it before the log does."""
        told = rf"\[updater\] {self.names[i]} A at .* -> "
        [writer] = wait_for(lambda: [node for node in self.alive() if node.count(told)], what=f"the writer of {i}")
        return writer

    def restart(self, node):
        node.kill()
        node.start()
        node.wait_log(r"\[quorum\].*undecided -> ", times=2 * N)


@pytest.fixture
def farm(cluster, endpoints, fqdn, knot):
    def make(argv=(), **options):
        webs = endpoints(1 + N)
        names = [f"s{i}-{fqdn}" for i in range(N)]
        services = []
        for i, name in enumerate(names):
            addresses = [webs[0].ip, webs[1 + i].ip]
            knot.set(name, addresses, ttl=5)
            services.append(service(name, f"http://{{}}:{webs[0].port}/", addresses, ttl=5))
        peers = [f"127.0.0.1:{free_port()}" for _ in range(3)]
        options = dict(dict(takeover_ms=TAKEOVER_MS, api_token=TOKEN), **options)
        nodes = [cluster.one(peer, peers, webs, start=False, argv=argv, **options) for peer in peers]
        for node in nodes:
            node.services = services
            node.write()
            node.start()
        for node in nodes:
            node.wait_log(r"undecided -> up", times=2 * N)
        return Farm(knot, nodes, names, webs)

    return make


def test_the_next_writer_has_no_limit_of_its_own(farm):
    it = farm(max_removals=1, window_ms=600000)
    it.down(0)
    it.wait_removed({0})
    for api in map(Api, it.nodes):  # the others wait by rank before they look
        wait_for(lambda api=api: api.status()["removals"]["removed"] == 1, 15, "each has counted it")
        removals = api.status()["removals"]
        assert removals["pending"] == 0 and not removals["held"]
    it.writer(0).kill()
    it.down(1)
    it.wait_held()
    time.sleep(2)
    assert it.removed() == {0}
    # Nor has one that was not there.
    dead = next(node for node in it.nodes if not node.process.alive())
    dead.start()
    dead.wait_log(r"all records are held: .*\b1 were made")
    next(node for node in it.nodes if node is not dead).kill()
    time.sleep(2)
    assert it.removed() == {0}


def test_one_that_starts_alone_has_no_limit_of_its_own(farm):
    """It has read what is gone before there is a majority to say what is down."""
    it = farm(max_removals=1, window_ms=600000)
    it.down(0)
    it.wait_removed({0})
    writer = it.writer(0)
    for node in it.nodes:
        node.kill()
    writer.start()
    writer.wait_ready()
    wait_for(lambda: Api(writer).status()["removals"]["removed"] == 1, 30, "it has counted it")
    for node in it.nodes:
        if node is not writer:
            node.start()
            node.wait_ready()
    it.down(1)
    writer.wait_log(r"all records are held: .*\b1 were made")
    time.sleep(2)
    assert it.removed() == {0}


def test_all_at_once(farm):
    it = farm(max_removals=2, window_ms=600000)
    it.down(*range(N))
    it.wait_held()
    time.sleep(1)
    assert len(it.removed()) <= 2
    for node in it.nodes:
        node.kill()
        time.sleep(1)
        assert len(it.removed()) <= 2
        node.start()
        node.wait_log(r"all records are held")
    it.up(*range(N))
    it.wait_removed(set())
    for node in it.nodes:
        node.wait_log(r"all records follow the verdicts again \(what is to be removed is within")


def test_each_removal_says_why(farm):
    """One that is under way when a hold begins is no work of the hold, and none
    counts that was not made."""
    it = farm(max_removals=2, window_ms=600000)
    it.down(*range(N))
    it.wait_held()
    time.sleep(1)
    made = len(it.removed())
    told = [line for node in it.nodes for line in node.log().splitlines() if "[updater]" in line and " -> " in line]
    assert len(told) == made
    assert all("(down: " in line for line in told)
    for node in it.nodes:
        removals = Api(node).status()["removals"]
        assert removals["removed"] + removals["pending"] == N
    assert max(Api(node).status()["removals"]["removed"] for node in it.nodes) == made


def test_freeze(farm):
    it = farm(max_removals=1, window_ms=600000)
    Ctl(it.nodes[0]).ok("freeze", "on")
    for node in it.nodes:
        wait_for(lambda node=node: Api(node).status()["frozen"], 5, "all are frozen")
    it.down(0, 1)
    assert not any(Api(node).status()["removals"]["pending"] for node in it.nodes)
    assert not any(node.count("all records are held") for node in it.nodes)
    Ctl(it.nodes[1]).ok("freeze", "off")
    it.wait_held()
    time.sleep(1)
    assert it.removed() == set()
    Ctl(it.nodes[2]).ok("allow-removals", "on")
    it.wait_removed({0, 1})


def test_dry_run(farm):
    it = farm(argv=["--dry-run"], max_removals=1, window_ms=600000)
    it.down(0)
    for node in it.nodes:
        node.wait_log(rf"dry run, would change: .*-{it.webs[1].ip} \(down: ")
        wait_for(lambda node=node: Api(node).status()["removals"]["removed"] == 1, 5, "it counts")
    it.down(1)
    it.wait_held()
    time.sleep(1)
    assert not any(node.count(rf"would change: .*-{it.webs[2].ip}") for node in it.nodes)
    assert it.removed() == set()


def test_a_reload_sets_another_limit(farm):
    it = farm(max_removals=1, window_ms=600000)
    it.down(0)
    it.wait_removed({0})
    it.down(1, 2)
    it.wait_held()

    def limit(n):
        for node in it.nodes:
            node.options["max_removals"] = n
            node.write()
            node.reload()

    limit(2)  # one was made, two wait
    time.sleep(1.5)
    assert it.removed() == {0}
    limit(3)
    it.wait_removed({0, 1, 2})
    it.down(3)
    time.sleep(1.5)
    assert it.removed() == {0, 1, 2}
    limit(0)
    it.wait_removed(range(N))


DWELL_MS = 5000


def test_dwell_outlives_the_writer(farm):
    it = farm(min_dwell_ms=DWELL_MS)
    time.sleep(DWELL_MS / 1000)
    it.down(0, 1)
    it.wait_removed({0, 1})
    removed_at = time.monotonic()
    it.up(0)  # before the others have looked, perhaps
    it.writer(0).kill()
    it.up(1)
    while time.monotonic() - removed_at < DWELL_MS / 1000 - 1:
        assert it.removed() == {0, 1}
        time.sleep(0.1)
    it.wait_removed(set())


def test_who_dwells_from_its_start_undoes_nothing(farm):
    """To a node that was restarted the records are new; the others go on."""
    it = farm(min_dwell_ms=DWELL_MS, reconcile_interval_ms=1000)
    time.sleep(DWELL_MS / 1000)
    late = it.nodes[0]
    it.restart(late)
    it.down(0, 1, 2, 3)
    it.wait_removed(range(N), timeout=4)
    end = time.monotonic() + DWELL_MS / 1000
    while time.monotonic() < end:
        assert it.removed() == set(range(N))
        time.sleep(0.1)
    assert not any(node.count("repaired") for node in it.nodes)


def test_dwell_and_limit_together(farm):
    """What dwells is no removal yet, so it holds nothing; then it counts."""
    it = farm(min_dwell_ms=10000, max_removals=1, window_ms=600000)
    it.down(0, 1)
    assert it.removed() == set() and not any(node.count("all records are held") for node in it.nodes)
    it.wait_held()
    assert it.removed() == set()


def test_one_node_writes_for_all(farm):
    """Two that write at once would each stay within the limit."""
    it = farm(max_removals=N, window_ms=600000)
    it.down(*range(N))
    it.wait_removed(range(N))
    writers = {it.writer(i).options["local_node"] for i in range(N)}
    assert len(writers) == 1
    it.writer(0).kill()
    it.up(*range(N))
    it.wait_removed(set())
    assert len({it.writer(i).options["local_node"] for i in range(N)}) == 1
