# SPDX-License-Identifier: ISC
"""What is special to Knot."""

import re
import signal
import subprocess
import time

from harness.daemon import service


def ips(webs):
    return {web.ip for web in webs}


def test_open_control_transaction_is_waited_for(make_server, publish, fqdn):
    """While an administrator has `knotc zone-begin` open, Knot does not answer
    an UPDATE at all; it takes effect once, when that is over."""
    knot = make_server("knot")
    daemon, webs = publish(knot, 2, update_timeout_ms=700)

    def knotc(*argv):
        subprocess.run(["knotc", "-s", f"{knot.directory}/run/knot.sock", *argv], check=True, capture_output=True)

    knotc("zone-begin", "rrdnsd.test")
    webs[0].down()
    daemon.wait_log(r"no answer within 700 ms")
    assert knot.addresses(fqdn) == ips(webs)
    knotc("zone-abort", "rrdnsd.test")
    knot.wait_addresses(fqdn, ips(webs[1:]), timeout=25)


def test_restart_with_another_clock(make_server, rrdnsd, endpoints, fqdn):
    """The clock is put right while rrdnsd runs: it goes on by itself."""
    knot = make_server("knot", clock=3600)
    webs = endpoints(1)
    daemon = rrdnsd(knot, [service(fqdn, f"http://{{}}:{webs[0].port}/", ips(webs))])
    daemon.wait_log(r"the server's clock differs by 3[56]\d\d s: it is ahead of ours \(BADTIME\)")
    knot.clock = None
    knot.restart()
    knot.wait_addresses(fqdn, ips(webs), timeout=25)
    daemon.wait_log(rf"{fqdn} A at .*: works again")


def test_few_messages_for_many_names(knot, rrdnsd, endpoints, fqdn):
    """What changes together travels together: one host name makes their
    probes one, so that all verdicts come at once."""
    webs = endpoints(2)
    names = [f"f{i}.{fqdn}" for i in range(100)]
    url = f"http://{{}}:{webs[0].port}/"
    one = [service(n, url, ips(webs), zone="rrdnsd.test", host="www.rrdnsd.test") for n in names]
    daemon = rrdnsd(knot, one)
    for name in names:
        knot.wait_addresses(name, ips(webs), timeout=30)

    def updates():
        before = daemon.count(r"\[status\] servers: ")
        daemon.process.send(signal.SIGUSR1)
        daemon.wait_log(r"\[status\] servers: ", times=before + 1)
        return int(re.findall(r"\[status\] servers: \d+ reads, (\d+) updates", daemon.log())[-1])

    first = updates()
    webs[0].down()
    for name in names:
        knot.wait_addresses(name, ips(webs[1:]), timeout=30)
    assert updates() - first <= 10


def test_one_conflict_does_not_fail_the_others(knot, rrdnsd, endpoints, fqdn):
    """Somebody else changes one of the names all the time."""
    webs = endpoints(2)
    names = [f"c{i}.{fqdn}" for i in range(20)]
    one = [service(n, f"http://{{}}:{webs[0].port}/", ips(webs), zone="rrdnsd.test") for n in names]
    rrdnsd(knot, one)
    for name in names:
        knot.wait_addresses(name, ips(webs), timeout=30)
    webs[0].down()
    until = time.monotonic() + 4
    n = 0
    while time.monotonic() < until:
        n += 1
        knot.set(names[0], [f"192.0.2.{n % 250 + 1}"] + sorted(ips(webs)))
        if all(knot.addresses(name) == ips(webs[1:]) for name in names[1:]):
            break
    for name in names[1:]:
        assert knot.addresses(name) == ips(webs[1:])
