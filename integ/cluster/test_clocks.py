# SPDX-License-Identifier: ISC
"""Clocks that are wrong, jump, and a node that forgot which life it lives."""

import os
import time

from harness.cluster import changes, ips, wait_status
from harness.nameserver import FAKETIME, observer

# Only the time of day is another one: no sleep gets longer or shorter by it.
CLOCK = {
    "LD_PRELOAD": FAKETIME,
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    "ASAN_OPTIONS": "verify_asan_link_order=0",
}


def set_clock(node, offset):
    node.stop()
    node.env = dict(CLOCK, FAKETIME=offset)
    node.start()


def test_a_clock_an_hour_off(cluster, knot, fqdn):
    """Nobody compares clocks: its votes count as before. Writing is another
    matter, TSIG needs them to agree; so somebody else writes."""
    nodes, webs = cluster(3)
    with observer(knot, fqdn) as seen:
        for offset in ("+3600s", "-3600s"):
            set_clock(nodes[0], offset)
            nodes[0].wait_log(rf"{fqdn} .*undecided -> up", times=2)
            webs[0].down()
            knot.wait_addresses(fqdn, ips(webs[1:]), timeout=15)
            nodes[0].wait_log(rf"{webs[0].ip}: .* -> down \(down: [23] of 3 nodes")
            wait_status(nodes[1], rf"{webs[0].ip}: {nodes[0].options['local_node']} down .* \d{{1,3}} ms old$")
            webs[0].up()
            knot.wait_addresses(fqdn, ips(webs), timeout=15)
            nodes[0].wait_log(rf"{webs[0].ip}: down -> up")
    assert seen == [ips(webs), ips(webs[1:]), ips(webs)] * 1 + [ips(webs[1:]), ips(webs)]
    assert changes(nodes[:1], fqdn) == 0


def test_two_nodes_one_of_them_an_hour_off(cluster, knot, fqdn):
    nodes, webs = cluster(2)
    set_clock(nodes[0], "+3600s")
    nodes[0].wait_log(rf"{fqdn} .*undecided -> up", times=2)
    webs[0].down()
    for node in nodes:
        node.wait_log(rf"{fqdn} {webs[0].ip}: (up|undecided) -> down \(down: 2 of 2 nodes")
    knot.wait_addresses(fqdn, ips(webs[1:]), timeout=15)


def test_a_clock_that_jumps(cluster, knot, fqdn, tmp_path):
    """Ahead, it looks like a machine that stood still: what is known of others
    is void until they are heard again. Back, nothing happens."""
    nodes, webs = cluster(3)
    file = tmp_path / "clock"

    def jump(offset):
        new = tmp_path / "clock.new"
        new.write_text(f"{offset}\n")
        os.rename(new, file)

    jump("+0s")
    nodes[0].stop()
    nodes[0].env = dict(CLOCK, FAKETIME_TIMESTAMP_FILE=str(file), FAKETIME_NO_CACHE="1")
    nodes[0].start()
    nodes[0].wait_log(rf"{fqdn} .*undecided -> up", times=2)
    before = knot.serial()
    jump("+3600s")
    nodes[0].wait_log(r"this machine stood still")
    nodes[0].wait_log(rf"{fqdn} .*undecided -> up", times=4)
    jump("+0s")
    time.sleep(1.5)
    assert nodes[0].count(r"this machine stood still") == 1
    assert nodes[0].count(rf"{fqdn} .* -> undecided") == nodes[0].count(rf"{fqdn} .*undecided -> ") - 2
    assert knot.serial() == before
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))


def test_no_state_and_a_clock_that_went_back(cluster, knot, fqdn):
    """Its boot number is below the one that peers know: it is told so, takes a
    higher one, and counts again."""
    nodes, webs = cluster(3)
    before = knot.serial()
    nodes[0].stop()
    for name in os.listdir(nodes[0].directory):
        if name.endswith(".json"):
            os.unlink(f"{nodes[0].directory}/{name}")
    nodes[0].env = dict(CLOCK, FAKETIME="-3600s")
    nodes[0].start()
    nodes[0].wait_log(r"peers know a later boot of ours: a new number is taken")
    nodes[0].wait_log(rf"{fqdn} .*undecided -> up", times=2)
    for node in nodes[1:]:
        node.wait_log(rf"node {nodes[0].options['local_node']}: its votes count from now on")
    assert knot.serial() == before
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))
