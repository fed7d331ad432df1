# SPDX-License-Identifier: ISC
"""A standby tier takes over and hands back: at once, after a while, or when it is told to."""

import time

import pytest
from harness.api import TOKEN, Api
from harness.ctl import Ctl
from harness.daemon import service
from harness.process import wait_for


@pytest.fixture
def standby(knot, rrdnsd, endpoints, fqdn):
    """One primary, one standby: (daemon, api, primary, standby)."""

    def make(**options):
        webs = endpoints(2)
        addresses = [{"ipaddr": web.ip, "tier": tier} for tier, web in enumerate(webs)]
        knot.set(fqdn, [webs[0].ip], ttl=5)
        one = service(fqdn, f"http://{{}}:{webs[0].port}/", addresses, ttl=5, **options)
        daemon = rrdnsd(knot, [one], api_token=TOKEN)
        daemon.wait_log(r"undecided -> up", times=2)
        return daemon, Api(daemon), *webs

    return make


def kinds(api):
    return [event["kind"] for event in api.events()]


def test_manual_failback_survives_a_restart(standby, knot, fqdn):
    daemon, api, first, second = standby(failback="manual")
    first.down()
    knot.wait_addresses(fqdn, {second.ip})
    daemon.wait_log(rf"{fqdn} A: failed over from tier 0 to tier 1 .*rrdnsctl failover {fqdn} 0")
    first.up()
    daemon.wait_log(rf"{fqdn} {first.ip}: down -> up")
    time.sleep(1)
    assert knot.addresses(fqdn) == {second.ip}
    assert "standby" in api.endpoint(fqdn, first.ip)["why"]
    tier = api.service(fqdn)["tiers"][0]
    assert tier["in_charge"] == 1 and tier["first"] == 0 and tier["failback"] == "manual"
    assert f"rrdnsctl failover {fqdn} 0" in tier["text"] and tier["since"]
    serial = knot.serial()
    daemon.kill()
    daemon.start()
    daemon.wait_log(r"undecided -> up", times=2)
    time.sleep(2)
    assert knot.serial() == serial and knot.addresses(fqdn) == {second.ip}
    ctl = Ctl(daemon)
    assert "failback is manual" in ctl.ok("status", fqdn)
    ctl.ok("failover", fqdn, "0")
    knot.wait_addresses(fqdn, {first.ip})
    daemon.wait_log(r"failed back from tier 1 to tier 0")
    assert api.service(fqdn)["failover_tier"] is None
    assert kinds(api).count("failback") == 1
    # Nothing was pinned: the next time is as the first.
    first.down()
    knot.wait_addresses(fqdn, {second.ip})
    first.up()
    daemon.wait_log(rf"{fqdn} {first.ip}: down -> up")
    api.post(f"/api/v1/services/{fqdn}/intent", {"intent": "auto"})
    knot.wait_addresses(fqdn, {first.ip})


def test_a_dead_standby_hands_back_though_failback_is_manual(standby, knot, fqdn):
    daemon, _, first, second = standby(failback="manual")
    first.down()
    knot.wait_addresses(fqdn, {second.ip})
    first.up()
    daemon.wait_log(rf"{fqdn} {first.ip}: down -> up")
    second.down()
    knot.wait_addresses(fqdn, {first.ip})


def test_failback_waits_for_a_steady_primary(standby, knot, fqdn):
    daemon, api, first, second = standby(failback_delay_ms=3000)
    first.down()
    knot.wait_addresses(fqdn, {second.ip})
    for times in (1, 2):
        first.up()
        daemon.wait_log(rf"{fqdn} {first.ip}: down -> up", times=times)
        up_at = time.monotonic()
        wait_for(lambda: api.service(fqdn)["tiers"][0]["returns_at"], 2, "a time of return")
        if times == 1:  # it flaps
            first.down()
            daemon.wait_log(rf"{fqdn} {first.ip}: up -> down", times=2)
            assert knot.addresses(fqdn) == {second.ip}
            wait_for(lambda: api.service(fqdn)["tiers"][0]["returns_at"] is None, 2, "no time of return")
    knot.wait_addresses(fqdn, {first.ip})
    assert time.monotonic() - up_at > 2.5
