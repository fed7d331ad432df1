# SPDX-License-Identifier: ISC
"""What is wrong with one name on a server is told of it, and holds up none of the others."""

import pytest
from harness.daemon import service
from harness.dnsproxy import DnsProxy
from harness.nameserver import ZONE


def ips(webs):
    return {web.ip for web in webs}


@pytest.fixture
def proxy(knot):
    """Nobody answers for one of the names."""
    one = DnsProxy(knot)
    one.request = lambda wire, tcp: [] if b"\x04mute" in wire else [wire]
    yield one
    one.stop()


def test_a_name_without_answers(proxy, knot, rrdnsd, endpoints):
    """With the time-outs that rrdnsd has by itself."""
    webs = endpoints(3)
    mute, *others = (f"{name}.{ZONE}" for name in ("mute", "one", "two"))
    for name in others:
        knot.set(name, ips(webs))
    services = [service(name, f"http://{{}}:{webs[0].port}/", ips(webs), ttl=5) for name in (mute, *others)]
    daemon = rrdnsd(proxy, services, update_credentials=knot.credentials())
    daemon.wait_log(f"warning: {mute} A at {proxy.address}: query: no answer", timeout=20)
    for expected in (webs[:2], webs) * 2:
        webs[2].down() if expected == webs[:2] else webs[2].up()
        for name in others:
            state = "down" if expected == webs[:2] else "up"
            daemon.wait_log(rf"\[quorum\] {name} {webs[2].ip}: \w+ -> {state}")
            knot.wait_addresses(name, ips(expected), timeout=2)
    assert daemon.count("warning: server") <= 1
    proxy.honest()
    webs[2].down()
    knot.wait_addresses(mute, ips(webs[:2]), timeout=20)
    daemon.wait_log(f"{mute} A at {proxy.address}: works again")
