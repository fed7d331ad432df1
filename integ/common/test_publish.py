# SPDX-License-Identifier: ISC
"""What rrdnsd is for, on each of the three servers."""

import signal
import time

import pytest
from harness.api import Api
from harness.daemon import service
from harness.nameserver import observer
from harness.process import wait_for


def ips(webs):
    return {web.ip for web in webs}


def test_record_goes_and_comes_back(server, publish, fqdn):
    daemon, webs = publish(server, 3)
    webs[1].down()
    server.wait_addresses(fqdn, ips([webs[0], webs[2]]))
    daemon.wait_log(rf"\[updater\] {fqdn} A at .*-{webs[1].ip} \(down: 1 of 1 nodes \(connection refused\)\)")
    webs[1].up()
    server.wait_addresses(fqdn, ips(webs))
    daemon.wait_log(rf"\[updater\] {fqdn} A at .*\+{webs[1].ip} \(up: 1 of 1 nodes")


def test_first_publication_of_an_empty_name(server, rrdnsd, endpoints, fqdn):
    webs = endpoints(2)
    rrdnsd(server, [service(fqdn, f"http://{{}}:{webs[0].port}/", ips(webs), ttl=7)])
    server.wait_addresses(fqdn, ips(webs))
    assert server.rrset(fqdn)[1] == 7


@pytest.mark.parametrize("mode", ["restore", "hold"])
def test_name_is_never_emptied(server, publish, fqdn, mode):
    daemon, webs = publish(server, 2, service={"fail_mode": mode})
    with observer(server, fqdn) as seen:
        for web in webs:
            web.down()
        daemon.wait_log(r"the whole service is down")
        if mode == "restore":
            server.wait_addresses(fqdn, ips(webs))
        for web in webs:
            web.up()
        server.wait_addresses(fqdn, ips(webs))
    assert set() not in seen, seen


def test_fail_closed_empties(server, publish, fqdn):
    daemon, webs = publish(server, 2, service={"fail_mode": "closed"})
    for web in webs:
        web.down()
    server.wait_addresses(fqdn, set())
    webs[0].up()
    server.wait_addresses(fqdn, ips(webs[:1]))


def test_more_than_half_down_fails_open(server, publish, fqdn):
    daemon, webs = publish(server, 3)
    webs[0].down()
    server.wait_addresses(fqdn, ips(webs[1:]))
    webs[1].down()
    daemon.wait_log(r"failing open")
    server.wait_addresses(fqdn, ips(webs))


def test_fail_open_percent(server, publish, fqdn):
    daemon, webs = publish(server, 4, service={"fail_open_percent": 75})
    for web in webs[:3]:
        web.down()
    server.wait_addresses(fqdn, ips(webs[3:]))


def test_standby_tier_takes_over(server, rrdnsd, endpoints, fqdn):
    webs = endpoints(3)
    tiers = [webs[0].ip, webs[1].ip, {"ipaddr": webs[2].ip, "tier": 1}]
    server.set(fqdn, ips(webs[:2]))
    rrdnsd(server, [service(fqdn, f"http://{{}}:{webs[0].port}/", tiers)])
    webs[0].down()
    server.wait_addresses(fqdn, ips(webs[1:2]))
    webs[1].down()
    server.wait_addresses(fqdn, ips(webs[2:]))
    webs[0].up()
    server.wait_addresses(fqdn, ips(webs[:1]))


def test_foreign_records_survive(server, publish, fqdn):
    daemon, webs = publish(server, 2)
    server.set(fqdn, ips(webs) | {"192.0.2.77"}, ttl=5)
    webs[0].down()
    server.wait_addresses(fqdn, {webs[1].ip, "192.0.2.77"})
    webs[0].up()
    server.wait_addresses(fqdn, ips(webs) | {"192.0.2.77"})


def test_a_and_aaaa_apart(server, rrdnsd, endpoints, fqdn):
    webs = endpoints(2)
    one = service(fqdn, f"http://{{}}:{webs[0].port}/", list(ips(webs)) + ["::1", "fd00::1"], fail_mode="closed")
    daemon = rrdnsd(server, [one])
    # Nothing listens at ::1 and there is no way to fd00::1 (or only a dead one).
    server.wait_addresses(fqdn, ips(webs))
    server.set(fqdn, ["2001:db8::5"], rdtype="AAAA")
    webs[0].down()
    server.wait_addresses(fqdn, ips(webs[1:]))
    assert server.addresses(fqdn, "AAAA") == {"2001:db8::5"}
    daemon.wait_log(r"::1: undecided -> down")


def test_aaaa_record_goes_and_comes_back(server, rrdnsd, endpoints, fqdn):
    from harness.web import Endpoint

    web = Endpoint("::1")
    try:
        one = service(fqdn, f"http://{{}}:{web.port}/", ["::1", "::2"], fail_open_percent=60, fail_mode="closed")
        rrdnsd(server, [one])
        server.wait_addresses(fqdn, {"::1"}, "AAAA")
        web.down()
        server.wait_addresses(fqdn, set(), "AAAA")
        web.up()
        server.wait_addresses(fqdn, {"::1"}, "AAAA")
    finally:
        web.down()


def test_ttl_is_kept_and_repaired(server, publish, fqdn):
    daemon, webs = publish(server, 2, reconcile_interval_ms=1000)
    server.set(fqdn, ips(webs), ttl=900)
    wait_for(lambda: server.rrset(fqdn) == (ips(webs), 5), 15, "TTL repaired")


def test_drift_is_repaired(server, publish, fqdn):
    daemon, webs = publish(server, 2, reconcile_interval_ms=1000)
    server.set(fqdn, [])
    server.wait_addresses(fqdn, ips(webs))
    daemon.wait_log(rf"\[updater\] {fqdn} A at .*repaired: \(none\) -> ")


def test_nothing_is_sent_without_a_change(server, publish, fqdn):
    daemon, webs = publish(server, 2, reconcile_interval_ms=1000)
    daemon.wait_ready()
    before = server.serial()
    time.sleep(2.5)
    assert server.serial() == before
    assert not daemon.count(r"\[updater\].* -> ")


def test_dry_run_writes_nothing(server, publish, fqdn):
    daemon, webs = publish(server, 2, argv=["--dry-run"])
    webs[0].down()
    daemon.wait_log(rf"\[updater\] {fqdn} A at .*dry run, would change: .*-{webs[0].ip}")
    assert server.addresses(fqdn) == ips(webs)


def test_kill_and_restart_change_nothing(server, publish, fqdn):
    """S5, with an endpoint down."""
    daemon, webs = publish(server, 3)
    webs[0].down()
    server.wait_addresses(fqdn, ips(webs[1:]))
    before = server.serial()
    with observer(server, fqdn) as seen:
        daemon.kill()
        daemon.start()
        daemon.wait_log(r"undecided -> down")
        daemon.wait_log(r"undecided -> up", times=2)
        time.sleep(1)
    assert seen == [ips(webs[1:])]
    assert server.serial() == before


def test_nothing_is_written_before_everything_is_known(server, rrdnsd, endpoints, fqdn):
    webs = endpoints(2)
    webs[1].mode = "hang"
    server.set(fqdn, ips(webs[1:]))
    before = server.serial()
    one = service(fqdn, f"http://{{}}:{webs[0].port}/", ips(webs), ttl=60)
    daemon = rrdnsd(server, [one], probe_timeout_ms=1500, probe_interval_ms=500)
    daemon.wait_log(rf"{webs[0].ip}: undecided -> up")
    time.sleep(0.5)
    assert server.serial() == before
    daemon.wait_log(rf"{webs[1].ip}: undecided -> down")
    server.wait_addresses(fqdn, ips(webs[:1]))


def test_many_names_change_together(server, rrdnsd, endpoints, fqdn):
    webs = endpoints(2)
    n = 100
    names = [f"m{i}.{fqdn}" for i in range(n)]
    services = [
        service(name, f"http://{{}}:{webs[0].port}/", ips(webs), zone="rrdnsd.test", ttl=5)
        for name in names
    ]
    daemon = rrdnsd(server, services)
    for name in names:
        server.wait_addresses(name, ips(webs), timeout=40)
    before = server.serial()
    webs[0].down()
    for name in names:
        server.wait_addresses(name, ips(webs[1:]), timeout=40)
    # One probe served all of them.
    assert len(webs[1].requests) < 50 * n
    print("serials used:", server.serial() - before)


def test_update_beyond_1232_bytes(server, publish, rrdnsd, endpoints, fqdn):
    webs = endpoints(2)
    many = [f"2001:db8::{i:x}" for i in range(1, 71)]
    server.set(fqdn, many, rdtype="AAAA")
    one = service(fqdn, f"http://{{}}:{webs[0].port}/", list(ips(webs)) + many[:2], ttl=30, fail_mode="closed")
    rrdnsd(server, [one], probe_timeout_ms=300, update_transport="udp")
    server.wait_addresses(fqdn, many[2:], "AAAA", timeout=15)
    assert server.rrset(fqdn, "AAAA")[1] == 30


def test_two_racing_daemons_never_empty_the_name(server, rrdnsd, endpoints, fqdn):
    """Two rrdnsd that know nothing of each other and see opposite worlds."""
    left, right = endpoints(2)
    server.set(fqdn, ips([left, right]))
    other = {left.ip: {"ipaddr": left.ip, "healthcheck": f"tcp://{{}}:1"},
             right.ip: {"ipaddr": right.ip, "healthcheck": f"tcp://{{}}:1"}}
    check = f"http://{{}}:{left.port}/"
    with observer(server, fqdn, step=0.001) as seen:
        rrdnsd(server, [service(fqdn, check, [left.ip, other[right.ip]])], reconcile_interval_ms=1000)
        rrdnsd(server, [service(fqdn, check, [other[left.ip], right.ip])], reconcile_interval_ms=1000)
        time.sleep(8)
    assert set() not in seen, seen
    assert len(seen) > 1


def test_two_agreeing_daemons_do_not_fight(server, publish, rrdnsd, fqdn):
    daemon, webs = publish(server, 2)
    rrdnsd(server, daemon.services)
    with observer(server, fqdn) as seen:
        webs[0].down()
        server.wait_addresses(fqdn, ips(webs[1:]))
        time.sleep(3)
    assert seen == [ips(webs), ips(webs[1:])]


def test_two_servers_one_down(server, make_server, publish, fqdn, rrdnsd):
    second = make_server(server.kind)
    daemon, webs = publish(server, 2, update_resolvers=[second.address, server.address])
    second.wait_addresses(fqdn, ips(webs))
    second.stop()
    webs[0].down()
    server.wait_addresses(fqdn, ips(webs[1:]))
    second.start()
    second.wait_addresses(fqdn, ips(webs[1:]), timeout=25)


@pytest.mark.parametrize("kind", ["bind", "knot", "pdns"])
def test_server_down_and_back(make_server, publish, fqdn, kind):
    server = make_server(kind)
    daemon, webs = publish(server, 2)
    server.stop()
    webs[0].down()
    daemon.wait_log(rf"server {server.address}: .*trying again until it answers")
    # Webhooks and scripts hear of it, too.
    events = Api(daemon).events
    wait_for(lambda: [e for e in events() if e["kind"] == "publish_failed" and e["server"] == server.address], 20, "an event")
    server.start()
    server.wait_addresses(fqdn, ips(webs[1:]), timeout=25)
    daemon.wait_log(r"answers again after")
    webs[0].up()
    server.wait_addresses(fqdn, ips(webs))


def test_verify_resolvers(server, make_server, publish, fqdn):
    other = make_server(server.kind)
    daemon, webs = publish(server, 2, verify_resolvers=[other.address])
    webs[0].down()
    server.wait_addresses(fqdn, ips(webs[1:]))
    time.sleep(0.3)
    other.set(fqdn, ips(webs[1:]))
    daemon.wait_log(rf"{fqdn} A: visible at {other.address} after \d+ ms")


@pytest.mark.parametrize("transport", ["tcp", "udp", "auto"])
def test_transports(server, publish, fqdn, transport):
    daemon, webs = publish(server, 2, update_transport=transport)
    webs[0].down()
    server.wait_addresses(fqdn, ips(webs[1:]))
    webs[0].up()
    server.wait_addresses(fqdn, ips(webs))


def test_sigterm_leaves_dns_as_it_is(server, publish, fqdn):
    daemon, webs = publish(server, 2)
    webs[0].down()
    server.wait_addresses(fqdn, ips(webs[1:]))
    begun = time.monotonic()
    daemon.process.send(signal.SIGTERM)
    assert daemon.process.wait(5) == 0
    assert time.monotonic() - begun < 2.5
    assert server.addresses(fqdn) == ips(webs[1:])
