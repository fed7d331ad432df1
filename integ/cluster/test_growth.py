# SPDX-License-Identifier: ISC
"""Configurations that are rolled out node by node: DNS is right all the time."""

import copy
import time

from harness.cluster import SECRET, ips, wait_changes, wait_status
from harness.nameserver import observer
from harness.process import free_port


def roll_out(nodes, names):
    for node in nodes:
        node.options["nodes"] = names
        node.write()
        node.reload()


def add_endpoint(node, ip):
    node.services = copy.deepcopy(node.services)
    node.services[0]["ipaddrs"].append(ip)
    node.write()
    node.reload()


def test_a_new_endpoint_that_is_up(cluster, knot, endpoints, fqdn):
    """It is published once a majority has it, by whoever is first."""
    nodes, webs = cluster(3)
    third = type(webs[0])(endpoints(1)[0].ip, webs[0].port)
    try:
        with observer(knot, fqdn) as seen:
            add_endpoint(nodes[0], third.ip)
            wait_status(nodes[0], r"must not write now: 1 of 3 nodes have our definition")
            wait_status(nodes[0], rf"{third.ip}: {nodes[1].options['local_node']} another definition")
            time.sleep(1)
            assert knot.addresses(fqdn) == ips(webs)
            add_endpoint(nodes[1], third.ip)
            knot.wait_addresses(fqdn, ips(webs) | {third.ip})
            add_endpoint(nodes[2], third.ip)
            nodes[2].wait_log(rf"{third.ip}: undecided -> up")
            time.sleep(1)
        assert seen == [ips(webs), ips(webs) | {third.ip}]
        wait_changes(nodes, fqdn, 1)
    finally:
        third.down()


def test_a_new_endpoint_that_is_down(cluster, knot, fqdn):
    nodes, webs = cluster(3)
    third = "127.0.201.1"
    before = knot.serial()
    for node in nodes:
        add_endpoint(node, third)
    for node in nodes:
        node.wait_log(rf"{fqdn} {third}: undecided -> down", timeout=15)
    assert knot.serial() == before
    webs[0].down()  # two of three are down: failing open
    for node in nodes:
        node.wait_log("failing open")


def test_three_nodes_become_five_and_three_again(cluster, knot, fqdn):
    """As the manual says: the existing nodes first, one node at a time; a
    leaving one is stopped first."""
    nodes, webs = cluster(3)
    names = list(nodes[0].options["nodes"])
    with observer(knot, fqdn) as seen:
        for _ in range(2):
            names = [*names, f"127.0.0.1:{free_port()}"]
            roll_out(nodes, names)
            nodes.append(cluster.one(names[-1], names, webs))
            for node in nodes:
                node.wait_log(rf"node {names[-1]}: its votes count from now on")
            nodes[-1].wait_log(rf"{fqdn} .*undecided -> up", times=2)
        assert seen == [ips(webs)]
        # Five nodes survive two; a third one is one too many.
        for node in nodes[:2]:
            node.kill()
        wait_status(nodes[4], r"writes first, we are writer [123] of 3")
        webs[0].down()
        knot.wait_addresses(fqdn, ips(webs[1:]))
        nodes[4].wait_log(rf"{webs[0].ip}: .* -> down \(down: 3 of 5 nodes")
        nodes[2].kill()
        wait_status(nodes[4], r"must not write now: 2 of 5 nodes have our definition")
        webs[0].up()
        nodes[4].wait_log(rf"{webs[0].ip}: down -> up here")
        time.sleep(1)
        assert knot.addresses(fqdn) == ips(webs[1:])
        nodes[2].start()
        knot.wait_addresses(fqdn, ips(webs))
        # Those that are gone leave the configuration, too.
        roll_out(nodes[2:], names[2:])
        for node in nodes[2:]:
            wait_status(node, r"we are writer [123] of 3")
        webs[1].down()
        knot.wait_addresses(fqdn, ips(webs[:1]))
        nodes[4].wait_log(rf"{webs[1].ip}: .* -> down \(down: [23] of 3 nodes")
    assert seen == [ips(webs), ips(webs[1:]), ips(webs), ips(webs[:1])]


def test_secret_is_changed_without_a_gap(cluster, knot, fqdn):
    nodes, webs = cluster(3)
    new = "the next secret, which is as long as the old one"
    for stage in ([SECRET, new], [new, SECRET], new):
        for node in nodes:
            node.options["nodes_secret"] = stage
            node.write()
            node.reload()
        time.sleep(0.5)
    for node in nodes:
        assert not node.count(r"is lost|not signed by nodes_secret|refused our message")
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))


def test_every_node_restarts_while_one_endpoint_is_down(cluster, knot, fqdn):
    """A restart never by itself changes DNS: neither back nor forth."""
    nodes, webs = cluster(3)
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))
    for node in nodes:
        node.wait_log(rf"{webs[0].ip}: .* -> down")
    before = knot.serial()
    with observer(knot, fqdn) as seen:
        for end in ("stop", "kill"):
            for node in nodes:
                getattr(node, end)()
                node.start()
                node.wait_log(rf"{fqdn} {webs[0].ip}: undecided -> down")
                node.wait_log(rf"{fqdn} {webs[1].ip}: undecided -> up")
        for node in nodes:
            node.kill()
        for node in nodes:
            node.start()
        for node in nodes:
            node.wait_log(rf"{fqdn} {webs[0].ip}: undecided -> down")
        time.sleep(1)
    assert seen == [ips(webs[1:])]
    assert knot.serial() == before
    webs[0].up()
    knot.wait_addresses(fqdn, ips(webs))
