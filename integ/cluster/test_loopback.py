# SPDX-License-Identifier: ISC
"""Nodes on loopback: one decision, and who makes it."""

import json
import time

from harness.cluster import SECRET, changes, ips, wait_changes, wait_status
from harness.nameserver import observer
from harness.process import free_port, wait_for


def test_one_writes_for_all(cluster, knot, fqdn):
    nodes, webs = cluster(3)
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))
    for node in nodes:
        node.wait_log(rf"{fqdn} {webs[0].ip}: .* -> down \(down: [23] of 3 nodes")
    time.sleep(1.5)
    wait_changes(nodes, fqdn, 1)
    webs[0].up()
    knot.wait_addresses(fqdn, ips(webs))
    time.sleep(1)
    wait_changes(nodes, fqdn, 2)


def test_one_node_dies(cluster, knot, fqdn):
    nodes, webs = cluster(3)
    nodes[0].kill()
    for node in nodes[1:]:
        node.wait_log(r"is lost: its votes no longer count")
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))
    nodes[0].start()
    nodes[0].wait_ready()
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


def test_a_quiet_cluster_says_little(cluster, knot, fqdn):
    nodes, webs = cluster(3)
    before = knot.serial()
    time.sleep(3)
    assert knot.serial() == before
    assert changes(nodes, fqdn) == 0


def urls(canaries):
    return [f"http://{canary.ip}:{canary.port}/" for canary in canaries]


def test_canaries(cluster, endpoints, knot, fqdn):
    """A node whose own network is at fault abstains: nothing is removed."""
    canary = endpoints(1)[0]
    nodes, webs = cluster(1, canaries=urls([canary]))
    assert nodes[0].count("canaries:") == 0
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


def test_endpoints_that_fail_before_the_canaries_do(cluster, endpoints, knot, fqdn):
    """The network fails: endpoints refuse at once, a canary times out after a second. And
    when it is back, nothing is removed for what was seen meanwhile."""
    canary = endpoints(1)[0]
    [node], webs = cluster(1, canaries=urls([canary]))
    before = knot.serial()
    canary.mode = "hang"
    node.wait_log(r"canaries: none of 1 answers: abstaining")
    canary.mode = "ok"
    node.wait_log(r"canaries: answered again")
    node.wait_log(rf"{fqdn} .*undecided -> up", times=4)
    canary.mode = "hang"
    webs[0].down()
    node.wait_log(rf"{fqdn} {webs[0].ip}: up -> down here")
    node.wait_log(r"canaries: none of 1 answers: abstaining", times=2)
    webs[0].up()
    canary.mode = "ok"
    node.wait_log(r"canaries: answered again", times=2)
    node.wait_log(rf"{fqdn} .*undecided -> up", times=6)
    assert node.count(rf"{fqdn} .*-> down \(") == 0
    assert knot.serial() == before
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))


def test_canaries_that_were_not_heard_yet(cluster, endpoints, knot, fqdn):
    """Nothing is removed before it is known whose fault it is."""
    webs, slow = endpoints(2), endpoints(1, mode="hang")
    knot.set(fqdn, ips(webs), ttl=5)
    webs[0].down()
    name = f"127.0.0.1:{free_port()}"
    node = cluster.one(name, [name], webs, canaries=urls(slow), fall=1, rise=1)
    node.wait_log(r"canaries: none of 1 answers: abstaining")
    assert node.count(r"undecided -> ") == 0
    assert knot.addresses(fqdn) == ips(webs)
    slow[0].mode = "ok"
    node.wait_log(r"canaries: answered again")
    knot.wait_addresses(fqdn, ips(webs[1:]))


def test_a_reload_does_not_end_the_silence_of_canaries(cluster, endpoints, knot, fqdn):
    first, slow = endpoints(1), endpoints(2, mode="hang")
    [node], webs = cluster(1, canaries=urls(first))
    before = knot.serial()
    first[0].down()
    node.wait_log(rf"{fqdn} .*up -> undecided", times=2)
    webs[0].down()
    node.wait_log(rf"{fqdn} {webs[0].ip}: up -> down here")
    node.options["canaries"] = urls(slow)
    node.write()
    node.reload()
    node.wait_log(r"canaries: none of 2 answers: abstaining")
    assert node.count(r"undecided -> ") == 2  # at the start
    assert knot.serial() == before
    node.options["canaries"] = []
    node.write()
    node.reload()
    node.wait_log(r"canaries: none is configured any more: voting")
    knot.wait_addresses(fqdn, ips(webs[1:]))
    assert node.count("canaries: answered again") == 0


def test_a_reload_does_not_silence_who_votes(cluster, endpoints, knot, fqdn):
    first, second = endpoints(1), endpoints(1)
    # Under valgrind a reload takes longer than votes of its usual 200 ms last.
    [node], webs = cluster(1, probe_interval_ms=1000, vote_ttl_ms=5000)
    for canaries in (first, second):
        node.options["canaries"] = urls(canaries)
        node.write()
        node.reload()
        wait_for(lambda canary=canaries[0]: len(canary.requests) > 1, what="it is asked")
    assert node.count(r"up -> undecided") == 0
    assert node.count("canaries:") == 0
