# SPDX-License-Identifier: ISC
"""StatsD as a real listener gets it."""

import pytest

from harness.daemon import Rrdnsd, service
from harness.netns import Machine
from harness.process import free_port, wait_for
from harness.statsd import StatsD


@pytest.fixture
def statsd():
    listener = StatsD()
    yield listener
    listener.stop()


def test_probes_are_counted(knot, publish, statsd):
    """Two endpoints that answer, one of which stops to."""
    daemon, webs = publish(knot, 2, statsd=statsd.address)
    statsd.wait_count("rrdnsd.probe.success.cnt", 6)
    assert statsd.count("rrdnsd.probe.failure.cnt") == 0
    assert statsd.count("rrdnsd.status_change.cnt") == 0
    webs[0].down()
    statsd.wait_count("rrdnsd.probe.failure.cnt", 3)
    statsd.wait_count("rrdnsd.status_change.cnt", 1)
    webs[0].up()
    statsd.wait_count("rrdnsd.status_change.cnt", 2)
    assert statsd.count("rrdnsd.status_change.cnt") == 2
    daemon.stop()  # and nothing of its last moments is lost

    def times():
        return statsd.values("rrdnsd.probe_time_msec", "ms")

    def counted():
        return statsd.count("rrdnsd.probe.success.cnt") + statsd.count("rrdnsd.probe.failure.cnt")

    wait_for(lambda: len(times()) == counted(), 5, "a time for each probe")
    assert all(0 < t < 1000 for t in times())
    assert statsd.count("rrdnsd.fetch.cnt") >= counted()
    assert statsd.count("rrdnsd.received_update.cnt") == 0
    longest = statsd.values("rrdnsd.probe.duration", "ms")
    assert longest and max(longest) <= max(times())
    load = statsd.values("rrdnsd.probe.load_factor", "g")
    assert load and all(0 < x < 5 for x in load)
    assert all(len(d) <= 1432 for d in statsd.datagrams)
    known = {
        "fetch.cnt", "probe.duration", "probe.failure.cnt", "probe.load_factor",
        "probe.success.cnt", "probe_time_msec", "received_update.cnt", "status_change.cnt",
    }  # fmt: skip
    names = {line.split(":")[0] for d in statsd.datagrams for line in d.decode().split("\n")}
    assert names == {f"rrdnsd.{name}" for name in known}


def test_prefix_and_reload(knot, publish, statsd):
    other = StatsD("::1")
    try:
        daemon, webs = publish(knot, 1, statsd=statsd.address, statsd_prefix="dns.failover")
        statsd.wait_count("dns.failover.probe.success.cnt", 2)
        daemon.options.update(statsd=other.address, statsd_prefix="moved")
        daemon.write()
        daemon.reload()
        other.wait_count("moved.probe.success.cnt", 2)
        before = len(statsd.datagrams)
        other.wait_count("moved.probe.success.cnt", 10)
        assert len(statsd.datagrams) == before
    finally:
        other.stop()


def test_local_faults_count_neither_way(tmp_path, fqdn):
    """A machine without a route: nothing is held against the endpoint."""
    machine = Machine()
    try:
        with machine.entered():
            listener = StatsD()
        one = service(fqdn, "http://{}:80/", ["192.0.2.1"])
        daemon = Rrdnsd(
            tmp_path, [one], prefix=machine.prefix, statsd=listener.address, update_method="none"
        )
        try:
            daemon.wait_log("no route from here", times=5)
            listener.wait_count("rrdnsd.fetch.cnt", 5)
        finally:
            daemon.stop()
        assert listener.count("rrdnsd.probe.failure.cnt") == 0
        assert listener.count("rrdnsd.probe.success.cnt") == 0
        assert not listener.values("rrdnsd.probe_time_msec", "ms")
        listener.stop()
    finally:
        machine.close()


def test_nobody_listens(knot, publish, fqdn):
    """One line in the log, and everything goes on."""
    daemon, webs = publish(knot, 2, statsd=f"127.0.0.1:{free_port()}")
    daemon.wait_log("statsd 127.0.0.1:.*: metrics are lost: Connection refused")
    webs[0].down()
    knot.wait_addresses(fqdn, {webs[1].ip})
    wait_for(lambda: len(webs[1].requests) > 20, 20, "probes go on")
    assert daemon.count("metrics are lost") == 1
