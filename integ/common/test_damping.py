# SPDX-License-Identifier: ISC
"""Records that would change too soon, or too many at once, are held, and that is told."""

import time

import pytest
from harness.api import TOKEN, Api
from harness.ctl import Ctl
from harness.daemon import service
from harness.process import wait_for

DWELL_MS = 4000


def kinds(api, kind):
    return [event for event in api.events() if event["kind"] == kind]


def test_a_record_stays_for_min_dwell_ms(knot, rrdnsd, endpoints, fqdn):
    first, second = webs = endpoints(2)
    both = {web.ip for web in webs}
    knot.set(fqdn, [web.ip for web in webs], ttl=5)
    one = service(fqdn, f"http://{{}}:{first.port}/", [*both], ttl=5, min_dwell_ms=DWELL_MS)
    daemon = rrdnsd(knot, [one], api_token=TOKEN)
    api = Api(daemon)
    daemon.wait_log(r"undecided -> up", times=2)
    # Whoever starts does not know what changed just before.
    second.down()
    daemon.wait_log(rf"{second.ip}: down and held .*min_dwell_ms")
    assert knot.addresses(fqdn) == both
    assert "min_dwell_ms" in api.endpoint(fqdn, second.ip)["why"]
    assert "min_dwell_ms" in Ctl(daemon).ok("status", fqdn)
    assert f'rrdnsd_service_dwelling{{fqdn="{fqdn}"}} 1' in api.request("GET", "/metrics").body.decode()
    knot.wait_addresses(fqdn, {first.ip})
    removed_at = time.monotonic()
    assert [event["ipaddr"] for event in kinds(api, "hold_on")] == [second.ip]
    second.up()
    daemon.wait_log(rf"{second.ip}: up and held")
    knot.wait_addresses(fqdn, both)
    assert time.monotonic() - removed_at > DWELL_MS / 1000 - 1
    # Nobody is served by waiting where nothing else is up.
    second.down()
    daemon.wait_log(rf"{second.ip}: up -> down", times=2)
    knot.wait_addresses(fqdn, {first.ip})
    second.up()
    daemon.wait_log(rf"{second.ip}: up and held", times=2)
    first.down()
    knot.wait_addresses(fqdn, {second.ip})


def test_an_operator_does_not_wait(knot, rrdnsd, endpoints, fqdn):
    first, second = webs = endpoints(2)
    both = {web.ip for web in webs}
    knot.set(fqdn, [*both], ttl=5)
    one = service(fqdn, f"http://{{}}:{first.port}/", [*both], ttl=5, min_dwell_ms=600000)
    daemon = rrdnsd(knot, [one], api_token=TOKEN)
    daemon.wait_log(r"undecided -> up", times=2)
    ctl = Ctl(daemon)
    for _ in range(2):
        ctl.ok("drain", fqdn, second.ip)
        knot.wait_addresses(fqdn, {first.ip})
        ctl.ok("undrain", fqdn, second.ip)
        knot.wait_addresses(fqdn, both)


def test_a_failover_does_not_wait(knot, rrdnsd, endpoints, fqdn):
    webs = endpoints(2)
    knot.set(fqdn, [webs[0].ip], ttl=5)
    tiers = [{"ipaddr": web.ip, "tier": tier} for tier, web in enumerate(webs)]
    one = service(fqdn, f"http://{{}}:{webs[0].port}/", tiers, ttl=5, min_dwell_ms=600000)
    daemon = rrdnsd(knot, [one], api_token=TOKEN)
    daemon.wait_log(r"undecided -> up", times=2)
    for tier in (1, 0, 1):
        Ctl(daemon).ok("failover", fqdn, str(tier))
        knot.wait_addresses(fqdn, {webs[tier].ip})


@pytest.fixture
def farm(knot, rrdnsd, endpoints, fqdn):
    """Four services at the first web server, and two each at one of the others:
    (daemon, api, names, webs)."""

    def make(**options):
        webs = endpoints(3)
        names = [f"s{i}-{fqdn}" for i in range(4)]
        services = []
        for i, name in enumerate(names):
            addresses = [webs[0].ip, webs[1 + i // 2].ip]
            knot.set(name, addresses, ttl=5)
            services.append(service(name, f"http://{{}}:{webs[0].port}/", addresses, ttl=5))
        daemon = rrdnsd(knot, services, api_token=TOKEN, **options)
        daemon.wait_log(r"undecided -> up", times=8)
        return daemon, Api(daemon), names, webs

    return make


def removed(knot, names):
    return sum(len(knot.addresses(name)) == 1 for name in names)


def test_too_many_removals_hold_everything(farm, knot):
    daemon, api, names, (_, second, third) = farm(max_removals=2, window_ms=600000)
    second.down()
    wait_for(lambda: removed(knot, names) == 2, 10, "those within the limit")
    assert not kinds(api, "hold_on")
    third.down()
    daemon.wait_log(r"all records are held: .* wait, 2 were made .*max_removals is 2")
    wait_for(lambda: api.status()["removals"]["pending"] == 2, 5, "all that wait")
    assert removed(knot, names) == 2
    state = api.status()["removals"]
    assert state["held"] and state["since"] and state["removed"] == 2
    ctl = Ctl(daemon)
    assert "HELD since" in ctl.ok("status")
    text = api.request("GET", "/metrics").body.decode()
    assert "rrdnsd_removals_held 1" in text and "rrdnsd_removals_pending 2" in text
    assert kinds(api, "hold_on")[0]["fqdn"] is None
    # A restart forgets how many there were, and lets no further one pass.
    daemon.kill()
    daemon.start()
    daemon.wait_log(r"all records are held")
    daemon.reload()
    time.sleep(2)
    assert removed(knot, names) == 2
    assert api.status()["removals"]["held"]
    ctl.ok("allow-removals", "on", "--reason", "they are gone")
    wait_for(lambda: removed(knot, names) == 4, 10, "all that waited")
    state = api.status()["removals"]
    assert not state["held"] and state["allowed"]
    daemon.wait_log(r"all records follow the verdicts again \(an operator lets them pass\)")
    ctl.ok("allow-removals", "off")
    assert not api.status()["removals"]["allowed"]


def test_what_makes_room_for_a_standby_counts(knot, rrdnsd, endpoints, fqdn):
    """All primaries fail at once: that is a mass removal, too."""
    primary, standby = endpoints(2)
    names = [f"t{i}-{fqdn}" for i in range(3)]
    services = []
    for name in names:
        knot.set(name, [primary.ip], ttl=5)
        tiers = [{"ipaddr": primary.ip, "tier": 0}, {"ipaddr": standby.ip, "tier": 1}]
        services.append(service(name, f"http://{{}}:{primary.port}/", tiers, ttl=5))
    daemon = rrdnsd(knot, services, api_token=TOKEN, max_removals=1, window_ms=600000)
    daemon.wait_log(r"undecided -> up", times=6)
    primary.down()
    daemon.wait_log("all records are held")
    time.sleep(1)
    waiting = [name for name in names if primary.ip in knot.addresses(name)]
    assert len(waiting) >= 2
    # What an operator fails over does not wait, nor count.
    made = Api(daemon).status()["removals"]["removed"]
    Ctl(daemon).ok("failover", waiting[0], "1")
    knot.wait_addresses(waiting[0], {standby.ip})
    assert Api(daemon).status()["removals"]["removed"] == made
    assert primary.ip in knot.addresses(waiting[1])
    Ctl(daemon).ok("allow-removals", "on")
    for name in names:
        knot.wait_addresses(name, {standby.ip})


def test_a_hold_ends_when_the_window_or_the_failure_does(farm, knot):
    daemon, api, names, (_, second, third) = farm(max_removals=2, window_ms=4000)
    second.down()
    wait_for(lambda: removed(knot, names) == 2, 10, "those within the limit")
    third.down()
    daemon.wait_log(r"all records are held")
    assert removed(knot, names) == 2
    wait_for(lambda: removed(knot, names) == 4, 15, "the rest, a window later")
    assert not api.status()["removals"]["held"]
    assert len(kinds(api, "hold_off")) == 1


def test_a_hold_ends_when_what_failed_is_back(farm, knot):
    daemon, api, names, (_, second, _) = farm(max_removals=1, window_ms=600000)
    second.down()
    daemon.wait_log(r"all records are held")
    # One may have been sent before the other was known; what counts was made.
    wait_for(lambda: removed(knot, names) == api.status()["removals"]["removed"] <= 1, 5, "what was made")
    second.up()
    daemon.wait_log(r"all records follow the verdicts again \(what is to be removed is within")
    wait_for(lambda: removed(knot, names) == 0, 10, "all are back")


def test_a_drain_goes_on_while_all_is_held(farm, knot):
    daemon, _, names, (first, second, third) = farm(max_removals=1, window_ms=600000)
    second.down()
    daemon.wait_log(r"all records are held")
    Ctl(daemon).ok("drain", names[2], third.ip)
    knot.wait_addresses(names[2], {first.ip})
    # A record that somebody else took out is no change of ours.
    knot.set(names[3], [third.ip], ttl=5)
    Ctl(daemon).ok("refresh", names[3])
    knot.wait_addresses(names[3], {first.ip, third.ip})
