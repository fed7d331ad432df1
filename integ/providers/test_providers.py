# SPDX-License-Identifier: ISC
"""What rrdnsd is for, at services that have an API instead of DNS UPDATE."""

import re
import signal
import time

import pytest
from harness.api import Api
from harness.daemon import service
from harness.dnsapi import Handler
from harness.process import free_port, wait_for


def ips(webs):
    return {web.ip for web in webs}


def never_empty(api, fqdn):
    return set() not in api.history.get((fqdn, "A"), [])[1:]


def writes(api):
    return sum(method != "GET" for method, _, _ in list(api.answers))


def test_record_goes_and_comes_back(api, hosted, fqdn):
    daemon, webs = hosted(api, 3)
    # The first one has the lowest id, which is never removed.
    for web in (webs[0], webs[2]):
        web.down()
        api.wait_addresses(fqdn, ips(webs) - {web.ip})
        daemon.wait_log(
            rf"\[updater\] {fqdn} A at {api.name}: .* -> .*-{web.ip} \(down: 1 of 1 nodes \(connection refused\)\)"
        )
        web.up()
        api.wait_addresses(fqdn, ips(webs))
        daemon.wait_log(rf"\[updater\] {fqdn} A at {api.name}: .* -> .*\+{web.ip} \(up: 1 of 1 nodes")
    wait_for(lambda: len(api.of(fqdn)) == 3, what="each address once")
    assert never_empty(api, fqdn)
    assert api.token not in daemon.log()
    # Each step is decided on a list of its own.
    methods = [method for method, path, _ in api.answers if "getroot" not in path]
    assert all(before == "GET" for before, step in zip(methods, methods[1:]) if step != "GET")


def test_first_publication(api, rrdnsd, endpoints, fqdn):
    webs = endpoints(2)
    one = service(fqdn, f"http://{{}}:{webs[0].port}/", ips(webs), ttl=31)
    rrdnsd(None, [one], **api.options())
    api.wait_addresses(fqdn, ips(webs))
    assert {r["ttl"] for r in api.of(fqdn).values()} == {31}


def test_apex(api, rrdnsd, endpoints):
    webs = endpoints(2)
    one = service(api.zone, f"http://{{}}:{webs[0].port}/", ips(webs), zone=api.zone, ttl=30)
    rrdnsd(None, [one], **api.options())
    api.wait_addresses(api.zone, ips(webs))


def test_aaaa(api, rrdnsd, endpoints, fqdn):
    webs = endpoints(1)
    one = service(fqdn, f"http://{{}}:{webs[0].port}/", [webs[0].ip, "::1"], ttl=30, fail_mode="closed")
    api.set(fqdn, ["::1", "2001:db8:0:0:0:0:0:5"])
    rrdnsd(None, [one], **api.options())
    # Nothing listens at ::1; the other one is none of ours.
    api.wait_addresses(fqdn, {"2001:db8:0:0:0:0:0:5"}, "AAAA")
    api.wait_addresses(fqdn, ips(webs))


def test_foreign_records_are_never_touched(api, hosted, fqdn):
    daemon, webs = hosted(api, 2)
    api.set(fqdn, ["192.0.2.77"], ttl=900)
    for web in webs:
        api.put(fqdn, web.ip)
    foreign = {i: dict(r) for i, r in api.of(fqdn).items() if r["addr"] == "192.0.2.77"}
    webs[0].down()
    api.wait_addresses(fqdn, {webs[1].ip, "192.0.2.77"})
    webs[0].up()
    api.wait_addresses(fqdn, ips(webs) | {"192.0.2.77"})
    assert {i: r for i, r in api.of(fqdn).items() if i in foreign} == foreign


def test_a_dead_record_is_given_to_a_live_one(api, rrdnsd, endpoints, fqdn):
    """A standby takes over in one step, without a gap."""
    webs = endpoints(2)
    api.set(fqdn, [webs[0].ip])
    tiers = [webs[0].ip, {"ipaddr": webs[1].ip, "tier": 1}]
    one = service(fqdn, f"http://{{}}:{webs[0].port}/", tiers, ttl=30)
    daemon = rrdnsd(None, [one], **api.options())
    daemon.wait_log("undecided -> up", times=2)
    webs[0].down()
    api.wait_addresses(fqdn, ips(webs[1:]))
    assert api.history[fqdn, "A"] == [{webs[0].ip}, {webs[1].ip}]
    assert api.count("DELETE") == 0


def test_fail_closed_empties(api, hosted, fqdn):
    daemon, webs = hosted(api, 2, service={"fail_mode": "closed"})
    for web in webs:
        web.down()
    api.wait_addresses(fqdn, set())
    webs[0].up()
    api.wait_addresses(fqdn, ips(webs[:1]))


def test_name_is_never_emptied(api, hosted, fqdn):
    daemon, webs = hosted(api, 2)
    for web in webs:
        web.down()
    daemon.wait_log("the whole service is down")
    api.wait_addresses(fqdn, ips(webs))
    assert never_empty(api, fqdn)


def test_drift_is_repaired(api, hosted, fqdn):
    daemon, webs = hosted(api, 2, reconcile_interval_ms=1000)
    daemon.wait_ready()
    api.set(fqdn, [webs[0].ip], ttl=900)
    api.wait_addresses(fqdn, ips(webs))
    daemon.wait_log(rf"\[updater\] {fqdn} A at {api.name}: repaired: .* -> ")
    wait_for(lambda: {r["ttl"] for r in api.of(fqdn).values()} == {30}, 15, "TTLs repaired")


def test_an_address_that_stands_there_twice(api, hosted, fqdn):
    daemon, webs = hosted(api, 2, reconcile_interval_ms=1000)
    first = set(api.of(fqdn))
    api.put(fqdn, webs[0].ip)
    api.put(fqdn, webs[1].ip)
    wait_for(lambda: set(api.of(fqdn)) == first, 15, "each address once, the older record kept")


def test_an_api_that_refuses_to_hold_an_address_twice(api, hosted, fqdn):
    api.refuses_twins = True
    daemon, webs = hosted(api, 3)
    webs[0].down()  # it has the lowest id
    api.wait_addresses(fqdn, ips(webs[1:]))
    daemon.wait_log("refuses a second record with the same address")
    assert never_empty(api, fqdn)


class SlowDoor(Handler):
    """Each request comes over a connection of its own, whose handshake takes its time."""

    def setup(self):
        time.sleep(self.server.api.door_s)
        super().setup()

    def serve(self):
        super().serve()
        self.close_connection = True

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = serve


@pytest.mark.parametrize("what", ["stop", "freeze"])
def test_a_step_that_waits_for_its_connection(make_api, rrdnsd, endpoints, ca, fqdn, what):
    """What comes meanwhile counts: it does not leave."""
    api = make_api("digitalocean", tls=ca.issue("localhost"))
    api.url = api.url.replace("127.0.0.1", "localhost")
    api.http.RequestHandlerClass = SlowDoor
    api.door_s = 0
    webs = endpoints(2)
    api.set(fqdn, ips(webs))
    one = service(fqdn, f"http://{{}}:{webs[0].port}/", ips(webs), ttl=30)
    daemon = rrdnsd(None, [one], env={"SSL_CERT_FILE": ca.cert}, **api.options())
    daemon.wait_log("undecided -> up", times=2)
    wait_for(lambda: api.answers, what="it was read")
    before = len(api.answers)
    api.door_s = 1
    webs[1].down()
    wait_for(lambda: len(api.answers) > before, what="it was read, before the step")
    if what == "stop":
        assert daemon.stop() == 0
    else:
        assert Api(daemon, local=True).request("POST", "/api/v1/freeze", {"on": True}).status == 200
    time.sleep(3)
    assert api.addresses(fqdn) == ips(webs)
    assert writes(api) == 0


def test_a_domain_gets_another_number(make_api, hosted, fqdn):
    """It was removed at Dynu and added again: the names are the same."""
    api = make_api("dynu")
    daemon, webs = hosted(api, 3)
    webs[1].down()
    api.wait_addresses(fqdn, ips([webs[0], webs[2]]))
    api.domain_id += 1
    webs[1].up()
    api.wait_addresses(fqdn, ips(webs))


def test_one_name_that_fails_holds_up_none_of_the_others(api, rrdnsd, endpoints):
    """It is told, and tried by itself."""
    webs = endpoints(2)
    names = ["broken.rrdnsd.test", "fine.rrdnsd.test"]
    for name in names:
        api.set(name, ips(webs))
    broken = "/record/broken" if api.method == "dynu" else "name=broken"
    api.fault_500_of_one = lambda request, url, body: (
        api.fault_500(request, url, body) if broken in request.path else api.answer(request, url, body))  # fmt: skip
    api.spoil("500_of_one", times=None)
    daemon = rrdnsd(
        None, [service(name, f"http://{{}}:{webs[0].port}/", ips(webs), ttl=30) for name in names], **api.options())
    daemon.wait_log(f"warning: {names[0]} A at {api.name}: list: ", timeout=20)
    for change, wanted in ((webs[1].down, webs[:1]), (webs[1].up, webs)):
        change()
        api.wait_addresses(names[1], ips(wanted), timeout=5)
    assert daemon.count("warning: server") <= 1
    api.mend()
    daemon.wait_log(f"{names[0]} A at {api.name}: works again", timeout=20)


def test_an_api_that_says_yes_and_does_nothing(api, hosted, fqdn):
    daemon, webs = hosted(api, 2)
    api.ignores_changes = True
    webs[0].down()
    daemon.wait_log(rf"{fqdn} A at .*: update: answered as done, but nothing changed")
    assert writes(api) < 5
    api.ignores_changes = False
    api.wait_addresses(fqdn, ips(webs[1:]))
    daemon.wait_log(rf"{fqdn} A at .*: works again")


def test_nothing_is_sent_without_a_change(api, hosted, fqdn):
    daemon, webs = hosted(api, 2, reconcile_interval_ms=500)
    daemon.wait_ready()
    reads = api.count("GET")
    wait_for(lambda: api.count("GET") >= reads + 3, what="reconciled three times")
    assert writes(api) == 0


def test_dry_run(api, hosted, fqdn):
    daemon, webs = hosted(api, 2, argv=["--dry-run"])
    webs[0].down()
    daemon.wait_log(rf"\[updater\] {fqdn} A at .*dry run, would change: .*-{webs[0].ip}")
    assert writes(api) == 0


def test_status_names_the_api(api, hosted, fqdn):
    daemon, webs = hosted(api, 2)
    daemon.wait_ready()
    wait_for(lambda: api.count("GET") >= 1)
    daemon.process.send(signal.SIGUSR1)
    daemon.wait_log(rf"\[status\] {fqdn} A at {api.name}: ok: {webs[0].ip}")


def test_sigterm_leaves_it_as_it_is(api, hosted, fqdn):
    daemon, webs = hosted(api, 2)
    webs[0].down()
    api.wait_addresses(fqdn, ips(webs[1:]))
    daemon.process.send(signal.SIGTERM)
    assert daemon.process.wait(5) == 0
    assert api.addresses(fqdn) == ips(webs[1:])


def test_two_services_two_methods(make_api, knot, rrdnsd, endpoints, fqdn):
    webs = endpoints(2)
    apis = [make_api("digitalocean"), make_api("dynu")]
    check = f"http://{{}}:{webs[0].port}/"
    services = []
    for i, api in enumerate(apis):
        name = f"s{i}.{fqdn}"
        api.set(name, ips(webs))
        services.append(service(name, check, ips(webs), zone=api.zone, ttl=30, **api.options()))
    knot.set(fqdn, ips(webs))
    services.append(service(fqdn, check, ips(webs), ttl=30))
    services.append(service(f"none.{fqdn}", check, ips(webs), ttl=30, update_method="none"))
    daemon = rrdnsd(knot, services)
    daemon.wait_log("undecided -> up", times=8)
    webs[0].down()
    knot.wait_addresses(fqdn, ips(webs[1:]))
    for i, api in enumerate(apis):
        api.wait_addresses(f"s{i}.{fqdn}", ips(webs[1:]))


def test_a_change_is_told_with_the_reason_of_its_time(make_api, hosted, fqdn):
    """The endpoint is up again before the list says that its record is gone."""
    api = make_api("digitalocean")
    daemon, webs = hosted(api, 2)
    api.delay = 2.0
    webs[1].down()
    api.wait_addresses(fqdn, ips(webs[:1]))
    webs[1].up()
    daemon.wait_log(rf"{webs[1].ip}: down -> up \(")
    daemon.wait_log(rf"-{webs[1].ip} \(down when it was sent; now up: 1 of 1 nodes")


def test_many_names_few_calls_at_once(api, rrdnsd, endpoints, fqdn):
    webs = endpoints(2)
    api.delay = 0.02
    names = [f"m{i}.{fqdn}" for i in range(30)]
    for name in names:
        api.set(name, ips(webs))
    check = f"http://{{}}:{webs[0].port}/"
    daemon = rrdnsd(None, [service(n, check, ips(webs), zone=api.zone, ttl=30) for n in names], **api.options())
    daemon.wait_log("undecided -> up", times=60)
    webs[0].down()
    for name in names:
        api.wait_addresses(name, ips(webs[1:]), timeout=30)
    assert 1 < api.max_running <= 4


def test_reload_with_another_token(api, hosted, fqdn):
    daemon, webs = hosted(api, 2)
    api.token = "another-token"
    webs[0].down()
    daemon.wait_log(rf"{fqdn} A at {api.name}: list: .*401: .*[Uu]n")
    daemon.options["update_credentials"] = api.token
    daemon.write()
    daemon.reload()
    api.wait_addresses(fqdn, ips(webs[1:]))
    assert "another-token" not in daemon.log()


def test_reloads_while_calls_are_in_flight(api, hosted, fqdn):
    daemon, webs = hosted(api, 4)
    api.delay = 0.2
    for i in range(6):
        web = webs[i % 2]
        web.down() if i < 3 else web.up()
        daemon.options["update_timeout_ms"] = 4000 + i
        daemon.write()
        daemon.reload()
        time.sleep(0.1 * i)
    for web in webs:
        web.up()
    wait_for(lambda: sorted(r["addr"] for r in api.of(fqdn).values()) == sorted(ips(webs)), 30)
    assert never_empty(api, fqdn)


def test_token_from_a_file(api, hosted, fqdn, tmp_path):
    path = tmp_path / "token"
    path.write_text(api.token + "\n")
    path.chmod(0o600)
    daemon, webs = hosted(api, 2, update_credentials=f"file:{path}")
    webs[0].down()
    api.wait_addresses(fqdn, ips(webs[1:]))


# Faults

TRANSIENT = ["close", "500", "429", "used_up", "slow", "done_unsaid"]


@pytest.mark.parametrize("fault", TRANSIENT)
@pytest.mark.parametrize("method", ["GET", None])
def test_transient_faults(api, hosted, fqdn, fault, method):
    daemon, webs = hosted(api, 3)
    daemon.wait_ready()
    api.spoil(fault, 3, method)
    webs[0].down()
    api.wait_addresses(fqdn, ips(webs[1:]), timeout=30)
    wait_for(lambda: not api.faults, 20, "all faults met")
    webs[0].up()
    api.wait_addresses(fqdn, ips(webs), timeout=30)
    wait_for(lambda: len(api.of(fqdn)) == 3, 15, "each address once")
    assert never_empty(api, fqdn)


@pytest.mark.parametrize("fault", ["malformed", "nonsense", "html", "huge", "denied", "redirect"])
def test_lasting_faults(api, hosted, fqdn, fault):
    """Nothing is believed, nothing is written; and it goes on afterwards."""
    daemon, webs = hosted(api, 2)
    daemon.wait_ready()
    before = api.of(fqdn)
    api.spoil(fault, None)
    webs[0].down()
    words = {"huge": "longer than", "denied": "HTTP 422", "redirect": "HTTP 302"}
    daemon.wait_log(rf"{fqdn} A at {api.name}: list: .*{words.get(fault, 'malformed answer')}")
    assert api.of(fqdn) == before
    assert not any("elsewhere" in path for _, path, _ in api.answers)
    api.mend()
    api.wait_addresses(fqdn, ips(webs[1:]), timeout=20)
    daemon.wait_log(rf"{fqdn} A at {api.name}: works again")


def test_retry_after_is_honoured(api, hosted, fqdn):
    daemon, webs = hosted(api, 2)
    daemon.wait_ready()
    wait_for(lambda: api.count("GET") >= 1)
    api.spoil("429", 1)
    webs[0].down()
    daemon.wait_log(rf"server {api.name}: (HTTP|error) 429")
    limited = time.monotonic()
    asked = len(api.answers)
    time.sleep(1.5)  # of the 2 s that it asked for
    if time.monotonic() - limited < 1.8:
        assert len(api.answers) == asked
    api.wait_addresses(fqdn, ips(webs[1:]))


def test_a_day_is_not_waited_for_in_silence(api, hosted, fqdn):
    """An hour is believed, and told where people look."""
    daemon, webs = hosted(api, 2)
    daemon.wait_ready()
    wait_for(lambda: api.count("GET") >= 1)
    api.spoil("429_for_a_day", None)
    webs[0].down()
    words = rf"server {api.name}: .*429.*Come back tomorrow.*; left alone for 3600 s, as it asks"
    daemon.wait_log(words)
    asked = len(api.answers)
    shown = Api(daemon)
    failed = [e["text"] for e in shown.events() if e["kind"] == "publish_failed"]
    assert len(failed) == 1 and re.fullmatch(words, failed[0])
    assert shown.service(fqdn)["servers"][0]["state"] == "failed"
    assert "left alone" in repr(shown.request("GET", "/health"))
    assert len(api.answers) == asked


def test_steps_that_are_carried_out_late(api, hosted, fqdn):
    """What timed out is done when the opposite is wished by now."""
    daemon, webs = hosted(api, 2, update_timeout_ms=500)
    daemon.wait_ready()
    for i in range(4):
        api.spoil("late", 2, "DELETE")
        api.spoil("late", 1, "PATCH")
        api.spoil("late", 1, "POST")
        webs[i % 2].down()
        daemon.wait_log(rf"{webs[i % 2].ip}: up -> down", times=i // 2 + 1)
        webs[i % 2].up()
        daemon.wait_log(rf"{webs[i % 2].ip}: down -> up", times=i // 2 + 1)
    api.mend()
    wait_for(lambda: sorted(r["addr"] for r in api.of(fqdn).values()) == sorted(ips(webs)), 30)
    assert never_empty(api, fqdn)


def test_two_racing_daemons_never_empty_the_name(api, rrdnsd, endpoints, fqdn):
    """Two rrdnsd that know nothing of each other and see opposite worlds."""
    left, right = endpoints(2)
    api.set(fqdn, ips([left, right]))
    api.delay = 0.005
    dead = {w.ip: {"ipaddr": w.ip, "healthcheck": "tcp://{}:1"} for w in (left, right)}
    check = f"http://{{}}:{left.port}/"
    options = dict(api.options(), reconcile_interval_ms=100)
    rrdnsd(None, [service(fqdn, check, [left.ip, dead[right.ip]], ttl=30)], **options)
    rrdnsd(None, [service(fqdn, check, [dead[left.ip], right.ip], ttl=30)], **options)
    wait_for(lambda: len(api.history[fqdn, "A"]) > 8, 40, "a fight")
    assert never_empty(api, fqdn)


def test_two_agreeing_daemons_do_not_fight(api, hosted, rrdnsd, fqdn):
    daemon, webs = hosted(api, 2)
    other = rrdnsd(None, daemon.services, **api.options())
    other.wait_log(r"undecided -> up", times=2)
    webs[0].down()
    for each in (daemon, other):
        each.wait_log(rf"{webs[0].ip}: up -> down")
    wait_for(lambda: [r["addr"] for r in api.of(fqdn).values()] == [webs[1].ip], 15)
    webs[0].up()
    for each in (daemon, other):
        each.wait_log(rf"{webs[0].ip}: down -> up")
    wait_for(lambda: sorted(r["addr"] for r in api.of(fqdn).values()) == sorted(ips(webs)), 15)
    assert never_empty(api, fqdn)


def cluster(api, rrdnsd, fqdn, webs, **options):
    nodes = [f"127.0.0.1:{free_port()}" for _ in range(3)]
    one = service(fqdn, f"http://{{}}:{webs[0].port}/", ips(webs), ttl=30)
    daemons = [
        rrdnsd(
            None, [one], local_node=node, nodes=nodes, nodes_secret="a secret for three nodes, long enough",
            heartbeat_ms=200, **api.options(**options),
        )
        for node in nodes
    ]  # fmt: skip
    for daemon in daemons:
        daemon.wait_log(rf"{fqdn} .*undecided -> up", times=len(webs))
    return daemons


def test_one_node_writes_for_all(api, rrdnsd, endpoints, fqdn):
    """The writer by rank acts; when it is dead, the next one does."""
    webs = endpoints(2)
    api.set(fqdn, ips(webs))
    daemons = cluster(api, rrdnsd, fqdn, webs, takeover_ms=1000)

    def writers():
        change = rf"\[updater\] {fqdn} A at {api.name}: .* -> "
        return [d for d in daemons if d.process.alive() and d.count(change)]

    webs[0].down()
    api.wait_addresses(fqdn, ips(webs[1:]))
    first = wait_for(writers, what="a writer")
    time.sleep(2.5)  # the others would have taken over by now
    assert writers() == first and len(first) == 1
    first[0].kill()
    for daemon in daemons:
        if daemon is not first[0]:
            daemon.wait_log(r"is lost: its votes no longer count")
    webs[0].up()
    api.wait_addresses(fqdn, ips(webs), timeout=20)
    assert never_empty(api, fqdn)


def test_a_writer_of_many_steps_is_left_alone(api, rrdnsd, endpoints, fqdn):
    """It takes longer than takeover_ms, but it is seen to go on."""
    webs = endpoints(8)
    api.delay = 0.4
    cluster(api, rrdnsd, fqdn, webs, takeover_ms=3000)
    api.wait_addresses(fqdn, ips(webs), timeout=30)
    assert 8 <= api.count("POST") <= 9


# DigitalOcean


def test_one_record_a_page(make_api, hosted, fqdn):
    api = make_api("digitalocean")
    api.per_page = 1
    daemon, webs = hosted(api, 4)
    webs[0].down()
    api.wait_addresses(fqdn, ips(webs[1:]))
    webs[0].up()
    api.wait_addresses(fqdn, ips(webs))
    assert writes(api) <= 4


@pytest.mark.parametrize("link", ["http://127.0.0.1:1/?page=2", "https://evil.example/x?a=1&page=2"])
def test_links_lead_nowhere_else(make_api, hosted, fqdn, link):
    """Only the number of the next page is taken from a link."""
    api = make_api("digitalocean")
    api.per_page = 1
    api.next_link = lambda page: re.sub(r"page=\d+", f"page={page}", link)
    daemon, webs = hosted(api, 3)
    webs[0].down()
    api.wait_addresses(fqdn, ips(webs[1:]))


@pytest.mark.parametrize("link", ["", "x", "?page=1", "?page=0", "?page=99999999999999999999", "?xpage=2"])
def test_links_that_lead_in_circles(make_api, hosted, fqdn, link):
    api = make_api("digitalocean")
    api.per_page = 1
    api.next_link = lambda page: link
    daemon, webs = hosted(api, 2)
    daemon.wait_log(rf"{fqdn} A at {api.name}: list: a malformed answer")
    assert writes(api) == 0


# Dynu


@pytest.mark.parametrize("fault", ["exception", "top_level"])
def test_dynu_errors_under_status_200(make_api, hosted, fqdn, fault):
    api = make_api("dynu")
    daemon, webs = hosted(api, 3)
    daemon.wait_ready()
    api.spoil(fault, 2)
    webs[1].down()
    daemon.wait_log(r"error 50[12]: (Argument Exception: Invalid|Server Error: Try again)")
    api.wait_addresses(fqdn, ips(webs) - {webs[1].ip}, timeout=20)


def test_dynu_addresses_in_the_content_alone(make_api, hosted, fqdn):
    api = make_api("dynu")
    api.content_only = True
    daemon, webs = hosted(api, 2)
    webs[0].down()
    api.wait_addresses(fqdn, ips(webs[1:]))


def test_dynu_zone_that_is_another(make_api, rrdnsd, endpoints):
    api = make_api("dynu", zone="sub.rrdnsd.test")
    webs = endpoints(1)
    one = service("a.sub.rrdnsd.test", f"http://{{}}:{webs[0].port}/", ips(webs), zone="rrdnsd.test", ttl=30)
    daemon = rrdnsd(None, [one], **api.options())
    daemon.wait_log(r"list: the name belongs to the domain sub.rrdnsd.test there; that is what zone must be")
    assert writes(api) == 0


# TLS


def test_tls_is_verified(make_api, hosted, fqdn, ca):
    api = make_api("digitalocean", tls=ca.issue("localhost"))
    api.name = f"localhost:{api.port}"
    api.url = f"https://{api.name}"
    daemon, webs = hosted(api, 2)
    daemon.wait_log(rf"server {api.name}: no answer: .*certificate")
    assert not api.answers
    daemon.stop()
    daemon.env = {"SSL_CERT_FILE": ca.cert}
    daemon.start()
    webs[0].down()
    api.wait_addresses(fqdn, ips(webs[1:]))


def test_a_certificate_for_another_name(make_api, hosted, fqdn, ca):
    api = make_api("digitalocean", tls=ca.issue("another.test"))
    daemon, webs = hosted(api, 2, env={"SSL_CERT_FILE": ca.cert})
    daemon.wait_log(rf"server {api.name}: no answer: ")
    assert not api.answers
