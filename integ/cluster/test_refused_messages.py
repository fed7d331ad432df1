# SPDX-License-Identifier: ISC
"""Messages that are not what they should be: refused before their content is
used, told at a limited rate, and nothing else changes."""

import http.client
import re
import socket
import time

import pytest
from harness.capture import Capture
from harness.cluster import SECRET, changes, ips, status, wait_changes, wait_status
from harness.gossip import PATH, message, post, sign
from harness.nameserver import observer
from harness.process import free_port, wait_for
from harness.web import Endpoint

OTHER = "quite another secret, of which nobody here knows"


def votes(node):
    """How all vote, by its status, without ages."""
    return re.findall(r"^\S+ \S+: \S+:\d+ (?:up|down|abstains)|^\S+ \S+: (?:up|down): .*?\)", status(node), re.M)


def settled(node, n_nodes):
    """The same once it knows everybody's vote."""
    return wait_for(lambda: (v := votes(node)) and sum(f"{n_nodes} of {n_nodes}" in x for x in v) == 2 and v)


def listens(name):
    host, port = name.split(":")
    with socket.socket() as sock:
        return sock.connect_ex((host, int(port))) == 0


def test_wrong_secret(cluster, knot, fqdn):
    nodes, webs = cluster(3, each=[{}, {}, {"nodes_secret": OTHER}], wait=False)
    for node in nodes[:2]:
        node.wait_log(rf"{fqdn} .*undecided -> up", times=2)
        node.wait_log(r"sent a message that is not signed by nodes_secret: refused")
    nodes[2].wait_log(rf"node {nodes[0].options['local_node']}: refuses our messages \(its nodes_secret is another one\)")
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))
    nodes[2].wait_log(rf"{webs[0].ip}: \S+ -> down here")
    wait_status(nodes[2], r"must not write now: 1 of 3 nodes have our definition and are heard, 2 are needed")
    assert changes(nodes[2:], fqdn) == 0
    assert not nodes[2].count(rf"{fqdn} .*undecided -> ")
    # Its messages come at each heartbeat; what is told of them doesn't.
    assert nodes[0].count("not signed by nodes_secret") <= 3


def test_garbage_on_the_port(cluster, knot, fqdn):
    nodes, webs = cluster(3)
    name = nodes[0].options["local_node"]
    before = settled(nodes[0], 3)
    bodies = [b"", b"{}", b"[" * 100000, b'{"from": 1}', b"\x00\xff" * 1000, b"x" * 3000000]
    for body in bodies:
        for auth in (None, "v1 00", "v1 " + "0" * 64, "x" * 5000, sign(body, OTHER)):
            assert post(name, body, auth) in (401, 413, 431, None)
    connection = http.client.HTTPConnection(*name.split(":"), timeout=5)
    connection.request("GET", PATH)
    assert connection.getresponse().status == 405
    connection.close()
    assert 1 <= nodes[0].count("not signed by nodes_secret") <= 3
    assert votes(nodes[0]) == before
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))


def test_signed_and_yet_refused(cluster, knot, fqdn):
    """Who has the secret gets no further with what is malformed or meant for
    somebody else."""
    nodes, webs = cluster(3)
    ours, peer = (node.options["local_node"] for node in nodes[:2])
    stranger = f"127.0.0.1:{free_port()}"
    row = {"base": 0, "upto": 1, "votes": {"00": [1, "d"]}}
    refused = {
        r"sent a malformed message": [
            (400, b"{}"),
            (400, b"not JSON"),
            (400, b"[" * 5000),
            (400, b'{"a":' * 17 + b"1" + b"}" * 17),
            (400, message(peer, ours, seq=-1)),
            (400, message(peer, ours, boot=1 << 63)),
            (400, message(peer, ours, rows=[])),
            (400, message(peer, ours, rows={peer: row})),
            (400, message(peer, "nowhere")),
            (400, message(peer, ours, digest={f"10.{i // 250}.0.{i % 250}:1": {} for i in range(300)})),
        ],
        r"meant for another node": [(409, message(peer, stranger)), (409, message(peer, peer))],
        r"is not among our nodes": [(409, message(stranger, ours)), (409, message(ours, ours))],
        r"sent an old message once more": [(409, message(peer, ours, boot=1)), (409, message(peer, ours, boot=0))],
        # Not refused, but not taken either: it was meant for an earlier boot.
        r"does not know yet that we were restarted": [(200, message(peer, ours, boot=(1 << 61) + 1, to_boot=7))],
    }
    before = settled(nodes[0], 3)
    with observer(knot, fqdn) as seen:
        for _ in range(5):
            for messages in refused.values():
                for code, body in messages:
                    assert post(ours, body, sign(body, SECRET)) == code, body[:200]
        body = b" " * (17 << 20)
        assert post(ours, body, sign(body, SECRET)) in (413, None)
        assert votes(nodes[0]) == before
    assert seen == [ips(webs)]
    for words in refused:
        assert 1 <= nodes[0].count(words) <= 3, words
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))


def test_replayed_messages(cluster, knot, fqdn):
    """What was captured on the wire and is sent again, to whomever and
    whenever, takes nothing back."""
    nodes, webs = cluster(3)
    names = [node.options["local_node"] for node in nodes]
    with Capture("lo") as wire:
        webs[0].down()
        knot.wait_addresses(fqdn, ips(webs[1:]))
        wait_for(lambda: sum(b'"rows":{"' in m.body for m in wire.gossip()) >= 4, what="votes on the wire")
        webs[0].up()
        knot.wait_addresses(fqdn, ips(webs))
        time.sleep(0.5)
    recorded = [m for m in wire.gossip() if f"{m.flow.destination}:{m.flow.dport}" in names]
    assert len(recorded) > 10
    with observer(knot, fqdn) as seen:
        for m in recorded:
            to = f"{m.flow.destination}:{m.flow.dport}"
            # The newest one may be under way still, everything else is old.
            assert post(to, m.body, m.auth) == 409
            other = names[(names.index(to) + 1) % 3]
            assert post(other, m.body, m.auth) == 409
        time.sleep(1)
    assert seen == [ips(webs)]
    for node in nodes:
        assert 1 <= node.count("sent an old message once more: refused") <= 3
        assert 1 <= node.count("sent a message meant for another node: refused") <= 3
    # A node that was restarted knows nothing of what it once received.
    nodes[0].kill()
    nodes[0].start()
    wait_for(lambda: listens(names[0]), what="a listener")
    with observer(knot, fqdn) as seen:
        for m in recorded:
            if m.flow.dport == int(names[0].split(":")[1]):
                assert post(names[0], m.body, m.auth) in (200, 409)
        nodes[0].wait_log(rf"{fqdn} .*undecided -> up", times=2)
        time.sleep(1)
    assert seen == [ips(webs)]
    assert nodes[0].count(r"does not know yet that we were restarted|sent an old message") >= 1
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))


def test_two_processes_with_one_name(cluster, knot, fqdn):
    """They notice, abstain and write nothing; the others go on."""
    nodes, webs = cluster(3)
    name, names = nodes[0].options["local_node"], nodes[0].options["nodes"]
    double = cluster.one(name, names, webs, listen=f"127.0.0.1:{free_port()}")

    def noticed():
        return nodes[0].count("another process bears our name") + double.count("another process bears our name")

    wait_for(noticed, 20, "a contested name")
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))
    for contested in (nodes[0], double):
        if contested.count("another process bears our name"):
            assert "must not write now" in status(contested)
    time.sleep(1)
    wait_changes([*nodes, double], fqdn, 1)


@pytest.mark.parametrize("to", ["garbage", "mute"])
def test_a_peer_that_is_something_else(cluster, endpoints, knot, fqdn, to):
    """At the address of the third node something else listens."""
    nodes, webs = cluster(3)
    nodes[2].kill()
    impostor = Endpoint("127.0.0.1", int(nodes[2].options["local_node"].split(":")[1]), mode=to)
    try:
        nodes[0].wait_log(rf"node {nodes[2].options['local_node']}: does not answer \(.*\)")
        nodes[0].wait_log(r"is lost")
        webs[0].down()
        knot.wait_addresses(fqdn, ips(webs[1:]))
    finally:
        impostor.down()
