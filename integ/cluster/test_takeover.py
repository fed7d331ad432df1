# SPDX-License-Identifier: ISC
"""Three nodes remember together that a standby took over."""

import time

from harness.cluster import ips
from harness.daemon import service


def tiers(cluster, knot, fqdn, **options):
    """Three nodes; the first web server is the primary, the second stands by."""
    nodes, webs = cluster(3, wait=False)
    for node in nodes:
        addresses = [{"ipaddr": web.ip, "tier": tier} for tier, web in enumerate(webs)]
        node.services = [service(fqdn, f"http://{{}}:{webs[0].port}/", addresses, ttl=5, **options)]
        node.write()
        node.kill()
    knot.set(fqdn, [webs[0].ip], ttl=5)
    for node in nodes:
        node.start()
    for node in nodes:
        node.wait_log(rf"{fqdn} .*undecided -> up", times=2)
    return nodes, webs


def take_over(nodes, knot, fqdn, first, second):
    """The second stands in for the first, which is up again."""
    first.down()
    knot.wait_addresses(fqdn, ips([second]))
    first.up()
    for node in nodes:
        node.wait_log(rf"{fqdn} {first.ip}: down -> up")


def test_no_restart_fails_back(cluster, knot, fqdn):
    nodes, (first, second) = tiers(cluster, knot, fqdn, failback="manual")
    take_over(nodes, knot, fqdn, first, second)
    serial = knot.serial()
    for node in nodes:  # whoever writes
        node.kill()
        node.start()
        node.wait_log(rf"{fqdn} .*undecided -> up", times=2)
    time.sleep(2)
    assert knot.serial() == serial
    assert knot.addresses(fqdn) == ips([second])


def test_another_writer_waits_as_long(cluster, knot, fqdn):
    nodes, (first, second) = tiers(cluster, knot, fqdn, failback_delay_ms=4000)
    take_over(nodes, knot, fqdn, first, second)
    up_at = time.monotonic()
    nodes[0].kill()
    nodes[0].start()
    nodes[0].wait_log(rf"{fqdn} .*undecided -> up", times=2)
    knot.wait_addresses(fqdn, ips([first]), timeout=15)
    assert time.monotonic() - up_at > 3.5
