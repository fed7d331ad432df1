# SPDX-License-Identifier: ISC
"""https between nodes: certificates of our own, and of somebody else."""

import subprocess

from harness.ca import CertificateAuthority
from harness.cluster import changes, ips, status, wait_changes


def https(ca, **options):
    cert, key = ca.issue("127.0.0.1")
    return dict(nodes_protocol="https", nodes_ca_file=ca.cert, tls_cert=cert, tls_key=key, **options)


def test_nodes_speak_https(cluster, ca, knot, fqdn):
    nodes, webs = cluster(3, **https(ca))
    shown = subprocess.run(
        ["openssl", "s_client", "-connect", nodes[0].options["local_node"], "-CAfile", ca.cert,
         "-verify_ip", "127.0.0.1", "-verify_return_error"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True)  # fmt: skip
    assert "Verify return code: 0 (ok)" in shown.stdout, shown
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))
    wait_changes(nodes, fqdn, 1)


def test_a_certificate_of_an_unknown_authority(cluster, ca, tmp_path, knot, fqdn):
    """The third node is believed by nobody, and believes nobody: it may still
    ask, with the right secret, but nobody asks it."""
    foreign = CertificateAuthority(tmp_path / "foreign", "somebody else's CA")
    cert, key = foreign.issue("127.0.0.1")
    nodes, webs = cluster(3, each=[{}, {}, dict(tls_cert=cert, tls_key=key, nodes_ca_file=foreign.cert)],
                          wait=False, **https(ca))  # fmt: skip
    for node in nodes[:2]:
        node.wait_log(rf"{fqdn} .*undecided -> up", times=2)
        node.wait_log(rf"node {nodes[2].options['local_node']}: does not answer \(.*\)")
    nodes[2].wait_log(r"does not answer \(.*\)")
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))
    for node in nodes:
        # Tried at each heartbeat, told ever more seldom.
        assert node.count("does not answer") <= 4
    assert "must not write now: 1 of 3 nodes" in status(nodes[2])
    assert changes(nodes[2:], fqdn) == 0


def test_a_certificate_for_another_address(cluster, ca, knot, fqdn):
    cert, key = ca.issue("192.0.2.1")
    nodes, webs = cluster(3, each=[{}, {}, dict(tls_cert=cert, tls_key=key)], wait=False, **https(ca))
    for node in nodes[:2]:
        node.wait_log(rf"{fqdn} .*undecided -> up", times=2)
        node.wait_log(rf"node {nodes[2].options['local_node']}: does not answer \(.*\)")
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))


def test_http_meets_https(cluster, ca, knot, fqdn):
    """While https is rolled out a node that speaks the other is not heard."""
    options = https(ca)
    nodes, webs = cluster(3, each=[options, options, {}], wait=False)
    for node in nodes[:2]:
        node.wait_log(rf"{fqdn} .*undecided -> up", times=2)
        node.wait_log(r"does not answer \(.*\)")
    nodes[2].wait_log(r"does not answer \(.*\)")
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))
    for node in nodes:
        # Tried at each heartbeat, told ever more seldom.
        assert node.count("does not answer") <= 4
