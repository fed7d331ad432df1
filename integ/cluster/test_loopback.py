# SPDX-License-Identifier: ISC
"""Three nodes on loopback: one decision, and what is refused."""

import http.client
import json
import signal
import time

import pytest
from harness.daemon import Rrdnsd, service
from harness.nameserver import observer
from harness.process import free_port, wait_for

SECRET = "a secret of forty characters, more or less"


def ips(webs):
    return {web.ip for web in webs}


@pytest.fixture
def cluster(tmp_path, endpoints, fqdn, knot):
    """cluster(n) gives (nodes, web servers), all of which see both up."""
    made = []

    def make(n, secrets=None, services=None, wait=True, **options):
        webs = endpoints(2)
        knot.set(fqdn, ips(webs), ttl=5)
        nodes = [f"127.0.0.1:{free_port()}" for _ in range(n)]
        one = services or [service(fqdn, f"http://{{}}:{webs[0].port}/", ips(webs), ttl=5)]
        for i, node in enumerate(nodes):
            made.append(
                Rrdnsd(
                    tmp_path / f"node{len(made)}", one, local_node=node, nodes=nodes,
                    nodes_secret=(secrets or [SECRET] * n)[i], heartbeat_ms=200, takeover_ms=300,
                    update_resolvers=[knot.address], update_credentials=knot.credentials(), **options,
                )
            )  # fmt: skip
        if wait:
            for daemon in made:
                daemon.wait_log(rf"{fqdn} .*undecided -> up", times=2)
        return made, webs

    yield make
    for daemon in made:
        status = daemon.stop()
        text = daemon.log() if daemon.process else ""
        assert "Sanitizer" not in text, text
        assert status in (None, 0, -9), f"rrdnsd ended with {status}:\n{text}"


def changes(nodes, fqdn):
    return sum(node.count(rf"\[updater\] {fqdn} A at .* -> ") for node in nodes)


def test_one_writes_for_all(cluster, knot, fqdn):
    nodes, webs = cluster(3)
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))
    for node in nodes:
        node.wait_log(rf"{fqdn} {webs[0].ip}: .* -> down \(down: [23] of 3 nodes")
    time.sleep(1.5)
    assert changes(nodes, fqdn) == 1
    webs[0].up()
    knot.wait_addresses(fqdn, ips(webs))
    time.sleep(1)
    assert changes(nodes, fqdn) == 2


def test_one_node_dies(cluster, knot, fqdn):
    nodes, webs = cluster(3)
    nodes[0].kill()
    for node in nodes[1:]:
        node.wait_log(r"is lost: its votes no longer count")
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))
    nodes[0].start()
    nodes[1].wait_log(r"its votes count from now on", times=3)
    webs[0].up()
    knot.wait_addresses(fqdn, ips(webs))


def test_a_minority_changes_nothing(cluster, knot, fqdn):
    nodes, webs = cluster(3)
    nodes[0].kill()
    nodes[1].kill()
    nodes[2].wait_log(r"is lost", times=2)
    before = knot.serial()
    webs[0].down()
    nodes[2].wait_log(rf"{webs[0].ip}: up -> down here")
    time.sleep(2)
    assert knot.serial() == before
    assert knot.addresses(fqdn) == ips(webs)
    # With one more there is a majority again, and it acts.
    nodes[1].start()
    knot.wait_addresses(fqdn, ips(webs[1:]), timeout=20)


def test_every_node_restarts(cluster, knot, fqdn):
    nodes, webs = cluster(3)
    before = knot.serial()
    with observer(knot, fqdn) as seen:
        for node in nodes:
            node.kill()
            node.start()
            node.wait_log(rf"{fqdn} .*undecided -> up", times=2)
    assert seen == [ips(webs)]
    assert knot.serial() == before


def test_rolling_reload_with_a_new_endpoint(cluster, knot, endpoints, fqdn):
    nodes, webs = cluster(3)
    third = "127.0.201.1"
    before = knot.serial()
    for node in nodes:
        node.services = json.loads(json.dumps(node.services))
        node.services[0]["ipaddrs"].append(third)
        node.write()
        node.reload()
        time.sleep(0.3)
    for node in nodes:
        node.wait_log(rf"{fqdn} {third}: undecided -> down", timeout=15)
    assert knot.serial() == before
    webs[0].down()  # two of three are down: failing open
    for node in nodes:
        node.wait_log("failing open")


def test_wrong_secret(cluster, knot, fqdn):
    nodes, webs = cluster(3, secrets=[SECRET, SECRET, "quite another secret, of which nobody knows"], wait=False)
    for node in nodes[:2]:
        node.wait_log(rf"{fqdn} .*undecided -> up", times=2)
        node.wait_log(r"not signed by nodes_secret: refused")
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))
    assert not nodes[2].count(rf"{fqdn} .*undecided -> ")


def test_garbage_on_the_port(cluster, knot, fqdn):
    nodes, webs = cluster(3)
    host, port = nodes[0].options["local_node"].split(":")
    bodies = ["", "{}", "[" * 100000, '{"from": 1}', "\x00\xff" * 1000, "x" * 3000000]
    for body in bodies:
        for auth in (None, "v1 00", "v1 " + "0" * 64, "x" * 5000):
            connection = http.client.HTTPConnection(host, int(port), timeout=5)
            headers = {"Rrdnsd-Auth": auth} if auth else {}
            try:
                connection.request("POST", "/quorum/v1/gossip", body.encode("latin-1"), headers)
                assert connection.getresponse().status in (401, 413, 431)
            except OSError:
                pass  # refused while it was still being sent
            finally:
                connection.close()
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    connection.request("GET", "/quorum/v1/gossip")
    assert connection.getresponse().status == 405
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))


def test_a_clock_an_hour_off(tmp_path, cluster, knot, fqdn):
    from harness.nameserver import FAKETIME

    nodes, webs = cluster(2)
    # The first node goes on an hour in the future.
    nodes[0].stop()
    nodes[0].env = {"LD_PRELOAD": FAKETIME, "FAKETIME": "+3600s"}
    nodes[0].start()
    nodes[0].wait_log(rf"{fqdn} .*undecided -> up", times=2)
    webs[0].down()
    for node in nodes:
        node.wait_log(rf"{fqdn} {webs[0].ip}: undecided -> down \(down: 2 of 2 nodes")
    # One of them can't sign for the server any more; the other can.
    knot.wait_addresses(fqdn, ips(webs[1:]), timeout=15)


def test_a_quiet_cluster_says_little(cluster, knot, fqdn):
    nodes, webs = cluster(3)
    before = knot.serial()
    time.sleep(3)
    assert knot.serial() == before
    assert changes(nodes, fqdn) == 0


def test_secret_is_changed_without_a_gap(cluster, knot, fqdn):
    nodes, webs = cluster(3)
    new = "the next secret, which is as long as the old one"
    for stage in ([SECRET, new], [new, SECRET], new):
        for node in nodes:
            node.options["nodes_secret"] = stage
            node.write()
            node.reload()
        time.sleep(0.5)
    assert not any(node.count("is lost") for node in nodes)
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))


def test_canaries(cluster, endpoints, knot, fqdn):
    """A node whose own network is at fault abstains: nothing is removed."""
    canary = endpoints(1)[0]
    nodes, webs = cluster(1, canaries=[f"http://{canary.ip}:{canary.port}/"])
    before = knot.serial()
    canary.down()
    nodes[0].wait_log(r"canaries: none of 1 answers: abstaining")
    nodes[0].wait_log(rf"{fqdn} .*up -> undecided", times=2)
    webs[0].down()
    time.sleep(1.5)
    assert knot.serial() == before
    canary.up()
    nodes[0].wait_log(r"canaries: answered again")
    knot.wait_addresses(fqdn, ips(webs[1:]))


def test_status_says_how_each_node_votes(cluster, knot, fqdn):
    nodes, webs = cluster(3)
    webs[0].down()
    one = rf"\[status\] {fqdn} {webs[0].ip}: "
    for node in nodes:
        vote = one + rf"{node.options['local_node']} down \(connection refused\), \d+ ms old$"

        def told():
            nodes[0].process.send(signal.SIGUSR1)
            return nodes[0].count(vote)

        wait_for(told, what=vote, step=0.1)
    nodes[2].kill()
    nodes[0].wait_log("is lost")
    nodes[0].process.send(signal.SIGUSR1)
    nodes[0].wait_log(one + rf"{nodes[2].options['local_node']} down .* old: stale, does not count")
    nodes[0].wait_log(rf"\[status\] {fqdn}: 127\.0\.0\.1:\d+ writes first, we are writer [12] of 2")
